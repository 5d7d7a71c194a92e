import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import type { ProfileBuilder } from "../model/builder.ts";
import type { StreamImporter, StreamParser } from "./importer.ts";
import { LimitedCounters } from "./shared/limited-counters.ts";
import { ReportClock } from "./shared/report-clock.ts";
import { readHeader, rowName, type SysstatTable, unitOfColumn } from "./shared/sysstat-tables.ts";

/**
 * Text of sysstat's tools: iostat, pidstat, mpstat, sar. Each number of each device, process or processor is a counter.
 * https://github.com/sysstat/sysstat
 *
 *     Linux 6.18.44 (vm)   11/22/26   _x86_64_   (2 CPU)
 *
 *     11:35:13      UID       PID    %usr %system    %CPU   CPU  Command
 *     11:35:14        0     13392    0.00   37.00   37.00     0  io
 */
export const sysstat: StreamImporter = {
  id: "sysstat",
  title: "iostat, pidstat, mpstat, sar",
  extensions: ["txt", "log"],
  order: 217,
  kind: "stream",
  sniff: (head) =>
    !head.subarray(0, 4096).includes(0) && banner.test(textOf(head.subarray(0, 4096)).trimStart()),
  open: (out) => createParser(out),
};

const banner = /^Linux (\S+) \((.*)\)[ \t]+(\S+)[ \t]+_(\S+)_[ \t]+\((\d+) CPUs?\)/;

function createParser(out: ProfileBuilder): StreamParser {
  const clock = new ReportClock(out);
  const counters = new LimitedCounters(out);
  let table: SysstatTable | null = null;
  let unread = 0;
  let restarts = 0;
  let averages = 0;

  const row = (line: string, current: SysstatTable): void => {
    const words = line.trim().split(/\s+/);
    let at = 0;
    if (current.isTimed) {
      if (words[0] === "Average:") {
        averages++;
        return;
      }
      at = clock.row(words);
      if (at === 0) {
        unread++;
        return;
      }
    }
    const { columns } = current;
    const values = words.slice(at);
    // Only a command, the last, may have blanks in it.
    if (values.length < columns.length || (values.length > columns.length && !current.hasCommand)) {
      unread++;
      return;
    }
    values.splice(columns.length - 1, values.length, values.slice(columns.length - 1).join(" "));
    const name = rowName(out, current, values);
    const timeNs = clock.timeNs;
    columns.forEach((column, i) => {
      if (current.isName[i]) return;
      const value = numberOf(values[i] ?? "");
      if (Number.isNaN(value)) return;
      const id = name === "" ? column : `${name} ${column}`;
      counters.add(id, unitOfColumn(column), timeNs, value);
    });
  };

  const lines = new LineSplitter((bytes, start, end) => {
    const line = textOf(bytes, start, end).trimEnd();
    if (line.trim() === "") {
      table = null;
      return;
    }
    const title = banner.exec(line);
    if (title) {
      const [, kernel = "", host = ""] = title;
      out.meta({ kernel, host });
      return;
    }
    if (/\bLINUX RESTART\b/.test(line)) {
      restarts++;
      return;
    }
    if (!table && clock.line(line)) return;
    const header = readHeader(line);
    if (header) {
      table = header;
      // A report of iostat begins with its processors, or with its devices where they are left out.
      if (!header.isTimed) clock.report(header.columns.join(" "));
    } else if (table) row(line, table);
    else if (/^Average:/.test(line)) averages++;
    else unread++;
  }, 1 << 20);

  out.meta({ format: sysstat.id, tool: "sysstat" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      clock.finish();
      if (restarts > 0) out.note(`The machine was started anew ${restarts} times.`);
      if (averages > 0) out.note(`${averages} lines of averages were left out: they follow from the others.`);
      if (unread > 0) out.note(`${unread} ${unread === 1 ? "line" : "lines"} could not be read.`);
    },
  };
}

/** Some languages have a comma where others have a point. */
const numberOf = (text: string): number =>
  /^-?\d+([.,]\d+)?$/.test(text) ? Number(text.replace(",", ".")) : Number.NaN;
