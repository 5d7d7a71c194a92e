import { SaxesParser } from "saxes";
import { textOf } from "../bytes/ascii.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { lockError } from "./shared/held-locks.ts";
import { errorSeries, leakSeries } from "./shared/memory-errors.ts";
import { stackInwards, valgrindFrame } from "./shared/valgrind-frames.ts";

/**
 * XML of memcheck, helgrind and drd (`--xml=yes`): leak records with bytes and blocks, every other error with each of its
 * stacks. https://sourceware.org/git/?p=valgrind.git;a=blob;f=docs/internals/xml-output-protocol4.txt
 */
export const valgrindXml: StreamImporter = {
  id: "valgrind-xml",
  title: "valgrind memcheck, helgrind, drd (XML)",
  extensions: ["xml"],
  order: 169,
  kind: "stream",
  sniff: (head) => /^\ufeff?\s*(<\?xml[^>]*\?>\s*)?<valgrindoutput>/.test(textOf(head.subarray(0, 4096))),
  open: (out, context) => createParser(out, context),
};

interface Stack {
  /** What the stack is of: "" for the error itself. */
  readonly about: string;
  readonly frames: number[];
}

function createParser(out: ProfileBuilder, { limits }: ImportContext): StreamParser {
  const parser = new SaxesParser();
  const decoder = new TextDecoder();
  const open: string[] = [];
  let text = "";
  let error = new Map<string, string>();
  let stacks: Stack[] = [];
  let frame = new Map<string, string>();
  let about = "";
  let inError = false;
  let process = NONE;
  const args: string[] = [];
  const counts = new Map<string, number>();
  let pair = { count: 0, unique: "" };
  const records: { readonly unique: string; add(count: number): void }[] = [];
  let fault: string | null = null;

  const addFrame = (): void => {
    const stack = stacks.at(-1);
    if (!stack || stack.frames.length >= limits.maxStackDepth) return;
    const folder = frame.get("dir") ?? "";
    const file = frame.get("file") ?? "";
    stack.frames.push(
      valgrindFrame(out, {
        address: frame.get("ip") ?? "",
        name: frame.get("fn") ?? frame.get("ip") ?? "???",
        binary: frame.get("obj") ?? "",
        file: folder !== "" && file !== "" ? `${folder}/${file}` : file,
        line: Number(frame.get("line") ?? NONE),
      }),
    );
  };

  const labelsOf = (part: string): number => {
    const facts: [string, string][] = [
      ["kind", error.get("kind") ?? ""],
      ["what", error.get("text") ?? error.get("what") ?? ""],
      ["part", part],
    ];
    return out.labelSet(
      facts
        .filter(([, value]) => value !== "")
        .map(([key, value]) => ({ key: out.string(key), text: out.string(value) })),
    );
  };

  const threadOf = (): number => {
    const tid = Number(error.get("tid") ?? Number.NaN);
    return Number.isInteger(tid) ? out.thread(process === NONE ? out.process(NONE) : process, tid) : NONE;
  };

  const closeError = (): void => {
    const bytes = error.get("leakedbytes");
    const [first, ...others] = stacks;
    const stack = stackInwards(out, first?.frames ?? [], limits.maxStackDepth);
    if (bytes !== undefined) {
      const series = leakSeries(out, "blocks");
      series.addValues(
        0,
        threadOf(),
        stack,
        [Number(bytes), Number(error.get("leakedblocks") ?? 0)],
        labelsOf(""),
      );
      return;
    }
    const ofLocks = lockError(out, {
      kind: error.get("kind") ?? "",
      what: error.get("text") ?? error.get("what") ?? "",
      thread: threadOf(),
      stacks: [stack, ...others.map(({ frames }) => stackInwards(out, frames, limits.maxStackDepth))],
    });
    if (ofLocks !== null) records.push({ unique: error.get("unique") ?? "", add: ofLocks });
    const series = errorSeries(out);
    // How often an error came up is said at the end of the file.
    const thread = threadOf();
    const labels = labelsOf(first?.about ?? "");
    const otherStacks = others.map((other) => ({
      stack: stackInwards(out, other.frames, limits.maxStackDepth),
      labels: labelsOf(other.about || "other stack"),
    }));
    records.push({
      unique: error.get("unique") ?? "",
      add: (count) => {
        series.addValues(0, thread, stack, [count, 1], labels);
        for (const other of otherStacks) series.addValues(0, thread, other.stack, [0, 1], other.labels);
      },
    });
  };

  parser.on("opentag", ({ name }) => {
    open.push(name);
    text = "";
    if (name === "error") {
      inError = true;
      error = new Map();
      stacks = [];
      about = "";
    } else if (name === "stack" && inError) {
      stacks.push({ about, frames: [] });
      about = "";
    } else if (name === "frame") frame = new Map();
    else if (name === "pair") pair = { count: 0, unique: "" };
  });
  parser.on("text", (piece) => {
    if (text.length < MAX_TEXT) text += piece;
  });
  parser.on("closetag", ({ name }) => {
    open.pop();
    const parent = open.at(-1);
    const said = text.trim();
    text = "";
    if (name === "frame" && inError) addFrame();
    else if (parent === "frame") frame.set(name, said);
    else if (name === "error") {
      closeError();
      inError = false;
    } else if (name === "auxwhat" || (parent === "xauxwhat" && name === "text")) about = said;
    else if (inError && (parent === "error" || parent === "xwhat")) error.set(name, said);
    else if (parent === "pair")
      pair = name === "count" ? { ...pair, count: Number(said) } : { ...pair, unique: said };
    else if (name === "pair" && pair.unique !== "") counts.set(pair.unique, pair.count);
    else if (name === "tool" && parent === "valgrindoutput") out.meta({ tool: `valgrind ${said}` });
    else if ((name === "exe" || name === "arg") && (parent === "vargv" || parent === "argv")) args.push(said);
    else if (name === "line" && parent === "preamble") {
      const version = /Valgrind-([\d.]+)/.exec(said);
      if (version?.[1]) out.meta({ toolVersion: version[1] });
    } else if (name === "pid" && parent === "valgrindoutput") process = out.process(Number(said));
  });
  parser.on("error", (problem) => {
    fault ??= problem.message;
  });
  out.meta({ format: valgrindXml.id, tool: "valgrind" });
  return {
    push: (chunk) => {
      if (fault === null) parser.write(decoder.decode(chunk, { stream: true }));
    },
    end: () => {
      if (fault === null) parser.close();
      if (fault !== null) out.note(`The file is damaged; what comes before the damage was read: ${fault}.`);
      out.meta({ command: args.join(" ") });
      for (const { unique, add } of records) add(counts.get(unique) ?? 1);
    },
  };
}

/** Texts are names and sentences; more is damage. */
const MAX_TEXT = 1 << 20;
