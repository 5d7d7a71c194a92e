import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import type { ProfileBuilder } from "../model/builder.ts";
import type { StreamImporter, StreamParser } from "./importer.ts";
import { OpenReports } from "./shared/open-reports.ts";
import { ReportClock } from "./shared/report-clock.ts";
import { descriptorsOf, isSsHeader, readSsRow, type SsRow, withDetails } from "./shared/ss-rows.ts";

/**
 * `ss`, with any of its options, once or again and again: sockets, whose they are, and what TCP says of them (-i).
 * https://man7.org/linux/man-pages/man8/ss.8.html
 *
 *     Netid State Recv-Q Send-Q Local Address:Port Peer Address:Port Process
 *     tcp   ESTAB 0      0          127.0.0.1:8080   127.0.0.1:41208 users:(("nginx",pid=4711,fd=8))
 *          cubic rtt:0.056/0.018 bytes_sent:8200000 bytes_received:120 ...
 */
export const ss: StreamImporter = {
  id: "ss",
  title: "ss",
  extensions: ["txt", "ss"],
  order: 223,
  kind: "stream",
  sniff: (head) => {
    if (head.subarray(0, 4096).includes(0)) return false;
    const lines = textOf(head.subarray(0, 8192)).split(/\r?\n/, 4);
    const [first = "", second = ""] = isDate(lines[0] ?? "") ? lines.slice(1) : lines;
    if (isSsHeader(first)) return true;
    return looksLikeRow(first) && (second === "" || /^\s/.test(second) || looksLikeRow(second));
  },
  open: (out) => createParser(out),
};

const isDate = (line: string): boolean => /\b\d\d:\d\d:\d\d\b|^\d{9,10}$/.test(line) && !looksLikeRow(line);

/** Without a header a row has to say of which kind it is, or its state as ss alone writes it. */
function looksLikeRow(line: string): boolean {
  const row = readSsRow(line);
  return row !== null && (row.netid !== "" || row.state !== "");
}

function createParser(out: ProfileBuilder): StreamParser {
  const clock = new ReportClock(out);
  const reports = new OpenReports(out);
  let rows: SsRow[] = [];
  let last: SsRow | null = null;
  let unread = 0;
  let unnamed = 0;

  const add = (): void => {
    if (last !== null) rows.push(last);
    last = null;
  };
  const ended = (): void => {
    add();
    if (rows.length === 0) return;
    if (!clock.hasTimes) clock.report("ss");
    // -u and -t alone leave the kind out: only a socket of UDP is UNCONN, and no other is connected and nothing else.
    const bare = rows.filter(({ netid, isUnix }) => netid === "" && !isUnix);
    const kind = bare.some(({ state }) => state === "UNCONN") ? "udp" : "tcp";
    if (bare.every(({ state, details }) => /^(?:ESTAB)?$/.test(state) && !/\bcwnd:/.test(details)))
      unnamed += bare.length;
    for (const row of rows) {
      for (const { process, descriptor } of descriptorsOf(row, kind)) {
        if (descriptor.pid !== -1) out.process(descriptor.pid, process);
        reports.add(descriptor);
      }
    }
    rows = [];
    reports.end(clock.timeNs);
  };

  const lines = new LineSplitter((bytes, start, end) => {
    const line = textOf(bytes, start, end).trimEnd();
    if (line === "") return;
    if (isSsHeader(line)) {
      ended();
      return;
    }
    // What belongs to the socket above is indented.
    if (/^\s/.test(line) && last !== null) {
      last = withDetails(last, line.trim());
      return;
    }
    const row = readSsRow(line);
    if (row !== null) {
      add();
      last = row;
      return;
    }
    if (isDate(line)) {
      ended();
      if (clock.line(line) || clock.within(line)) return;
    }
    unread++;
  }, 1 << 16);
  out.meta({ format: ss.id, tool: "ss" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      ended();
      clock.finish("A line of `date` in front of each tells when it was.");
      if (unnamed > 0)
        out.note(
          "ss does not say which kind the sockets are where it is asked for one alone: they are taken as TCP.",
        );
      if (unread > 0) out.note(`${unread} ${unread === 1 ? "line" : "lines"} could not be read.`);
    },
  };
}
