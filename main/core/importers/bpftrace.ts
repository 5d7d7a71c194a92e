import { textOf } from "../bytes/ascii.ts";
import { type JsonValue, jsonArray, jsonNumber, jsonObject } from "../bytes/json-value.ts";
import { LineSplitter } from "../bytes/lines.ts";
import type { ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { readBpftraceJson } from "./shared/bpftrace-json.ts";
import { BpftraceMaps } from "./shared/bpftrace-maps.ts";

/**
 * The maps that bpftrace prints, as text or as JSON (-f json): counts, sums, statistics and histograms by stacks and other
 * keys. A map is a series. https://github.com/bpftrace/bpftrace/blob/master/man/adoc/bpftrace.adoc
 *
 *     @[
 *         burn_b+62
 *         main+356
 *     , cpu_fp]: 2
 */
export const bpftrace: StreamImporter = {
  id: "bpftrace",
  title: "bpftrace maps",
  extensions: ["txt", "json", "jsonl", "bt"],
  order: 215,
  kind: "stream",
  sniff: looksLikeBpftrace,
  open: (out, context) => new BpftraceParser(out, context),
};

const MAX_LINE_BYTES = 64 << 20;
const BRACE = 123;
const entryStart = /^@[A-Za-z0-9_]*(?:\[|:(?: |$))/;

function looksLikeBpftrace(head: Uint8Array): boolean {
  if (head.subarray(0, 4096).includes(0)) return false;
  const text = textOf(head);
  if (/^\s*\{"type": ?"(attached_probes|map|hist|lhist|stats)", ?"data": ?\{/.test(text)) return true;
  if (/^Attach(ing|ed) \d+ probes?/m.test(text) && /^@[A-Za-z0-9_]*(\[|:)/m.test(text)) return true;
  return /^@[A-Za-z0-9_]*(\[[^\n]*\n([ \t][^\n]*\n|,[^\n]*\n|\n)*[^\n]*\]: |\[[^\n]*\]: |: )(\(?-?\d|\n[[(])/.test(
    text.replace(/^\s*/, ""),
  );
}

class BpftraceParser implements StreamParser {
  readonly #out: ProfileBuilder;
  readonly #lines: LineSplitter;
  readonly #maps: BpftraceMaps;
  /** Lines of a key that goes over several. */
  #map = "";
  #key: string[] | null = null;
  #keyBytes = 0;
  /** Whose histogram the lines are of. */
  #hist: { readonly map: string; readonly key: string | null } | null = null;
  #skipped = 0;

  constructor(out: ProfileBuilder, context: ImportContext) {
    this.#out = out;
    this.#maps = new BpftraceMaps(out, context.limits);
    this.#lines = new LineSplitter((bytes, start, end) => this.#line(bytes, start, end), MAX_LINE_BYTES);
    out.meta({ format: bpftrace.id, tool: "bpftrace" });
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  end(): void {
    this.#lines.end();
    const out = this.#out;
    if (this.#key) out.note("The text ends in the middle of a map, whose last entry was left out.");
    if (this.#skipped > 0)
      out.note(`${this.#skipped} ${this.#skipped === 1 ? "line is" : "lines are"} of no map: skipped.`);
    this.#maps.finish();
  }

  #line(bytes: Uint8Array, start: number, end: number): void {
    if (this.#key) {
      this.#keyLine(textOf(bytes, start, end));
      return;
    }
    if (bytes[start] === BRACE) {
      this.#json(bytes.subarray(start, end));
      return;
    }
    this.#textLine(textOf(bytes, start, end));
  }

  #textLine(line: string): void {
    if (this.#hist && this.#bucket(line, this.#hist)) return;
    if (line.trim() === "") {
      this.#maps.blank();
      return;
    }
    this.#hist = null;
    if (!entryStart.test(line)) {
      this.#otherLine(line);
      return;
    }
    const open = line.search(/[[:]/);
    this.#map = line.slice(0, open);
    if (line[open] === ":") this.#value(null, line.slice(open + 1).trim());
    else {
      this.#key = [];
      this.#keyBytes = 0;
      this.#keyLine(line.slice(open + 1));
    }
  }

  /** The key ends with "]: value"; a name may have that in it, so that the last one counts. */
  #keyLine(line: string): void {
    const key = this.#key ?? [];
    const close = line.lastIndexOf("]: ");
    const isBare = close === -1 && line.endsWith("]:");
    const isFrame = key.length > 0 && /^[ \t]/.test(line);
    if ((close === -1 && !isBare) || isFrame) {
      this.#keyBytes += line.length;
      // A key of megabytes is a text that is none.
      if (this.#keyBytes > MAX_LINE_BYTES / 16) {
        this.#key = null;
        this.#skipped += key.length;
      } else key.push(line);
      return;
    }
    const at = isBare ? line.length - 2 : close;
    key.push(line.slice(0, at));
    this.#key = null;
    this.#value(key.join("\n"), line.slice(at + 2).trim());
  }

  #value(key: string | null, text: string): void {
    if (text === "") this.#hist = { map: this.#map, key };
    else if (!this.#maps.text(this.#map, key, text)) this.#skipped++;
  }

  /** "[64, 128)            500 |@@@@  |", "(..., 0)", "[100, ...)", "[1]", "[1K, 2K)". */
  #bucket(line: string, { map, key }: { readonly map: string; readonly key: string | null }): boolean {
    const match = /^([[(][^|]*?[\])]) +(-?\d+) +\|[@ ]*\|\s*$/.exec(line);
    if (!match) return false;
    this.#maps.bucket(map, key, match[1] ?? "", Number(match[2]));
    return true;
  }

  #otherLine(line: string): void {
    const clock = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?\s*$/.exec(line);
    if (clock) {
      const [, hours, minutes, seconds, fraction = ""] = clock;
      this.#maps.time(
        Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds),
        Number(fraction.padEnd(9, "0")),
      );
    } else if (!/^Attach(ing|ed) \d+ probes?/.test(line)) this.#skipped++;
  }

  #json(line: Uint8Array): void {
    const maps = this.#maps;
    let isData = false;
    let count = 0;
    const fault = readBpftraceJson(line, (type, map, key, value) => {
      isData = true;
      if (type === "hist" || type === "lhist") {
        for (const bucket of jsonArray(value))
          maps.bucket(map, key, rangeOf(bucket), jsonNumber(jsonObject(bucket).count, 0));
      } else if (type === "stats" && typeof value === "number") {
        // A map without keys: its entries are count, average and total, in this order.
        if (key === "count") count = value;
        else if (key === "total") maps.stats(map, null, value, count);
      } else if (type === "stats") {
        const stats = jsonObject(value);
        maps.stats(map, key, jsonNumber(stats.total, 0), jsonNumber(stats.count, 0));
      } else if (type === "map" && typeof value === "number") maps.number(map, key, value);
      else if (type === "map" && typeof value === "string") {
        if (!maps.text(map, key, value)) this.#skipped++;
      } else if (type === "time" && typeof value === "string") this.#otherLine(value.trim());
      else if (type !== "attached_probes") this.#skipped++;
    });
    if (isData) maps.blank();
    if (fault !== null)
      this.#out.note(`A line of JSON is damaged; what comes before the damage was read: ${fault}.`);
  }
}

function rangeOf(bucket: JsonValue): string {
  const { min, max } = jsonObject(bucket);
  if (min === undefined) return `(..., ${jsonNumber(max)}]`;
  return max === undefined ? `[${jsonNumber(min)}, ...)` : `[${jsonNumber(min)}, ${jsonNumber(max)}]`;
}
