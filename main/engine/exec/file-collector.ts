import { createReadStream } from "node:fs";
import { lstat, readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { execa } from "execa";
import { chunkHead } from "#core/importers/shared/chunks-format.ts";
import { filePath, type OutputFiles } from "#core/profilers/shared/files-source.ts";
import type { SourceEvents } from "./source-run.ts";

/** A file that has not been written to for so long is complete, while its program still runs. */
const quietMs = 300;
/** What is made of a file by a program, and a V8 profile, are held in memory. */
const wholeFileLimitBytes = 256 << 20;
const throughTimeoutMs = 120_000;

export interface FileCollector {
  /** Files that nobody writes any more, each once. */
  settled(): AsyncIterable<Uint8Array>;
  /** All that are there: their program has ended. */
  all(): AsyncIterable<Uint8Array>;
  /** How many files gave something. */
  readonly taken: number;
}

export function createFileCollector(
  outputs: readonly OutputFiles[],
  folder: string,
  events: SourceEvents,
  startedAtMs = Date.now(),
): FileCollector {
  const seen = new Set<string>();
  let taken = 0;

  async function* take(complete: (ageMs: number, output: OutputFiles) => boolean): AsyncIterable<Uint8Array> {
    // One moment for all: looked at later, a younger file would come before the one that was passed over.
    const nowMs = Date.now();
    for (const name of inOrder(await readdir(folder))) {
      const output = outputs.find((each) => matches(each.name, name));
      if (output === undefined || seen.has(name)) continue;
      const path = join(folder, name);
      // The program made it: a link could lead anywhere.
      const { size, mtimeMs, isRegular } = await statusOf(path);
      if (!isRegular || size === 0 || !complete(nowMs - mtimeMs, output)) continue;
      seen.add(name);
      let bytes = 0;
      for await (const chunk of contentOf(output, path, size, mtimeMs)) {
        bytes += chunk.length;
        yield chunk;
      }
      if (bytes > 0) taken++;
    }
  }

  async function* contentOf(
    output: OutputFiles,
    path: string,
    size: number,
    mtimeMs: number,
  ): AsyncIterable<Uint8Array> {
    const { frame, through } = output;
    if (frame.kind === "text" && through === null) {
      yield* createReadStream(path) as AsyncIterable<Uint8Array>;
    } else if (size > wholeFileLimitBytes) {
      events.remark(
        `${basename(path)} is larger than ${wholeFileLimitBytes >> 20} MiB: it was left out. Record a shorter run.`,
      );
      return;
    } else if (through !== null) {
      const made = await madeOf(through, path);
      if (made.length === 0) return;
      if (frame.kind === "chunk") yield pieceHead(frame, mtimeMs, made.length);
      yield made;
    } else if (frame.kind === "chunk") {
      const bytes = await readFile(path);
      yield pieceHead(frame, mtimeMs, bytes.length);
      yield bytes;
    } else if (frame.kind === "v8") {
      yield* v8Lines(basename(path), await readFile(path), frame.program, frame.tool);
    }
    if (frame.kind === "text" && frame.end !== "") yield Buffer.from(frame.end);
  }

  let pieces = 0;
  const pieceHead = (
    { importer, levels, fromStart }: Extract<OutputFiles["frame"], { kind: "chunk" }>,
    mtimeMs: number,
    bytes: number,
  ): Uint8Array => {
    const endNs = Math.max(0, mtimeMs - startedAtMs) * 1e6;
    const startNs = fromStart === true ? 0 : endNs;
    return chunkHead({ importer, index: pieces++, startNs, endNs, bytes, levels });
  };

  const madeOf = async (through: readonly string[], path: string): Promise<Uint8Array> => {
    const [program = "", ...args] = through.map((word) => (word === filePath ? path : word));
    const ran = await execa(program, args, {
      reject: false,
      stdin: "ignore",
      timeout: throughTimeoutMs,
      maxBuffer: wholeFileLimitBytes,
      encoding: "buffer",
      stripFinalNewline: false,
      env: { LC_ALL: "C" },
    });
    for (const line of Buffer.from(ran.stderr).toString("utf8").split("\n"))
      if (line.trim() !== "") events.stderr(line);
    return ran.exitCode === 0 ? ran.stdout : new Uint8Array(0);
  };

  return {
    settled: () => take((ageMs, { atEnd }) => atEnd !== true && ageMs > quietMs),
    all: () => take(() => true),
    get taken() {
      return taken;
    },
  };
}

/** As they were written, where their names are numbered: "part.2" before "part.10". */
const inOrder = (names: readonly string[]): readonly string[] =>
  [...names].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));

/** Whether the name is the pattern's, in which `*` stands for anything. */
export function matches(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const [index, part] of rest.entries()) {
    const last = index === rest.length - 1;
    const found = last ? name.length - part.length : name.indexOf(part, at);
    if (found < at || !name.startsWith(part, found)) return false;
    at = found + part.length;
  }
  return at === name.length;
}

async function statusOf(
  path: string,
): Promise<{ readonly size: number; readonly mtimeMs: number; readonly isRegular: boolean }> {
  try {
    const status = await lstat(path);
    return { size: status.size, mtimeMs: status.mtimeMs, isRegular: status.isFile() };
  } catch {
    // Renamed or removed since it was listed.
    return { size: 0, mtimeMs: 0, isRegular: false };
  }
}

const newline = 10;
const blank = 32;

/**
 * A profile that Node wrote as CPU.YYYYMMDD.HHMMSS.PID.THREAD.SEQUENCE.cpuprofile, as lines of the format "v8-chunks".
 * Thread 0 is the main one. The bytes stay as they are: parsing them is the importer's work.
 */
export function* v8Lines(
  name: string,
  profile: Uint8Array,
  program: string,
  tool: string,
): Iterable<Uint8Array> {
  const [, pid, thread] = /^CPU\.\d+\.\d+\.(\d+)\.(\d+)\.\d+\.cpuprofile$/.exec(name) ?? [];
  const bytes = Buffer.from(profile.buffer, profile.byteOffset, profile.byteLength);
  const fromUs = numberAfter(bytes, '"startTime":');
  const toUs = numberAfter(bytes, '"endTime":');
  if (pid === undefined || Number.isNaN(fromUs) || Number.isNaN(toUs)) return;
  // White space outside of texts only: a newline would end the importer's line.
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at)) bytes[at] = blank;
  const threadId = Number(thread) === 0 ? Number(pid) : Number(thread);
  const threadName = Number(thread) === 0 ? "main" : `worker ${thread}`;
  const head = { type: "flamewright-v8-chunks", version: 1, pid: Number(pid), name: program, tool };
  const chunk = JSON.stringify({ type: "chunk", threadId, threadName, fromUs, toUs: toUs + 1 });
  yield Buffer.from(`${JSON.stringify(head)}\n${chunk.slice(0, -1)},"profile":`);
  yield bytes;
  yield Buffer.from("}\n");
}

/** Within a text the quotes are escaped, so the first place where the key stands is the key. */
function numberAfter(bytes: Buffer, key: string): number {
  const at = bytes.indexOf(key);
  if (at === -1) return Number.NaN;
  return Number.parseInt(bytes.toString("latin1", at + key.length, at + key.length + 24), 10);
}
