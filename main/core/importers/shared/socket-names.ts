/** Sockets as the workbench names them, from what ss, netstat and lsof write. */

interface SocketName {
  /** "TCP 127.0.0.1:5000 → 127.0.0.1:80" */
  readonly name: string;
  /** "" where there is none. */
  readonly peer: string;
}

/** "::1:80" as "[::1]:80": netstat leaves the brackets out. */
function ended(text: string): string {
  const at = text.lastIndexOf(":");
  const host = text.slice(0, at);
  return host.includes(":") && !host.startsWith("[") ? `[${host}]${text.slice(at)}` : text;
}

/** "0.0.0.0:*", "[::]:*", "*:*", "*", "". */
const isNobody = (text: string): boolean => text === "" || /(?:^|:)\*$/.test(text);

export function internetName(protocol: string, local: string, remote: string): SocketName {
  const peer = isNobody(remote) ? "" : ended(remote);
  const kind = protocol.toUpperCase().replace(/^(TCP|UDP|RAW|UDPL(?:ITE)?)6$/, "$1");
  return { name: `${kind} ${ended(local)}${peer === "" ? "" : ` → ${peer}`}`, peer };
}

/** `type`: "STREAM", "DGRAM", "SEQPACKET". */
export const unixName = (type: string, path: string): string =>
  `UNIX${type === "STREAM" || type === "" ? "" : `-${type}`}${path === "" ? "" : ` ${path}`}`;
