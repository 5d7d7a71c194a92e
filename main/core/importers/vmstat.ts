import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import type { ProfileBuilder } from "../model/builder.ts";
import type { StreamImporter, StreamParser } from "./importer.ts";
import { ReportClock } from "./shared/report-clock.ts";

/**
 * `vmstat`, with or without times (-t): each column is a counter. https://man7.org/linux/man-pages/man8/vmstat.8.html
 *
 *     procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu----- -----timestamp-----
 *      r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st                 UTC
 *      1  0      0 24040832   3020 491016    0    0  1033   426  247  768 21  4 75  0  0 2026-11-23 14:27:37
 */
export const vmstat: StreamImporter = {
  id: "vmstat",
  title: "vmstat",
  extensions: ["txt", "log"],
  order: 219,
  kind: "stream",
  sniff: (head) => !head.subarray(0, 4096).includes(0) && title.test(textOf(head.subarray(0, 4096))),
  open: (out) => createParser(out),
};

const title = /^\s*-*procs-* -+memory-+ -+swap-+ -+io-+ -+system-+ -+cpu-+/m;

const units: Readonly<Record<string, string>> = {
  swpd: "bytes",
  free: "bytes",
  buff: "bytes",
  cache: "bytes",
  inact: "bytes",
  active: "bytes",
  si: "kB/s",
  so: "kB/s",
  bi: "blocks/s",
  bo: "blocks/s",
  in: "/s",
  cs: "/s",
  us: "%",
  sy: "%",
  id: "%",
  wa: "%",
  st: "%",
  gu: "%",
};

/** Memory comes in KiB, unless vmstat was told otherwise (-S), which it does not say. */
const KIB = 1024;

function createParser(out: ProfileBuilder): StreamParser {
  const clock = new ReportClock(out);
  let columns: readonly string[] = [];
  let unread = 0;
  const lines = new LineSplitter((bytes, start, end) => {
    const line = textOf(bytes, start, end).trim();
    if (line === "" || title.test(line)) return;
    const words = line.replaceAll("|", " ").trim().split(/\s+/);
    if (words[0] === "r" && words[1] === "b") {
      // The last column may be the name of the time zone.
      columns = words.filter((word) => /^[a-z]+$/.test(word));
      return;
    }
    if (
      columns.length === 0 ||
      words.length < columns.length ||
      words.some((word) => !/^[-\d:]+$/.test(word))
    ) {
      unread++;
      return;
    }
    const stamp = words.slice(columns.length).join(" ");
    if (!clock.line(stamp)) clock.report("vmstat");
    columns.forEach((column, i) => {
      const unit = units[column] ?? "count";
      out.counter(column, column, unit, clock.timeNs, Number(words[i]) * (unit === "bytes" ? KIB : 1));
    });
  }, 1 << 16);
  out.meta({ format: vmstat.id, tool: "vmstat" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      clock.finish();
      if (unread > 0) out.note(`${unread} ${unread === 1 ? "line" : "lines"} could not be read.`);
    },
  };
}
