import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder, type SeriesBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { looksLikeAustin } from "./shared/austin-sniff.ts";

/**
 * Samples of austin, a Python profiler: a line each with process, thread, frames from the root and what was measured.
 * https://github.com/P403n1x87/austin/wiki/The-Austin-Format
 *
 *     # mode: wall
 *     P4711;T0:4712;/srv/demo/hot.py:main:22;/srv/demo/hot.py:hot_a:9 10094
 *     Thread 55d8d122b7a0;main (/srv/demo/hot.py);L22;hot_a (/srv/demo/hot.py);L9 10094
 */
export const austin: StreamImporter = {
  id: "austin",
  title: "austin",
  extensions: ["austin", "txt"],
  order: 260,
  kind: "stream",
  sniff: looksLikeAustin,
  open: (out, context) => createParser(out, context),
};

interface Place {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** A frame and, in the oldest form, the component after it that has its line. */
function placeOf(text: string, next: string | undefined): Place & { readonly parts: number } {
  const separate = /^L(\d+)$/.exec(next ?? "");
  const bracketed = /^(.*) \(([^()]*?)(?::(\d+))?\)$/.exec(text);
  if (bracketed)
    return {
      name: bracketed[1] ?? "",
      file: bracketed[2] ?? "",
      line: Number(bracketed[3] ?? separate?.[1] ?? NONE),
      parts: separate && bracketed[3] === undefined ? 2 : 1,
    };
  const coloned = /^(.*):([^:]*):(\d+)$/.exec(text);
  if (coloned) return { name: coloned[2] ?? "", file: coloned[1] ?? "", line: Number(coloned[3]), parts: 1 };
  return { name: text, file: "", line: NONE, parts: 1 };
}

function createParser(out: ProfileBuilder, { limits }: ImportContext): StreamParser {
  const modes = new Map<string, string>();
  const frames = new Map<string, number>();
  const addresses = new Map<string, number>();
  let series: SeriesBuilder | null = null;
  let unread = 0;
  let cut = 0;

  const seriesOf = (isFull: boolean): SeriesBuilder => {
    const mode = modes.get("mode") ?? "wall";
    if (mode === "memory")
      return out.series({
        id: "memory",
        kind: "alloc",
        timed: false,
        values: [{ name: "memory", unit: "bytes" }],
      });
    const time = { name: "time", unit: "nanoseconds" };
    const values = isFull
      ? [time, { name: "idle", unit: "samples" }, { name: "memory", unit: "bytes" }]
      : [time, { name: "samples", unit: "samples", counted: true }];
    return out.series({ id: mode, kind: mode === "cpu" ? "cpu" : "wall", timed: false, values });
  };

  const frameOf = (text: string, place: Place): number => {
    const known = frames.get(text);
    if (known !== undefined) return known;
    const isMark = /^:[A-Z ]+:$/.test(text);
    const { file, line } = place;
    const frame = out.frame({
      function: out.function({
        name: out.string(isMark ? text : place.name || text),
        kind: isMark ? "gc" : "python",
        ...(file !== "" && { file: out.string(file) }),
      }),
      line,
    });
    frames.set(text, frame);
    return frame;
  };

  const ordinalOf = (address: string): number => {
    const ordinal = addresses.get(address) ?? addresses.size + 1;
    addresses.set(address, ordinal);
    return ordinal;
  };

  const threadOf = (parts: readonly string[]): { readonly thread: number; readonly used: number } => {
    const process = /^(?:P|Process )(\d+)$/.exec(parts[0] ?? "");
    const used = process ? 1 : 0;
    const thread = /^(?:T|Thread )(?:(\d+):)?((?:0x)?[0-9a-f]+)$/.exec(parts[used] ?? "");
    if (!thread) return { thread: NONE, used };
    // A pthread's address is no number of the system: such threads are counted.
    const isNumber = /^\d{1,9}$/.test(thread[2] ?? "");
    const tid = isNumber ? Number(thread[2]) : ordinalOf(thread[2] ?? "");
    const owner = out.process(process ? Number(process[1]) : NONE);
    return { thread: out.thread(owner, tid, isNumber ? "" : `Thread ${thread[2]}`), used: used + 1 };
  };

  const lines = new LineSplitter((bytes, start, end) => {
    const line = textOf(bytes, start, end).trimEnd();
    if (line === "") return;
    const said = /^# ([^:]+): (.*)$/.exec(line);
    if (said) {
      modes.set(said[1] ?? "", said[2] ?? "");
      return;
    }
    const sample = /^(.*) (\d+)(?:,(\d+),(-?\d+))?$/.exec(line);
    if (!sample) {
      unread++;
      return;
    }
    const isFull = sample[3] !== undefined;
    series ??= seriesOf(isFull);
    if (series.length >= limits.maxSamples)
      return out.note(`Only the first ${limits.maxSamples} samples were read.`);
    const parts = (sample[1] ?? "").split(";");
    const { thread, used } = threadOf(parts);
    let stack = NONE;
    let depth = 0;
    for (let at = used; at < parts.length; depth++) {
      const text = parts[at] ?? "";
      const place = placeOf(text, parts[at + 1]);
      at += place.parts;
      if (text === "") continue;
      if (depth >= limits.maxStackDepth) cut++;
      else stack = out.stack(stack, frameOf(place.parts === 2 ? `${text};${place.line}` : text, place));
    }
    const isMemory = modes.get("mode") === "memory";
    const first = Number(sample[2]) * (isMemory ? 1 : 1000);
    series.addValues(0, thread, stack, [first, Number(sample[3] ?? 0), Number(sample[4] ?? 0)]);
  }, 8 << 20);

  out.meta({ format: austin.id, tool: "austin" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      const interval = Number(modes.get("interval") ?? Number.NaN);
      out.meta({
        toolVersion: modes.get("austin") ?? "",
        ...(Number.isFinite(interval) && { periodNs: interval * 1000 }),
      });
      if (unread > 0) out.note(`${unread} ${unread === 1 ? "line" : "lines"} could not be read.`);
      if (cut > 0) out.note(`${cut} frames were deeper than ${limits.maxStackDepth} and were cut.`);
    },
  };
}
