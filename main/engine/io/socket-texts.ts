/** What /proc/net and ss say of sockets. Pure: it is given the texts. */

export interface SocketFacts {
  /** "TCP 127.0.0.1:5000 → 127.0.0.1:80" */
  readonly name: string;
  readonly peer: string;
  readonly state: string;
  readonly receiveQueue: number;
  readonly sendQueue: number;
  /** Both ends as ss writes them; "" of others than TCP. */
  readonly key: string;
}

/** include/net/tcp_states.h */
const states = [
  "",
  "ESTABLISHED",
  "SYN_SENT",
  "SYN_RECV",
  "FIN_WAIT1",
  "FIN_WAIT2",
  "TIME_WAIT",
  "CLOSE",
  "CLOSE_WAIT",
  "LAST_ACK",
  "LISTEN",
  "CLOSING",
  "NEW_SYN_RECV",
];

/** A file of /proc/net: tcp, tcp6, udp or udp6, by inode. */
export function readInternet(text: string, protocol: "TCP" | "UDP"): ReadonlyMap<number, SocketFacts> {
  const found = new Map<number, SocketFacts>();
  for (const line of text.split("\n").slice(1)) {
    // "0: 0100007F:9B9D 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1221758 1 ..."
    const words = line.trim().split(/\s+/);
    const [, local, remote, state = "", queues = ""] = words;
    const inode = Number(words[9]);
    if (local === undefined || remote === undefined || !Number.isInteger(inode)) continue;
    const here = endOf(local);
    const there = endOf(remote);
    const isConnected = !/:0$/.test(there);
    const [sent = "0", received = "0"] = queues.split(":");
    const word = states[Number.parseInt(state, 16)] ?? "";
    found.set(inode, {
      name: `${protocol} ${here}${isConnected ? ` → ${there}` : ""}`,
      peer: isConnected ? there : "",
      state: protocol === "UDP" ? (isConnected ? "CONNECTED" : "UNCONNECTED") : word,
      receiveQueue: Number.parseInt(received, 16),
      sendQueue: Number.parseInt(sent, 16),
      key: protocol === "TCP" && isConnected ? `${here} ${there}` : "",
    });
  }
  return found;
}

/** "0100007F:9B9D" to "127.0.0.1:39837": words of four bytes in the machine's order, which is little-endian. */
function endOf(text: string): string {
  const [address = "", port = "0"] = text.split(":");
  const words = (address.match(/.{8}/g) ?? []).map((word) => (word.match(/../g) ?? []).reverse().join(""));
  const bytes = words.join("");
  const number = Number.parseInt(port, 16);
  if (bytes.length === 8) return `${dotted(bytes)}:${number}`;
  const mapped = /^0{20}ffff(.{8})$/i.exec(bytes)?.[1];
  if (mapped !== undefined) return `[::ffff:${dotted(mapped)}]:${number}`;
  return `[${shortened(bytes)}]:${number}`;
}

const dotted = (hex: string): string =>
  (hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).join(".");

/** The longest run of zeros as "::", as RFC 5952 has it. */
function shortened(hex: string): string {
  const groups = (hex.match(/.{4}/g) ?? []).map((group) => Number.parseInt(group, 16).toString(16));
  const text = groups.join(":");
  const runs = text.match(/(?:\b0:)+0\b/g) ?? [];
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), "");
  if (longest === "") return text;
  const at = text.indexOf(longest);
  return `${text.slice(0, at).replace(/:$/, "")}::${text.slice(at + longest.length).replace(/^:/, "")}`;
}

const unixStates: Readonly<Record<string, string>> = {
  "01": "UNCONNECTED",
  "02": "CONNECTING",
  "03": "CONNECTED",
  "04": "DISCONNECTING",
};
/** SO_ACCEPTCON: it is listened on. */
const ACCEPTS = 0x10000;

/** /proc/net/unix, by inode. Who is at the other end it does not say. */
export function readUnix(text: string): ReadonlyMap<number, SocketFacts> {
  const found = new Map<number, SocketFacts>();
  for (const line of text.split("\n").slice(1)) {
    // "0000000004323e29: 00000003 00000000 00000000 0001 03 1220604 /run/x"
    const match = /^\S+: \S+ \S+ (\S+) (\S+) (\S+)\s+(\d+)(?: (.*))?$/.exec(line);
    if (!match) continue;
    const [, flags = "0", type, state = "", inode, path = ""] = match;
    const kind = type === "0002" ? "UNIX-DGRAM" : type === "0005" ? "UNIX-SEQPACKET" : "UNIX";
    const listens = (Number.parseInt(flags, 16) & ACCEPTS) !== 0;
    found.set(Number(inode), {
      name: path === "" ? kind : `${kind} ${path}`,
      peer: listens ? "" : path,
      state: listens ? "LISTEN" : (unixStates[state] ?? ""),
      receiveQueue: -1,
      sendQueue: -1,
      key: "",
    });
  }
  return found;
}

export interface TcpTraffic {
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly roundTripNs: number;
}

/** `ss -tinH`, by both ends: a line of the socket, and an indented one with what tcp_info says. */
export function readTcpInfo(text: string): ReadonlyMap<string, TcpTraffic> {
  const found = new Map<string, TcpTraffic>();
  let key = "";
  for (const line of text.split("\n")) {
    if (!/^\s/.test(line)) {
      const words = line.trim().split(/\s+/);
      key = `${words[3] ?? ""} ${words[4] ?? ""}`;
      continue;
    }
    const number = (name: string): number =>
      Number(new RegExp(`\\b${name}:(\\d+(?:\\.\\d+)?)`).exec(line)?.[1] ?? -1);
    const roundTripMs = number("rtt");
    // Older kernels say what was acknowledged, which counts the first packet as a byte.
    const sent = number("bytes_sent");
    found.set(key, {
      receivedBytes: Math.max(0, number("bytes_received")),
      sentBytes: sent >= 0 ? sent : Math.max(0, number("bytes_acked") - 1),
      roundTripNs: roundTripMs >= 0 ? Math.round(roundTripMs * 1e6) : -1,
    });
  }
  return found;
}
