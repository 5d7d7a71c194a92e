import { readdirSync } from "node:fs";
import { readLink, readProc } from "./proc-files.ts";

/** State of a socket that waits for connections, in hex as /proc/net/tcp has it. */
const LISTEN = "0A";
const netLimitBytes = 1 << 22;
/** A process with more open files is looked at as far as this. */
const mostFiles = 10_000;

/**
 * Addresses on which a process listens for TCP connections: the inodes of its sockets, looked up in the table of its own
 * network namespace (https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt). Empty where it is someone
 * else's.
 */
export function listeningOf(pid: number): readonly string[] {
  // In another network namespace its addresses are not ours: somebody else may answer there.
  if (readLink(`/proc/${pid}/ns/net`) !== readLink("/proc/self/ns/net")) return [];
  let files: string[];
  try {
    files = readdirSync(`/proc/${pid}/fd`).slice(0, mostFiles);
  } catch {
    return [];
  }
  const inodes = new Set(
    files.flatMap((file) => /^socket:\[(\d+)\]$/.exec(readLink(`/proc/${pid}/fd/${file}`))?.[1] ?? []),
  );
  if (inodes.size === 0) return [];
  const found = ["tcp", "tcp6"].flatMap((table) =>
    listeningIn(readProc(`/proc/${pid}/net/${table}`, netLimitBytes)?.toString("latin1") ?? "", inodes),
  );
  return [...new Set(found)].sort();
}

/** Rows of /proc/net/tcp or tcp6 that listen and have one of the inodes, as "127.0.0.1:6060" or "[::1]:6060". */
export function listeningIn(table: string, inodes: ReadonlySet<string>): readonly string[] {
  return table
    .split("\n")
    .slice(1)
    .flatMap((row) => {
      const [, local = "", , state, , , , , , inode = ""] = row.trim().split(/\s+/);
      if (state !== LISTEN || !inodes.has(inode)) return [];
      const [address = "", port = ""] = local.split(":");
      return [`${addressText(address)}:${Number.parseInt(port, 16)}`];
    });
}

/** Words of 32 bits, each with its bytes in the order of this machine: little-endian. */
function addressText(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)),
  );
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  const text = groups.join(":");
  if (/^(0:){5}ffff:/.test(text)) return bytes.slice(12).join(".");
  return `[${text.replace(/(^|:)0(:0)+(:|$)/, "::")}]`;
}
