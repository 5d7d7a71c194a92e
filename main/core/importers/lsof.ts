import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import type { ProfileBuilder } from "../model/builder.ts";
import type { StreamImporter, StreamParser } from "./importer.ts";
import { type LsofHeader, looksLikeLsofRow, readLsofHeader, readLsofRow } from "./shared/lsof-columns.ts";
import { fieldsSniff, LsofFields } from "./shared/lsof-fields.ts";
import { descriptorOfFile, isHidden, type LsofFile } from "./shared/lsof-rows.ts";
import { OpenReports } from "./shared/open-reports.ts";
import { ReportClock } from "./shared/report-clock.ts";

/**
 * `lsof`, as a table or as fields (-F, -F0), once or again and again (-r): files and sockets that processes have open.
 * https://github.com/lsof-org/lsof/blob/master/Lsof.8
 */
export const lsof: StreamImporter = {
  id: "lsof",
  title: "lsof",
  extensions: ["txt", "lsof"],
  order: 222,
  kind: "stream",
  sniff: (head) => {
    const text = textOf(head.subarray(0, 8192)).replace(warnings, "");
    if (fieldsSniff.test(text)) return true;
    if (text.includes("\0")) return false;
    const [first = ""] = text.split(/\r?\n/, 1);
    return readLsofHeader(first) !== null || looksLikeLsofRow(first);
  },
  open: (out) => createParser(out),
};

/** What it says of its own troubles, to another stream that was kept with it. */
const warning = /^(?:lsof: |\s+Output information may be incomplete)/;
const warnings = /^(?:(?:lsof: .*|\s+Output information may be incomplete.*)\n)+/;

/** As many bytes of a name as lsof writes of itself. */
const NAME_BYTES = 9;

function createParser(out: ProfileBuilder): StreamParser {
  const clock = new ReportClock(out);
  const reports = new OpenReports(out);
  let header: LsofHeader | null = null;
  let isTable = true;
  let isBegun = false;
  let isFirst = true;
  let unread = 0;
  let warned = 0;
  let isCut = false;
  const hidden = new Set<number>();

  const take = (command: string, file: LsofFile): void => {
    out.process(file.pid, command);
    isBegun = true;
    if (isHidden(file)) hidden.add(file.pid);
    else reports.add(descriptorOfFile(file));
  };
  /** A line of its own ends the rows that came since the one before; what is in it may be the time. */
  const ended = (marker: string): void => {
    if (!isBegun) return;
    isBegun = false;
    if (!clock.within(marker)) clock.report("lsof");
    reports.end(clock.timeNs);
  };
  const fields = new LsofFields({
    file: take,
    thread: (pid, tid, name) => out.thread(out.process(pid), tid, name),
    marker: ended,
    unread: () => unread++,
  });

  const row = (line: string): void => {
    const read = readLsofRow(line, header);
    if (read === null) {
      unread++;
      return;
    }
    const { command, tid, task, file } = read;
    isCut ||= new TextEncoder().encode(command).length === NAME_BYTES;
    // With -K each thread is told with all that its process has open.
    if (tid === -1) take(command, file);
    else out.thread(out.process(file.pid, command), tid, task);
  };

  const lines = new LineSplitter((bytes, start, end) => {
    const line = textOf(bytes, start, end).trimEnd();
    if (line === "" || line === "\0") return;
    if (warning.test(line)) {
      if (line.startsWith("lsof")) warned++;
      return;
    }
    if (isFirst) {
      isTable = readLsofHeader(line) !== null || looksLikeLsofRow(line);
      isFirst = false;
    }
    if (!isTable) {
      fields.line(line);
      return;
    }
    if (/^={3}/.test(line) || (/^\D*\d\d:\d\d:\d\d\D/.test(`${line} `) && !looksLikeLsofRow(line))) {
      ended(line);
      return;
    }
    const title = readLsofHeader(line);
    if (title === null) row(line);
    else {
      ended("");
      header = title;
    }
  }, 1 << 16);
  out.meta({ format: lsof.id, tool: "lsof" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      fields.end();
      ended("");
      clock.finish("`lsof -r 1m==%T==` writes them.");
      if (hidden.size > 0)
        out.note(
          `What ${hidden.size === 1 ? "one process has" : `${hidden.size} processes have`} open lsof was not allowed to see: run it with sudo.`,
        );
      if (isCut) out.note("lsof cuts names of commands to nine letters; with +c 0 it writes them whole.");
      if (warned > 0)
        out.note(`lsof warned ${warned === 1 ? "once" : `${warned} times`} that it may not have seen all.`);
      if (unread > 0) out.note(`${unread} ${unread === 1 ? "line" : "lines"} could not be read.`);
    },
  };
}
