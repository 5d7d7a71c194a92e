import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import type { ProfileBuilder } from "../model/builder.ts";
import type { StreamImporter, StreamParser } from "./importer.ts";
import { LimitedCounters } from "./shared/limited-counters.ts";
import { addMoved } from "./shared/moved-bytes.ts";
import { ReportClock } from "./shared/report-clock.ts";

/**
 * `iotop -b`, of Python and of C, by threads or processes (-P), with times (-t) or without, rates or sums (-a), any unit.
 * http://guichaz.free.fr/iotop/ https://github.com/Tomas-M/iotop
 *
 *     22:02:42 Total DISK READ:         0.00 K/s | Total DISK WRITE:      3588.07 K/s
 *     22:02:42 Current DISK READ:      68.78 K/s | Current DISK WRITE:    5040.11 K/s
 *         TIME  TID  PRIO  USER     DISK READ  DISK WRITE  SWAPIN      IO    COMMAND
 *     22:02:42 17784 be/4 root        0.00 K/s 3557.50 K/s ?unavailable?  python3 sockets.py
 *
 *       Total DISK READ:    0.00 K/s |   Total DISK WRITE: 7134.06 K/s | Mon Nov 30 22:00:30 2026
 */
export const iotop: StreamImporter = {
  id: "iotop",
  title: "iotop",
  extensions: ["txt", "log"],
  order: 226,
  kind: "stream",
  sniff: (head) => {
    if (head.subarray(0, 4096).includes(0)) return false;
    const lines = textOf(head.subarray(0, 8192)).split(/\r?\n/, 3).map(bare);
    return (
      totals.test(lines[0] ?? "") ||
      thread.test(lines[0] ?? "") ||
      (warning.test(lines[0] ?? "") && totals.test(lines[1] ?? ""))
    );
  },
  open: (out) => createParser(out),
};

/** One iotop wrote its lines as Python shows bytes. */
const bare = (line: string): string => /^b(['"])(.*)\1$/.exec(line)?.[2] ?? line;

const warning = /^Warning: task_delayacct is /;
const amount = "(-?\\d[\\d.]*) ([BKMGTPE])(/s)?";
const totals = new RegExp(
  `^(?:(\\d\\d:\\d\\d:\\d\\d) )?(\\s*)(Total|Current|Actual) DISK READ ?:\\s*${amount}\\s*\\|\\s*\\3 DISK WRITE ?:\\s*${amount}\\s*(?:\\|\\s*(.*))?$`,
);
const thread = new RegExp(
  `^\\s*(?:(\\d\\d:\\d\\d:\\d\\d)\\s+)?(\\d{1,10})\\s+([!?]?\\w+(?:/\\d)?)\\s+(\\S+)\\s+${amount}\\s+${amount}\\s+(?:\\?unavailable\\?|(?:(-?[\\d.]+) %\\s+)?(-?[\\d.]+) %)(?:\\s+(.*))?$`,
);
const header = /^\s*(?:TIME\s+)?(TID|PID)\s+PRIO\s+USER\s+DISK READ/;

const bytesOf = (value = "0", unit = "B"): number => {
  const number = Number(value);
  return Number.isFinite(number) && number > 0 ? number * 1024 ** "BKMGTPE".indexOf(unit) : 0;
};

/** Longer ones are command lines: the beginning says what it is. */
const LONGEST_NAME = 80;

function createParser(out: ProfileBuilder): StreamParser {
  const clock = new ReportClock(out);
  const counters = new LimitedCounters(out);
  /** What each had moved in all, of sums. */
  const sums = new Map<number, { readonly read: number; readonly written: number }>();
  let seen = new Set<number>();
  /** When the report before was; NaN before there is one. */
  let beforeNs = Number.NaN;
  let reports = 0;
  let lastTime: string | undefined;
  let hasTotals = false;
  let isByThread = false;
  let isC = false;
  let skipped = 0;
  let unread = 0;
  let isUnaccounted = false;

  const report = (): void => {
    beforeNs = reports === 0 ? Number.NaN : clock.timeNs;
    reports++;
    seen = new Set();
    clock.report("iotop");
  };

  const total = ([
    ,
    time,
    indent = "",
    which = "",
    read,
    readUnit,
    perSecond,
    written,
    writtenUnit,
    ,
    date = "",
  ]: RegExpExecArray): void => {
    if (which === "Total") {
      report();
      isC ||= indent !== "";
    }
    hasTotals = true;
    clock.within(time ?? date);
    const isRate = perSecond !== undefined;
    // As iostat has it of a disk, which all of them are here.
    const isDisk = which !== "Total" && isRate;
    const told = [
      [isDisk ? "disk all rkB/s" : "all threads read", bytesOf(read, readUnit)],
      [isDisk ? "disk all wkB/s" : "all threads written", bytesOf(written, writtenUnit)],
    ] as const;
    for (const [name, value] of told)
      counters.add(name, isRate ? "kB/s" : "bytes", clock.timeNs, isRate ? value / 1024 : value);
  };

  const row = (match: RegExpExecArray): void => {
    const [
      ,
      time,
      id,
      priority = "",
      user = "",
      read,
      readUnit,
      perSecond,
      written,
      writtenUnit,
      ,
      swap,
      io,
      command = "",
    ] = match;
    const tid = Number(id);
    // Where no line says that a report begins, another time does, or a thread that comes again.
    if (!hasTotals && (reports === 0 || seen.has(tid) || time !== lastTime)) report();
    lastTime = time;
    seen.add(tid);
    if (time !== undefined) clock.within(time);
    const timeNs = clock.timeNs;
    const name = nameOf(command, tid);
    const index = out.thread(out.process(tid, name), tid, name);
    const labels = out.labelSet(
      Object.entries({ user, priority, ...(command.trim() === name ? {} : { command: command.trim() }) }).map(
        ([key, text]) => ({ key: out.string(key), text: out.string(text) }),
      ),
    );
    const values = { read: bytesOf(read, readUnit), written: bytesOf(written, writtenUnit) };
    for (const [what, value] of [
      ["SWAPIN", swap],
      ["IO", io],
    ] as const)
      if (value !== undefined && Number(value) >= 0)
        counters.add(`${name}/${tid} ${what}`, "%", timeNs, Number(value));
    let moved = values;
    if (perSecond === undefined) {
      const before = sums.get(tid) ?? { read: 0, written: 0 };
      sums.set(tid, values);
      moved = { read: values.read - before.read, written: values.written - before.written };
    } else {
      counters.add(`${name}/${tid} read`, "kB/s", timeNs, values.read / 1024);
      counters.add(`${name}/${tid} written`, "kB/s", timeNs, values.written / 1024);
      if (Number.isNaN(beforeNs) && values.read + values.written > 0) skipped++;
      const seconds = Number.isNaN(beforeNs) ? 0 : (timeNs - beforeNs) / 1e9;
      moved = { read: values.read * seconds, written: values.written * seconds };
    }
    addMoved(out, "read", { thread: index, timeNs, bytes: Math.round(moved.read), labels });
    addMoved(out, "write", { thread: index, timeNs, bytes: Math.round(moved.written), labels });
  };

  const lines = new LineSplitter((bytes, start, end) => {
    const line = bare(textOf(bytes, start, end).trimEnd());
    if (line === "") return;
    const sum = totals.exec(line);
    const title = header.exec(line);
    if (sum) total(sum);
    else if (title) isByThread ||= title[1] === "TID";
    else if (warning.test(line)) isUnaccounted = true;
    else {
      const read = thread.exec(line);
      if (read) row(read);
      else unread++;
    }
  }, 1 << 16);
  out.meta({ format: iotop.id, tool: "iotop" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      clock.finish("iotop writes them with -t.");
      if (skipped > 0)
        out.note(
          "The first report tells of a time of which nobody says how long it was: its rates are on the timeline, its bytes are not counted.",
        );
      if (isC && isByThread && reports > 0)
        out.note(
          "This iotop adds what the threads of a process move to the row of the process too; with -P each counts once.",
        );
      if (isUnaccounted)
        out.note(
          "The kernel did not count waits for disks (sysctl kernel.task_delayacct=1): SWAPIN and IO are 0.",
        );
      if (unread > 0) out.note(`${unread} ${unread === 1 ? "line" : "lines"} could not be read.`);
    },
  };
}

/** "python3 serve.py [worker]": the thread's own name, where there is one. */
function nameOf(command: string, tid: number): string {
  const text = command.trim();
  const own = /\S\s\[([^[\]]{1,32})\]$/.exec(text)?.[1];
  if (own !== undefined) return own;
  const name = text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME)}…` : text;
  return name === "" ? String(tid) : name;
}
