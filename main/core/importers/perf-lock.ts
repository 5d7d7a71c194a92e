import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder, type SeriesBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";

/**
 * `perf lock contention` (with -v: stacks; -t: by thread; -l: by lock; -x: values with a separator) and `perf lock report`.
 * `perf lock script` is text of perf script. https://man7.org/linux/man-pages/man1/perf-lock.1.html
 *
 *      contended   total wait     max wait     avg wait         type   caller
 *
 *           1429    885.70 ms     11.91 ms    621.11 us      rwsem:W   __x64_sys_munmap+0x17
 *                             0xffffffff821ffadf  rwsem_down_write_slowpath+0x37f
 */
export const perfLock: StreamImporter = {
  id: "perf-lock",
  title: "perf lock contention, perf lock report",
  extensions: ["txt", "csv"],
  order: 206,
  kind: "stream",
  sniff: looksLikePerfLock,
  open: (out, context) => new PerfLockParser(out, context),
};

const contention = /^ *contended +total wait +max wait +avg wait +(type|pid|address) +(\S.*)$/;
const report = /^ *Name +acquired +contended +avg wait +total wait +max wait +min wait *$/;
const output = /^# output: (.*)$/;
const duration = "(\\d+(?:\\.\\d+)? (?:ns|us|ms|s|m|h))";
const contentionRow = new RegExp(`^ *(\\d+) +${duration} +${duration} +${duration} +(\\S+) +(\\S.*?) *$`);
const reportRow = new RegExp(
  `^ *(.*?) +(\\d+) +(\\d+) +${duration} +${duration} +${duration} +${duration} *$`,
);
const frameLine = /^\s+0x([0-9a-f]{1,16})(?: +(\S.*?))?\s*$/;

function looksLikePerfLock(head: Uint8Array): boolean {
  if (head.subarray(0, 4096).includes(0)) return false;
  return textOf(head.subarray(0, 8192))
    .split(/\r?\n/, 60)
    .some((line) => contention.test(line) || report.test(line) || isOutput(line));
}

const isOutput = (line: string): boolean => {
  const columns = output.exec(line)?.[1] ?? "";
  return columns.includes("contended") && columns.includes("total wait");
};

interface Row {
  readonly contended: number;
  readonly totalNs: number;
  readonly labels: readonly { readonly key: string; readonly text?: string; readonly number?: number }[];
  readonly thread: number;
  /** What stands for the stack where none follows. */
  readonly caller: string;
}

class PerfLockParser implements StreamParser {
  readonly #out: ProfileBuilder;
  readonly #maxDepth: number;
  readonly #lines: LineSplitter;
  /** What the two last columns are. */
  #by: "type" | "pid" | "address" | "report" | "" = "";
  #csv: readonly string[] = [];
  #row: Row | null = null;
  #frames: number[] = [];
  #unread = 0;

  constructor(out: ProfileBuilder, { limits }: ImportContext) {
    this.#out = out;
    this.#maxDepth = limits.maxStackDepth;
    this.#lines = new LineSplitter((bytes, start, end) => this.#line(textOf(bytes, start, end)), 1 << 20);
    out.meta({ format: perfLock.id, tool: "perf" });
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  end(): void {
    this.#lines.end();
    this.#finish();
    if (this.#unread > 0)
      this.#out.note(`${this.#unread} ${this.#unread === 1 ? "line" : "lines"} could not be read.`);
  }

  #line(line: string): void {
    if (line.trim() === "") return;
    const frame = this.#row ? frameLine.exec(line) : null;
    if (frame) {
      if (this.#frames.length < this.#maxDepth)
        this.#frames.push(this.#frame(frame[1] ?? "", frame[2] ?? ""));
      return;
    }
    this.#finish();
    const header = contention.exec(line);
    if (header) this.#by = header[1] as "type" | "pid" | "address";
    else if (report.test(line)) this.#by = "report";
    else if (isOutput(line)) this.#csv = (output.exec(line)?.[1] ?? "").split(/, ?/);
    else if (this.#csv.length > 0) this.#csvRow(line);
    else if (this.#by === "report") this.#reportRow(line);
    else if (this.#by !== "") this.#contentionRow(line);
    // What perf says before the table is about symbols.
  }

  #contentionRow(line: string): void {
    const match = contentionRow.exec(line);
    if (!match) {
      this.#other(line);
      return;
    }
    const [, contended, total = "", max = "", , key = "", name = ""] = match;
    this.#begin(Number(contended), nanos(total), nanos(max), this.#by, key, name);
  }

  #csvRow(line: string): void {
    const fields = line.split(/, ?/);
    const of = (column: string): string => fields[this.#csv.indexOf(column)] ?? "";
    const by = ["type", "pid", "address"].find((column) => this.#csv.includes(column)) ?? "type";
    const last = this.#csv.at(-1) ?? "caller";
    if (!/^\d+$/.test(of("contended")) || fields.length < this.#csv.length) {
      this.#other(line);
      return;
    }
    const name = fields.slice(this.#csv.indexOf(last)).join(", ");
    this.#begin(Number(of("contended")), Number(of("total wait")), Number(of("max wait")), by, of(by), name);
  }

  #begin(contended: number, totalNs: number, maxNs: number, by: string, key: string, name: string): void {
    const out = this.#out;
    const thread =
      by === "pid" && /^\d{1,10}$/.test(key)
        ? out.thread(out.process(Number(key), name), Number(key), name)
        : NONE;
    const labels = [{ key: "max wait", number: maxNs }, ...(by === "pid" ? [] : [{ key: by, text: key }])];
    this.#row = { contended, totalNs, labels, thread, caller: by === "pid" ? "" : name };
  }

  #reportRow(line: string): void {
    const match = reportRow.exec(line);
    if (!match) {
      this.#other(line);
      return;
    }
    const [, name = "", acquired, contended, , total = "", max = "", min = ""] = match;
    const labels = [
      { key: "acquired", number: Number(acquired) },
      { key: "max wait", number: nanos(max) },
      { key: "min wait", number: nanos(min) },
    ];
    this.#row = { contended: Number(contended), totalNs: nanos(total), labels, thread: NONE, caller: name };
  }

  /** Rulers and what perf sums up below. */
  #other(line: string): void {
    if (
      !/^[=\- ]+$|^ *(===|bad|bad rate|histogram|acquire|acquired|contended|release|total)\b|^ *# /.test(line)
    )
      this.#unread++;
  }

  #finish(): void {
    const row = this.#row;
    const frames = this.#frames;
    this.#row = null;
    this.#frames = [];
    if (!row) return;
    const out = this.#out;
    let stack = NONE;
    for (let i = frames.length - 1; i >= 0; i--) stack = out.stack(stack, frames[i] as number);
    if (frames.length === 0 && row.caller !== "") stack = out.stack(NONE, this.#frame("", row.caller));
    const labels = row.labels.map(({ key, text, number }) =>
      text === undefined
        ? { key: out.string(key), number, ...(key.endsWith("wait") && { unit: out.string("nanoseconds") }) }
        : { key: out.string(key), text: out.string(text) },
    );
    this.#series().add(0, row.thread, stack, row.totalNs, row.contended, out.labelSet(labels));
  }

  #series(): SeriesBuilder {
    return this.#out.series({
      id: "lock-contention",
      name: "Lock contention",
      kind: "lock",
      timed: false,
      values: [
        { name: "wait", unit: "nanoseconds" },
        { name: "contentions", unit: "count" },
      ],
    });
  }

  #frame(hex: string, symbol: string): number {
    const out = this.#out;
    const padded = hex.padStart(16, "0");
    const high = Number.parseInt(padded.slice(0, 8), 16);
    const name = symbol.replace(/\+0x[0-9a-f]+$/, "") || "[unknown]";
    return out.frame({
      function: out.function({
        name: out.string(name),
        // Callers that stand alone are the kernel's: only its locks are traced.
        kind: hex === "" || high >= 0xffff0000 ? "kernel" : "native",
      }),
      ...(hex !== "" && { addressHigh: high, addressLow: Number.parseInt(padded.slice(8), 16) }),
    });
  }
}

const scale: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

function nanos(text: string): number {
  const [value = "0", unit = "ns"] = text.split(" ");
  return Math.round(Number(value) * (scale[unit] ?? 1));
}
