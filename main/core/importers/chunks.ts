import * as v from "valibot";
import { toProblem } from "../base/result.ts";
import { startsWith, textOf } from "../bytes/ascii.ts";
import { memorySource } from "../bytes/source.ts";
import { ProfileBuilder } from "../model/builder.ts";
import { addProfile, type Levels } from "../model/merge.ts";
import type { ObjectStates } from "../model/object-states.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { chunkHeadSchema, chunksMagic, chunksStartSchema } from "./shared/chunks-format.ts";

/**
 * What the workbench keeps of a profiler that gives its samples piece by piece (see shared/chunks-format.ts): each piece
 * is read by the importer of its own format and added to the whole, on the recording's clock.
 */
export const chunks: StreamImporter = {
  id: "chunks",
  title: "Recording in pieces",
  extensions: ["chunks"],
  order: 21,
  kind: "stream",
  sniff: (head) => startsWith(head, 0, head.length, chunksMagic),
  open: (out, context) => new ChunksParser(out, context),
};

type Head = v.InferOutput<typeof chunkHeadSchema>;
/** A line of JSON is a few hundred bytes: more is damage. */
const MAX_LINE_BYTES = 1 << 16;
const NEWLINE = 10;

class ChunksParser implements StreamParser {
  readonly #out: ProfileBuilder;
  readonly #context: ImportContext;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #started = false;
  #startedAtMs = -1;
  #head: Head | null = null;
  /** Nothing that follows can be told apart any more. */
  #lost = false;
  #unread = 0;
  /** Pieces are read in their order, also where an importer needs to seek. */
  #reading: Promise<void> = Promise.resolve();
  /** States that pieces told of, by the name of their series. */
  readonly #levels = new Map<string, Levels>();
  readonly #states: ObjectStates = new Map();

  constructor(out: ProfileBuilder, context: ImportContext) {
    this.#out = out;
    this.#context = { ...context, periods: new Map(), told: new Set() };
    out.meta({ format: chunks.id });
  }

  push(chunk: Uint8Array): void {
    if (this.#lost || chunk.length === 0) return;
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    for (;;) {
      if (this.#head !== null) {
        if (this.#waitingBytes < this.#head.bytes) return;
        const head = this.#head;
        this.#head = null;
        const bytes = this.#take(head.bytes);
        this.#reading = this.#reading.then(() => this.#piece(head, bytes));
        continue;
      }
      const end = this.#lineEnd();
      if (end === -1) {
        if (this.#waitingBytes > MAX_LINE_BYTES) this.#loseTrack();
        return;
      }
      const line = this.#take(end + 1);
      this.#line(textOf(line, 0, end));
      if (this.#lost) return;
    }
  }

  end(): void {
    if (this.#waitingBytes > 0 || this.#head !== null)
      this.#out.note("The recording ends in the middle of a piece, which was left out.");
    this.#reading = this.#reading.then(() => {
      if (this.#unread > 0)
        this.#out.note(
          `${this.#unread} ${this.#unread === 1 ? "piece" : "pieces"} of the recording could not be read.`,
        );
    });
  }

  settled(): Promise<void> {
    return this.#reading;
  }

  #lineEnd(): number {
    let before = 0;
    for (const part of this.#waiting) {
      const found = part.indexOf(NEWLINE);
      if (found !== -1) return before + found;
      before += part.length;
    }
    return -1;
  }

  /** The first so many of the bytes that wait. */
  #take(count: number): Uint8Array {
    const taken = new Uint8Array(count);
    let filled = 0;
    while (filled < count) {
      const [first] = this.#waiting;
      if (first === undefined) break;
      const part = first.subarray(0, count - filled);
      taken.set(part, filled);
      filled += part.length;
      if (part.length === first.length) this.#waiting.shift();
      else this.#waiting[0] = first.subarray(part.length);
    }
    this.#waitingBytes -= filled;
    return taken;
  }

  #line(text: string): void {
    if (!this.#started) {
      const start = v.safeParse(chunksStartSchema, jsonOf(text.slice(chunksMagic.length)));
      if (!start.success) {
        this.#loseTrack();
        return;
      }
      this.#started = true;
      const { version, startedAtMs, tool } = start.output;
      this.#startedAtMs = startedAtMs;
      if (startedAtMs > 0) this.#out.meta({ startedAtMs });
      if (tool !== "") this.#out.meta({ tool });
      if (version !== 1) this.#out.note(`The recording was written by another version (format ${version}).`);
      return;
    }
    const head = v.safeParse(chunkHeadSchema, jsonOf(text));
    if (!head.success || head.output.bytes > this.#context.limits.maxBytes) this.#loseTrack();
    else this.#head = head.output;
  }

  #loseTrack(): void {
    this.#lost = true;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#out.note("The recording is damaged: what follows could not be told apart and was left out.");
  }

  async #piece(head: Head, bytes: Uint8Array): Promise<void> {
    const importer = this.#context.services?.importer?.(head.importer) ?? null;
    if (importer === null || importer.kind === "load") {
      this.#out.note(`Pieces in the format ${JSON.stringify(head.importer)} cannot be read here.`);
      this.#unread++;
      return;
    }
    const part = new ProfileBuilder();
    try {
      if (importer.kind === "seek") await importer.parse(memorySource(bytes), part, this.#context);
      else {
        const parser = importer.open(part, this.#context);
        parser.push(bytes);
        parser.end();
        await parser.settled?.();
      }
    } catch (error) {
      // One bad piece is no reason to lose the others.
      this.#out.note(`A piece of the recording could not be read: ${toProblem(error).message}`);
      this.#unread++;
      return;
    }
    const profile = part.snapshot();
    const { meta } = profile;
    // The wall clock says it best; what counts from its own beginning began with the piece.
    const offsetNs =
      meta.startedAtMs > 0 && this.#startedAtMs > 0 && profile.series.some(({ time }) => time !== null)
        ? (meta.startedAtMs - this.#startedAtMs) * 1e6
        : head.startNs;
    const objects = { series: head.states, states: this.#states };
    const place = { offsetNs, startNs: head.startNs, endNs: head.endNs, objects };
    if (head.levels === "") addProfile(this.#out, profile, place);
    else {
      const levels = this.#levels.get(head.levels) ?? { name: head.levels, states: new Map(), values: [] };
      this.#levels.set(head.levels, levels);
      addProfile(this.#out, profile, { ...place, offsetNs: head.endNs, levels });
    }
    if (meta.lostSamples > 0) this.#out.meta({ lostSamples: this.#out.lostSamples + meta.lostSamples });
    if (meta.toolVersion !== "") this.#out.meta({ toolVersion: meta.toolVersion });
    for (const note of meta.notes) this.#out.note(note);
    if (head.levels === "" && profile.series.some(({ time }) => time === null))
      this.#out.note(
        "Samples have no times of their own: each is shown at some moment of the piece it came in.",
      );
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
