import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type Problem, ProblemError, problemOf, throwProblem } from "#core/base/result.ts";
import { defaultInspectorPort as defaultPort, hintedPorts } from "../targets/inspector-state.ts";
import { readLink, readProcText } from "../targets/proc-files.ts";
import { runtimeOfProgram } from "../targets/runtime.ts";
import { catchesSignal } from "../targets/signals.ts";
import { listDebugTargets } from "./inspector-targets.ts";

/** Finding, and where it must be opening, the inspector of one process. Never trusts a port number alone. */

export interface ListeningPort {
  readonly host: string;
  readonly port: number;
}

const listenState = "0A";
const establishedState = "01";

interface SocketRow {
  readonly host: string;
  readonly port: number;
  readonly state: string;
  readonly inode: string;
}

/** Rows of /proc/net/tcp or tcp6: addresses are hex words in host byte order. */
export function parseSockets(text: string): readonly SocketRow[] {
  const rows: SocketRow[] = [];
  for (const line of text.split("\n").slice(1)) {
    const fields = line.trim().split(/\s+/);
    const [address = "", portHex = ""] = (fields[1] ?? "").split(":");
    const inode = fields[9];
    if (inode === undefined || address === "") continue;
    rows.push({
      host: hostOf(address),
      port: Number.parseInt(portHex, 16),
      state: fields[3] ?? "",
      inode,
    });
  }
  return rows;
}

/** Where to connect: an address of all interfaces becomes the loopback one. */
function hostOf(hex: string): string {
  if (/^0+$/.test(hex)) return hex.length === 8 ? "127.0.0.1" : "[::1]";
  if (hex.length === 8) {
    const bytes = hex.match(/../g)?.reverse() ?? [];
    return bytes.map((byte) => Number.parseInt(byte, 16)).join(".");
  }
  // ::ffff:a.b.c.d
  if (/^0{16}FFFF0000/i.test(hex)) return hostOf(hex.slice(24));
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => word.match(/../g)?.reverse() ?? []);
  const groups = bytes.flatMap((byte, index) => (index % 2 === 0 ? [byte + (bytes[index + 1] ?? "")] : []));
  return `[${groups.join(":")}]`;
}

/** Its own view of the network: a process in a container has another one. */
const socketsOf = (pid: number): readonly SocketRow[] =>
  ["tcp", "tcp6"].flatMap((name) => parseSockets(readProcText(`/proc/${pid}/net/${name}`) ?? ""));

function listeningPorts(pid: number): readonly ListeningPort[] {
  const own = new Set<string>();
  let names: readonly string[] = [];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch {
    // Gone, or not ours: the caller finds out by asking for the process itself.
  }
  for (const name of names) {
    const inode = /^socket:\[(\d+)\]$/.exec(readLink(`/proc/${pid}/fd/${name}`))?.[1];
    if (inode !== undefined) own.add(inode);
  }
  return socketsOf(pid).filter((row) => row.state === listenState && own.has(row.inode));
}

/** Which of our processes listens there: `likely` first, for it nearly always is the one. -1 where none is found. */
export function listenerOf(port: number, likely: number): number {
  const listens = (pid: number): boolean => listeningPorts(pid).some((each) => each.port === port);
  if (listens(likely)) return likely;
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).find(listens) ?? -1;
}

/** Connections to a port of this process, ours included. */
export const connectionsTo = (pid: number, port: number): number =>
  socketsOf(pid).filter((row) => row.state === establishedState && row.port === port).length;

/** Resolves when the process has closed the port, or after `withinMs`: a busy one may take its time. */
export async function portClosed(pid: number, port: number, withinMs: number): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (listeningPorts(pid).some((each) => each.port === port) && performance.now() < deadlineMs)
    await delay(20);
}

export interface OpenInspector {
  readonly url: string;
  readonly port: number;
  /** We opened it with SIGUSR1, so it is ours to close. */
  readonly openedByUs: boolean;
}

const openTimeoutMs = 5000;
const takenTimeoutMs = 2000;

export async function openInspector(pid: number): Promise<OpenInspector> {
  if (readLink(`/proc/${pid}/ns/net`) !== readLink("/proc/self/ns/net")) {
    throwProblem(
      "other-network",
      `Process ${pid} runs in a network of its own (a container), so its inspector cannot be reached.`,
      "Publish the inspector's port and record its address, or run Flamewright inside the container.",
    );
  }
  const hinted = hintedPorts((readProcText(`/proc/${pid}/cmdline`) ?? "").split("\0"));
  const before = listeningPorts(pid);
  // Only ports that are likely an inspector's are asked: an unknown service should not get our request.
  const likely = before.filter(({ port }) => port === defaultPort || hinted.has(port) || hinted.has(0));
  const open = await firstInspector(likely);
  if (open !== null) return { ...open, openedByUs: false };

  if (!catchesSignal(pid, "SIGUSR1")) {
    throwProblem(
      "inspector-closed",
      `Process ${pid} has no open inspector and does not catch SIGUSR1, which would end it.`,
      "Start it with node --inspect=127.0.0.1:0, or record it with perf.",
    );
  }
  const port = [...hinted].find((each) => each > 0) ?? defaultPort;
  // A program that renamed itself (process.title) has overwritten its arguments: then only trying tells the port.
  const taken = isPortTaken(pid, port, before);
  if (taken && !isRenamed(pid)) throw new ProblemError(portTaken(pid, port));
  sendUserSignal(pid);
  const deadlineMs = performance.now() + (taken ? takenTimeoutMs : openTimeoutMs);
  while (performance.now() < deadlineMs) {
    const fresh = listeningPorts(pid).filter(
      (now) => !before.some((then) => then.port === now.port && then.host === now.host),
    );
    const opened = await firstInspector(fresh);
    if (opened !== null) return { ...opened, openedByUs: true };
    await delay(20);
  }
  // It may have been opened from code, at a port of its own choice.
  const other = await firstInspector(before.filter(({ host }) => host === "127.0.0.1" || host === "[::1]"));
  if (other !== null) return { ...other, openedByUs: false };
  if (taken) throw new ProblemError(portTaken(pid, port));
  throw new ProblemError(
    problemOf(
      "inspector-silent",
      `Process ${pid} did not open its inspector within ${openTimeoutMs / 1000} seconds.`,
      "Its main thread may be blocked or paused; try again, or record it with perf.",
    ),
  );
}

async function firstInspector(
  ports: readonly ListeningPort[],
): Promise<{ readonly url: string; readonly port: number } | null> {
  for (const { host, port } of ports) {
    const targets = await listDebugTargets(`http://${host}:${port}`);
    const url = targets?.find(({ address }) => address !== "")?.address;
    if (url !== undefined) return { url, port };
  }
  return null;
}

/** Node would only complain on the target's stderr; and whoever holds the port is not who we want to record. */
function isPortTaken(pid: number, port: number, own: readonly ListeningPort[]): boolean {
  if (port === 0 || own.some((each) => each.port === port)) return false;
  return socketsOf(pid).some((row) => row.state === listenState && row.port === port);
}

const portTaken = (pid: number, port: number): Problem =>
  problemOf(
    "inspector-port-taken",
    `Port ${port}, where process ${pid} would open its inspector, belongs to another process.`,
    "Stop recording or debugging the other one first, or start this one with --inspect-port=0.",
  );

function isRenamed(pid: number): boolean {
  const [first = ""] = (readProcText(`/proc/${pid}/cmdline`) ?? "").split("\0");
  return runtimeOfProgram(first) !== "node";
}

function sendUserSignal(pid: number): void {
  try {
    process.kill(pid, "SIGUSR1");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "ESRCH") {
      throwProblem("no-such-process", `There is no process ${pid}.`, "Pick it again from the list.");
    }
    throwProblem("not-yours", `Process ${pid} belongs to someone else.`, "Run Flamewright as its user.");
  }
}
