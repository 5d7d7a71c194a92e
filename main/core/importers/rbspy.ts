import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder, type SeriesBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";

/**
 * What rbspy keeps of every sample (`~/.cache/rbspy/records/*.raw.gz`): "rbspy02", then lines of JSON: a header, and traces
 * with frames from the innermost. Versions 0 and 1 have no header; version 0 has frames only.
 * https://github.com/rbspy/rbspy/blob/main/src/storage/mod.rs
 */
export const rbspy: StreamImporter = {
  id: "rbspy",
  title: "rbspy",
  extensions: ["raw", "gz"],
  order: 61,
  kind: "stream",
  sniff: (head) => /^rbspy0[0-2]\n/.test(textOf(head.subarray(0, 8))),
  open: createParser,
};

const MAX_LINE = 64 << 20;
/** Linux numbers its threads below this. */
const maxThreadIds = 4 << 20;

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const numberOf = (value: unknown): number =>
  typeof value === "number" && Number.isFinite(value) ? value : Number.NaN;
const textIn = (value: unknown): string => (typeof value === "string" ? value : "");

function createParser(out: ProfileBuilder, { limits }: ImportContext): StreamParser {
  const frames = new Map<string, number>();
  /** Of each function. */
  const firstLines = new Map<number, number>();
  let tellsLines = false;
  let version = -1;
  let hasHeader = false;
  let hasOrigin = false;
  let periodNs = Number.NaN;
  let series: SeriesBuilder | null = null;
  let unread = 0;
  let cut = 0;
  let tooMany = 0;

  const seriesOf = (isTimed: boolean): SeriesBuilder => {
    const samples = { name: "samples", unit: "samples", counted: true };
    return out.series({
      id: "wall",
      kind: "wall",
      timed: isTimed,
      values: Number.isNaN(periodNs) ? [samples] : [{ name: "time", unit: "nanoseconds" }, samples],
    });
  };

  /** What Rust makes of a SystemTime; NaN where there is none. */
  const timeOf = (value: unknown): number => {
    const { secs_since_epoch: seconds, nanos_since_epoch: nanos } = fieldsOf(value);
    const whole = numberOf(seconds);
    const rest = numberOf(nanos);
    if (Number.isNaN(whole) || Number.isNaN(rest)) return Number.NaN;
    if (!hasOrigin) out.meta({ startedAtMs: whole * 1000 + Math.floor(rest / 1e6) });
    hasOrigin = true;
    return Math.max(0, out.relativeTime(whole, rest));
  };

  const header = (value: unknown): void => {
    const said = fieldsOf(value);
    const rate = numberOf(said.sample_rate);
    if (rate > 0) periodNs = 1e9 / rate;
    out.meta({
      toolVersion: textIn(said.rbspy_version),
      ...(rate > 0 && { periodNs: Math.round(periodNs) }),
    });
    timeOf(said.start_time);
  };

  const frameOf = (value: unknown): number => {
    const said = fieldsOf(value);
    const name = textIn(said.name) || "(unknown)";
    const file = textIn(said.absolute_path) || textIn(said.relative_path);
    const line = numberOf(said.lineno);
    const key = `${line} ${file}\0${name}`;
    const known = frames.get(key);
    if (known !== undefined) return known;
    const isNative = file === "unknown" || /\[c function\]$|^<c function>/.test(name.slice(0, 500));
    const owner = out.function({
      name: out.string(name),
      kind: isNative ? "native" : "ruby",
      ...(file !== "" && file !== "unknown" && { file: out.string(file) }),
    });
    const frame = out.frame({ function: owner, line: line > 0 && line < 2 ** 31 ? line : NONE });
    if (!isNative) {
      if (firstLines.has(owner) && firstLines.get(owner) !== line) tellsLines = true;
      firstLines.set(owner, line);
    }
    frames.set(key, frame);
    return frame;
  };

  /**
   * Its numbers of threads are pthread handles: addresses, which nothing else of the machine calls a thread by. A program's
   * own first thread is the one whose outermost frame is the program.
   */
  const threadOf = (process: number, pid: number, said: number, outermost: unknown): number => {
    const isFirst = Number.isNaN(said) || textIn(fieldsOf(outermost).name) === "<main>";
    if (said < maxThreadIds) return out.thread(process, said);
    if (isFirst) return out.thread(process, pid % 2 ** 31);
    return out.thread(process, said % 2 ** 31, `pthread 0x${said.toString(16)}`);
  };

  const trace = (value: unknown): void => {
    const said = Array.isArray(value) ? { trace: value } : fieldsOf(value);
    const list: unknown = said.trace;
    if (!Array.isArray(list)) {
      unread++;
      return;
    }
    const timeNs = "time" in said ? timeOf(said.time) : Number.NaN;
    series ??= seriesOf(!Number.isNaN(timeNs));
    if (series.length >= limits.maxSamples) {
      tooMany++;
      return;
    }
    let stack = NONE;
    for (let i = Math.min(list.length, limits.maxStackDepth) - 1; i >= 0; i--)
      stack = out.stack(stack, frameOf(list[i]));
    cut += Math.max(0, list.length - limits.maxStackDepth);
    const pid = "pid" in said ? numberOf(said.pid) : Number.NaN;
    const tid = "thread_id" in said ? numberOf(said.thread_id) : Number.NaN;
    const process = Number.isNaN(pid) ? NONE : out.process(pid % 2 ** 31, "ruby");
    const thread = process === NONE ? NONE : threadOf(process, pid, tid, list.at(-1));
    series.add(out.seen(Number.isNaN(timeNs) ? out.lastTimeNs : timeNs), thread, stack, periodNs);
  };

  const lines = new LineSplitter((bytes, start, end) => {
    if (start === end) return;
    const text = textOf(bytes, start, end);
    if (version === -1) {
      version = Number(/^rbspy(\d\d)$/.exec(text)?.[1] ?? 0);
      return;
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      unread++;
      return;
    }
    if (version >= 2 && !hasHeader) {
      hasHeader = true;
      header(value);
    } else trace(value);
  }, MAX_LINE);

  out.meta({ format: rbspy.id, tool: "rbspy" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      series?.sortByTime();
      // https://github.com/rbspy/rbspy/issues/213
      if (firstLines.size > 0 && !tellsLines)
        out.note("Of Ruby 2.6 and later, rbspy tells the last line of a method, not the one that ran.");
      if (unread > 0) out.note(`${unread} ${unread === 1 ? "line" : "lines"} could not be read.`);
      if (cut > 0) out.note(`${cut} frames were deeper than ${limits.maxStackDepth} and were cut.`);
      if (tooMany > 0) out.note(`${tooMany} samples more than the limit were left out.`);
    },
  };
}
