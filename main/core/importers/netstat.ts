import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import type { ProfileBuilder } from "../model/builder.ts";
import { type Descriptor, untold } from "../model/descriptors.ts";
import type { StreamImporter, StreamParser } from "./importer.ts";
import { LimitedCounters } from "./shared/limited-counters.ts";
import { OpenReports } from "./shared/open-reports.ts";
import { ReportClock } from "./shared/report-clock.ts";
import { internetName, unixName } from "./shared/socket-names.ts";

/**
 * `netstat` of net-tools and of BusyBox, in any language, once or again and again (-c): connections and sockets, and counts
 * of network interfaces (-i). https://net-tools.sourceforge.io/man/netstat.8.html
 *
 *     Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name
 *     tcp        0      0 127.0.0.1:8080          0.0.0.0:*               LISTEN      4711/nginx: master
 *     Proto RefCnt Flags       Type       State         I-Node   PID/Program name     Path
 *     unix  2      [ ACC ]     STREAM     LISTENING     2193741  4711/nginx           /run/a.sock
 *     Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg
 *     eth0             1400   108140      0      0 0         93393      0      0      0 BMRU
 */
export const netstat: StreamImporter = {
  id: "netstat",
  title: "netstat",
  extensions: ["txt", "netstat"],
  order: 224,
  kind: "stream",
  sniff: (head) => {
    if (head.subarray(0, 4096).includes(0)) return false;
    const lines = textOf(head.subarray(0, 4096)).split(/\r?\n/, 8);
    // Words are in the language of whoever asked: rows are known by their shape.
    return lines.some(
      (line, i) =>
        interfaces.test(line) ||
        (proto.test(line) && (internet.test(lines[i + 1] ?? "") || unix.test(lines[i + 1] ?? ""))) ||
        (i === 0 && internet.test(line)),
    );
  },
  open: (out) => createParser(out),
};

const proto = /^Proto\s+\S+\s+\S+\s+\S/;
const interfaces = /^Iface\s+MTU\s+(?:Met\s+)?RX-OK\s+RX-ERR/;
const internet =
  /^((?:tcp|udp|raw|udpl|sctp|dccp|icmp|mptcp|l2cap|rfcomm)\w*)\s+(\d{1,12})\s+(\d{1,12})\s+(\S+:\S+)\s+(\S+:\S+)(?:\s+(.*))?$/;
const unix =
  /^unix\s+(\d+)\s+\[([^\]]*)\]\s+([A-Z]\w+)\s+(?:([^\s\d]\S*(?: [^\s\d]\S*)?)\s+)?(\d{1,20})(?:\s+(\S.*))?$/;
/** "4711/nginx: worker process", "-" of others. */
const owner = /^(?:(\d{1,10})\/(.*?)|-)$/;
const timer = /\s*\b((?:off|on|keepalive|timewait|probe|unkn-\d+) \([\d./]+\))$/;
/** Columns of addresses are as wide as this, unless -W is asked for. */
const CUT_WIDTH = 23;

function createParser(out: ProfileBuilder): StreamParser {
  const clock = new ReportClock(out);
  const reports = new OpenReports(out);
  const counters = new LimitedCounters(out);
  let columns: readonly string[] = [];
  let isFirstTable = "";
  let unread = 0;
  let isCut = false;
  let isHidden = false;

  const ended = (): void => {
    if (reports.size > 0) reports.end(clock.timeNs);
  };
  /** A table begins; with the first one again it is another turn. */
  const began = (table: string): void => {
    if (isFirstTable === "" || isFirstTable === table) {
      ended();
      clock.report(table);
    }
    isFirstTable ||= table;
  };

  const add = (owned: string, part: Omit<Descriptor, "pid" | "fd" | "kind">): void => {
    const [, pid, name = ""] = owner.exec(owned) ?? [];
    if (pid !== undefined) out.process(Number(pid), name.trim());
    reports.add({ ...part, pid: pid === undefined ? -1 : Number(pid), fd: -1, kind: "socket" });
  };

  const connection = (match: RegExpExecArray): void => {
    const [, protocol = "", received, sent, local = "", peer = "", behind = ""] = match;
    isCut ||= local.length === CUT_WIDTH || peer.length === CUT_WIDTH;
    const time = timer.exec(behind)?.[1] ?? "";
    const rest = behind.replace(timer, "").trim();
    // The state, which sockets without connections do not have; user and inode (-e); the process (-p).
    const words = /^(?:([^\s\d-]\S*)(?:\s+|$))?(?:(\S+)\s+(\d+)(?:\s+|$))?(\d+\/.*|-)?$/.exec(rest);
    if (!words) unread++;
    const [, state = "", user = "", inode = "", owned = ""] = words ?? [];
    const more = { user, inode, timer: time, ...(words ? {} : { said: rest }) };
    add(owned, {
      ...untold,
      ...internetName(protocol, local, peer),
      state,
      receiveQueue: Number(received),
      sendQueue: Number(sent),
      more: told(more),
    });
  };

  const local = (match: RegExpExecArray): void => {
    const [, references = "", flags = "", type = "", said = "", inode = "", behind = ""] = match;
    const hasOwner = columns.includes("PID/Program");
    // Its name is padded to twenty letters, and may have blanks in it.
    const [, owned = "", path = ""] =
      (hasOwner ? /^(-|\d+\/.{0,18}?)(?:\s{2,}(.*)|\s+([/@].*)|\s*)$/ : /^()(.*)$/).exec(behind) ?? [];
    const rest = hasOwner && owned === "" ? behind : path || (/\s([/@].*)$/.exec(behind)?.[1] ?? "");
    add(owned.trim(), {
      ...untold,
      name: unixName(type, hasOwner ? rest.trim() : path),
      state: said === "LISTENING" ? "LISTEN" : said,
      more: told({ inode, references, flags: flags.trim() }),
    });
  };

  const lines = new LineSplitter((bytes, start, end) => {
    const line = textOf(bytes, start, end).trimEnd();
    if (line === "") return;
    const row = internet.exec(line);
    if (row) {
      if (columns.length === 0) began("bare");
      columns = columns.length === 0 ? ["Proto"] : columns;
      connection(row);
      return;
    }
    const socket = unix.exec(line);
    if (socket) {
      local(socket);
      return;
    }
    if (proto.test(line) || interfaces.test(line)) {
      began(line);
      columns = line.trim().split(/\s+/);
      return;
    }
    if (columns[0] === "Iface" && counts(line)) return;
    if (/geteuid\(\)|^\(.*(?:root|non-owned)/.test(line)) {
      isHidden = true;
      return;
    }
    // "Active Internet connections (servers and established)", in whatever language.
    if (/^\D*$/.test(line)) return;
    if (clock.line(line) || clock.within(line)) {
      ended();
      return;
    }
    unread++;
  }, 1 << 16);

  const counts = (line: string): boolean => {
    const [name = "", ...values] = line.trim().split(/\s+/);
    if (values.length !== columns.length - 1) return false;
    for (const [i, value] of values.entries())
      if (/^\d{1,16}$/.test(value))
        counters.add(
          `${name} ${columns[i + 1]}`,
          columns[i + 1] === "MTU" ? "bytes" : "count",
          clock.timeNs,
          Number(value),
        );
    return true;
  };

  out.meta({ format: netstat.id, tool: "netstat" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      ended();
      clock.finish("A line of `date` in front of each tells when it was.");
      if (isCut)
        out.note(
          "netstat cuts long addresses and names to the width of its columns; with -W it writes them whole.",
        );
      if (isHidden) out.note("netstat was not allowed to see whose some sockets are: run it with sudo.");
      if (unread > 0) out.note(`${unread} ${unread === 1 ? "line" : "lines"} could not be read.`);
    },
  };
}

const told = (more: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(more).filter(([, value]) => value !== ""));
