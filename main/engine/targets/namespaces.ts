import type { TargetFacts } from "#core/model/recording.ts";
import { readLink, readProc } from "./proc-files.ts";

/** Whether a process lives in other namespaces than we do. What may not be read counts as the same. */
export function namespacesOf(pid: number): TargetFacts["namespaces"] {
  return { pid: differs(pid, "pid"), mount: differs(pid, "mnt"), user: differs(pid, "user") };
}

function differs(pid: number, kind: string): boolean {
  const theirs = readLink(`/proc/${pid}/ns/${kind}`);
  return theirs !== "" && theirs !== readLink(`/proc/self/ns/${kind}`);
}

/** The pid that a process has in the innermost of its pid namespaces. */
export function pidInsideOf(pid: number): number {
  const status = readProc(`/proc/${pid}/status`)?.toString("latin1") ?? "";
  const pids = /^NSpid:\s+([\d\t ]+)$/m.exec(status)?.[1]?.trim().split(/\s+/) ?? [];
  return Number(pids.at(-1) ?? pid);
}
