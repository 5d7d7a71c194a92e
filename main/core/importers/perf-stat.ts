import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import type { ProfileBuilder } from "../model/builder.ts";
import type { StreamImporter, StreamParser } from "./importer.ts";
import { LimitedCounters } from "./shared/limited-counters.ts";
import { looksLikePerfStat, type PerfStatRow, readPerfStatLine } from "./shared/perf-stat-lines.ts";

/**
 * `perf stat`: text, -x (values with a separator) and -j (JSON lines), of a whole run or of intervals (-I), of all or by
 * processor, socket, thread. Each event is a counter; what it was in an interval stands at the interval's end.
 * https://man7.org/linux/man-pages/man1/perf-stat.1.html
 */
export const perfStat: StreamImporter = {
  id: "perf-stat",
  title: "perf stat",
  extensions: ["txt", "csv", "json", "jsonl"],
  order: 216,
  kind: "stream",
  sniff: looksLikePerfStat,
  open: (out) => createParser(out),
};

/** Rows of a whole run: they have no time until its length is known, at the end. */
const MAX_TOTALS = 1e6;

function createParser(out: ProfileBuilder): StreamParser {
  const counters = new LimitedCounters(out);
  let isInterval = false;
  let unread = 0;
  let elapsedNs = 0;
  const totals: PerfStatRow[] = [];
  const missing = new Set<string>();

  const add = (row: PerfStatRow, timeNs: number): void => {
    const { part, event, unit, value, metrics } = row;
    const name = part === "" ? event : `${event} ${part}`;
    if (Number.isNaN(value)) missing.add(event);
    else counters.add(name, unit, timeNs, value);
    for (const metric of metrics) counters.add(`${name}: ${metric.unit}`, metric.unit, timeNs, metric.value);
  };

  const other = (line: string): void => {
    const title = /^\s*Performance counter stats for (.*?)(?: \((\d+) runs\))?:?\s*$/.exec(line);
    if (title) {
      out.meta({ target: (title[1] ?? "").replace(/^'(.*)'$/s, "$1") });
      return;
    }
    const elapsed = /^\s*([\d.]+)(?: \+- [\d.]+)? seconds (time elapsed|user|sys)/.exec(line);
    if (elapsed?.[2] === "time elapsed") elapsedNs = Math.round(Number(elapsed[1]) * 1e9);
    else if (elapsed) totals.push(timeOf(elapsed[2] ?? "", Number(elapsed[1])));
    else if (line.trim() !== "" && !/^\s*[#<(]/.test(line)) unread++;
  };

  const lines = new LineSplitter((bytes, start, end) => {
    const line = textOf(bytes, start, end);
    if (/^#\s+time\b/.test(line)) isInterval = true;
    const row = readPerfStatLine(line, isInterval);
    if (!row) other(line);
    else if (row.seconds >= 0) add(row, Math.round(row.seconds * 1e9));
    else if (totals.length < MAX_TOTALS) totals.push(row);
  }, 1 << 20);

  out.meta({ format: perfStat.id, tool: "perf" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      for (const row of totals) add(row, elapsedNs);
      if (missing.size > 0)
        out.note(`Not counted, or not supported by the machine: ${[...missing].slice(0, 20).join(", ")}.`);
      if (unread > 0) out.note(`${unread} ${unread === 1 ? "line" : "lines"} could not be read.`);
    },
  };
}

const timeOf = (event: string, seconds: number): PerfStatRow => ({
  seconds: -1,
  part: "",
  event: `${event} time`,
  unit: "nanoseconds",
  value: Math.round(seconds * 1e9),
  metrics: [],
});
