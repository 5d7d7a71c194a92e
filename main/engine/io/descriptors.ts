import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { type Descriptor, untold } from "#core/model/descriptors.ts";
import { readLink, readProc } from "../targets/proc-files.ts";
import { readInternet, readTcpInfo, readUnix, type SocketFacts, type TcpTraffic } from "./socket-texts.ts";

/** More than this of one process is not looked at: one reading would take too long. */
const MAX_DESCRIPTORS = 4096;
const O_ACCMODE = 3;
const O_DIRECTORY = 0o200000;

/** What a process has open now; null where that may not be seen, or it is gone. */
export function readDescriptors(
  pid: number,
  traffic: ReadonlyMap<string, TcpTraffic> = new Map(),
): readonly Descriptor[] | null {
  let names: string[];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch {
    return null;
  }
  let sockets: ReadonlyMap<number, SocketFacts> | null = null;
  return names.slice(0, MAX_DESCRIPTORS).flatMap((name) => {
    const link = readLink(`/proc/${pid}/fd/${name}`);
    // It was closed since.
    if (link === "") return [];
    const info = readProc(`/proc/${pid}/fdinfo/${name}`)?.toString("latin1") ?? "";
    const flags = Number.parseInt(/^flags:\s*(\d+)$/m.exec(info)?.[1] ?? "0", 8);
    const position = Number(/^pos:\s*(\d+)$/m.exec(info)?.[1] ?? -1);
    const base = {
      pid,
      fd: Number(name),
      ...untold,
      access: ["r", "w", "rw", ""][flags & O_ACCMODE] ?? "",
    };
    const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
    if (inode !== undefined) {
      sockets ??= socketsOf(pid);
      return [{ ...base, ...socketOf(sockets.get(Number(inode)), inode, traffic) }];
    }
    const kind = kindOf(link, flags);
    return [{ ...base, kind, name: link, position: kind === "file" ? position : -1 }];
  });
}

function kindOf(link: string, flags: number): Descriptor["kind"] {
  if (link.startsWith("pipe:")) return "pipe";
  if (!link.startsWith("/")) return "other";
  if ((flags & O_DIRECTORY) !== 0) return "folder";
  return link.startsWith("/dev/") ? "device" : "file";
}

function socketOf(
  facts: SocketFacts | undefined,
  inode: string,
  traffic: ReadonlyMap<string, TcpTraffic>,
): Pick<Descriptor, "kind" | "name" | "peer" | "state" | "receiveQueue" | "sendQueue"> & Partial<TcpTraffic> {
  // Netlink, packet and the like have files of their own.
  if (!facts)
    return {
      kind: "socket",
      name: `socket:[${inode}]`,
      peer: "",
      state: "",
      receiveQueue: -1,
      sendQueue: -1,
    };
  const { name, peer, state, receiveQueue, sendQueue, key } = facts;
  return { kind: "socket", name, peer, state, receiveQueue, sendQueue, ...(key !== "" && traffic.get(key)) };
}

/** All sockets of the network namespace that the process is in. */
function socketsOf(pid: number): ReadonlyMap<number, SocketFacts> {
  const text = (name: string): string =>
    readProc(`/proc/${pid}/net/${name}`, 1 << 24)?.toString("latin1") ?? "";
  return new Map([
    ...readInternet(text("tcp"), "TCP"),
    ...readInternet(text("tcp6"), "TCP"),
    ...readInternet(text("udp"), "UDP"),
    ...readInternet(text("udp6"), "UDP"),
    ...readUnix(text("unix")),
  ]);
}

/** What TCP connections moved, as ss knows it; empty where it is not there. */
export function askTcpTraffic(): Promise<ReadonlyMap<string, TcpTraffic>> {
  return new Promise((resolve) => {
    execFile("ss", ["-tinH"], { timeout: 2000, maxBuffer: 1 << 24 }, (error, stdout) => {
      resolve(error === null ? readTcpInfo(stdout) : new Map());
    });
  });
}
