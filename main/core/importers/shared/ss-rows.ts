import { type Descriptor, untold } from "../../model/descriptors.ts";
import { internetName, unixName } from "./socket-names.ts";

export interface SsRow {
  /** "tcp", "u_str" ...; "" where the column is left out. */
  readonly netid: string;
  /** As ss writes it: "ESTAB"; "" where the column is left out. */
  readonly state: string;
  readonly isUnix: boolean;
  readonly receiveQueue: number;
  readonly sendQueue: number;
  readonly local: string;
  readonly peer: string;
  /** Of a socket of the machine itself: its inode, and its peer's; "". */
  readonly inode: string;
  readonly peerInode: string;
  /** Behind the addresses: users, uid, timer, memory, what TCP says. */
  readonly details: string;
}

export const isSsHeader = (line: string): boolean =>
  /^(?:Netid\s+)?(?:State\s+)?Recv-Q\s*Send-Q\s*Local Address:\s*Port\s*Peer Address:\s*Port/.test(line);

const netids =
  "nl|p_raw|p_dgr|u_str|u_dgr|u_seq|tcp|udp|raw|icmp6?|dccp|sctp|mptcp|ti_\\w+|v_str|v_dgr|xdp|tipc|ti|\\?\\?\\?";
const statesOf: Readonly<Record<string, string>> = {
  ESTAB: "ESTABLISHED",
  "SYN-SENT": "SYN_SENT",
  "SYN-RECV": "SYN_RECV",
  "FIN-WAIT-1": "FIN_WAIT1",
  "FIN-WAIT-2": "FIN_WAIT2",
  "TIME-WAIT": "TIME_WAIT",
  UNCONN: "UNCONNECTED",
  "CLOSE-WAIT": "CLOSE_WAIT",
  "LAST-ACK": "LAST_ACK",
  LISTEN: "LISTEN",
  CLOSING: "CLOSING",
};
const front = new RegExp(
  `^(?:(${netids})\\s+)?(?:(${Object.keys(statesOf).join("|")})\\s+)?(\\d{1,12})\\s+(\\d{1,12})\\s+(\\S.*)$`,
);
/** "127.0.0.1:80", "[::1]%lo:80", "*:https", "rtnl:chromium/4711". */
const internet = /^(\S+:\S*)\s+(\S+:\S*|\*)(?:\s+(.*))?$/;
/** A path, which may have blanks in it, and an inode: "/run/a b.sock 4711   * 0   users:(...)". */
const unix = /^(.+?) (\d{1,20})\s+(.+?) (\d{1,20})(?:\s+(.*))?$/;

export function readSsRow(line: string): SsRow | null {
  const match = front.exec(line);
  if (!match) return null;
  const [, netid = "", state = "", received = "", sent = "", rest = ""] = match;
  const isUnix = netid.startsWith("u_") || (netid === "" && /^(?:\*|[/@]\S*) /.test(rest));
  const addresses = (isUnix ? unix : internet).exec(rest);
  if (!addresses) return null;
  const [, local = "", second = "", third = "", fourth = "", fifth = ""] = addresses;
  return {
    netid,
    state,
    isUnix,
    receiveQueue: Number(received),
    sendQueue: Number(sent),
    local: isUnix && local === "*" ? "" : local,
    peer: isUnix ? (third === "*" ? "" : third) : second,
    inode: isUnix ? second : "",
    peerInode: isUnix ? fourth : "",
    details: (isUnix ? fifth : third).trim(),
  };
}

export const withDetails = (row: SsRow, details: string): SsRow => ({
  ...row,
  details: row.details === "" ? details : `${row.details} ${details}`,
});

const users = /users:\(((?:\("(?:[^"]|"(?!,pid=))*",pid=\d+,fd=\d+\),?)*)\)/;

/** A row for each process that has the socket, or one of nobody's; `kind`: of sockets whose kind is not told. */
export function descriptorsOf(
  row: SsRow,
  kind: string,
): readonly { readonly process: string; readonly descriptor: Descriptor }[] {
  const { netid, state, isUnix, details } = row;
  const owned = users.exec(details);
  const rest = (owned ? details.replace(owned[0], "") : details).trim();
  const number = (name: string): number =>
    Number(new RegExp(`(?:^|\\s)${name}:(\\d{1,16}(?:\\.\\d{1,9})?)`).exec(rest)?.[1] ?? -1);
  const roundTripMs = number("rtt");
  const sent = number("bytes_sent");
  const acknowledged = number("bytes_acked");
  const hasTcp = roundTripMs >= 0 || number("cwnd") >= 0;
  const inode = row.inode || (/(?:^|\s)ino:(\d+)/.exec(rest)?.[1] ?? "");
  const more = Object.entries({
    inode,
    "peer inode": row.peerInode === "0" ? "" : row.peerInode,
    details: rest,
  }).filter(([, value]) => value !== "");
  const base: Descriptor = {
    ...untold,
    pid: -1,
    fd: -1,
    kind: "socket",
    ...(isUnix
      ? {
          name: unixName({ u_dgr: "DGRAM", u_seq: "SEQPACKET" }[netid] ?? "", row.local),
          peer: row.peer,
        }
      : internetName(nameOf(netid || kind), row.local, row.peer)),
    state: statesOf[state] ?? state,
    receiveQueue: row.receiveQueue,
    sendQueue: row.sendQueue,
    // What was never sent or received is not in the line.
    receivedBytes: hasTcp ? Math.max(0, number("bytes_received")) : -1,
    // Older kernels say what was acknowledged, which counts the first packet as a byte.
    sentBytes: hasTcp ? (sent >= 0 ? sent : Math.max(0, acknowledged - 1)) : -1,
    roundTripNs: roundTripMs >= 0 ? Math.round(roundTripMs * 1e6) : -1,
    more: Object.fromEntries(more),
  };
  const of = [...(owned?.[1] ?? "").matchAll(/\("((?:[^"]|"(?!,pid=))*)",pid=(\d{1,10}),fd=(\d{1,9})\)/g)];
  if (of.length === 0) return [{ process: "", descriptor: base }];
  return of.map(([, process = "", pid, fd]) => ({
    process,
    descriptor: { ...base, access: "rw", pid: Number(pid), fd: Number(fd) },
  }));
}

const nameOf = (netid: string): string =>
  ({ nl: "NETLINK", p_raw: "PACKET", p_dgr: "PACKET-DGRAM", v_str: "VSOCK", v_dgr: "VSOCK-DGRAM" })[netid] ??
  netid;
