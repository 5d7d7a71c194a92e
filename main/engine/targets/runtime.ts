import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { Runtime } from "#core/model/recording.ts";
import { readProc } from "./proc-files.ts";

const programs: readonly (readonly [RegExp, Runtime])[] = [
  [/^node(js)?(-\d+)?$/, "node"],
  [/^(python|pypy)[\d.]*$/, "python"],
  [/^java$/, "java"],
  [/^ruby[\d.]*$/, "ruby"],
  // They map an interpreter for their users' scripts, and are none.
  [/^(perf(_[\d.]+)?|gdb|lldb(-\d+)?|n?vim?(\.\w+)?)$/, "native"],
];

/** Interpreters as libraries, in programs that embed them (uwsgi, jsvc, mod_ruby). */
const libraries: readonly (readonly [RegExp, Runtime])[] = [
  [/\/libjvm\.so/, "java"],
  [/\/libnode\.so/, "node"],
  [/\/libpython\d[^/\n]*\.so/, "python"],
  [/\/libruby[^/\n]*\.so/, "ruby"],
];

export function runtimeOfProgram(path: string): Runtime | null {
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/ \(deleted\)$/, "");
  return programs.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

/** By the name of the executable, or of an interpreter that it maps as a library. */
export const runtimeOfPaths = (executable: string, mapped: readonly string[]): Runtime | null =>
  runtimeOfProgram(executable) ??
  libraries.find(([pattern]) => mapped.some((path) => pattern.test(path)))?.[1] ??
  null;

/** The runtime of one executable or library mapping, worked out once a file. */
export function createRuntimeDetector(): (pid: number, exe: string, firstWord: string) => Runtime {
  const goFiles = new Map<string, boolean>();
  return (pid, exe, firstWord) => {
    const named = runtimeOfProgram(exe === "" ? firstWord : exe);
    if (named !== null) return named;
    // Someone else's: neither its file nor its mappings can be read.
    if (exe === "") return firstWord === "" ? "unknown" : "native";
    const isGo = goByFile(goFiles, `/proc/${pid}/exe`);
    if (isGo) return "go";
    const maps = readProc(`/proc/${pid}/maps`, 1 << 22)?.toString("latin1") ?? "";
    return libraries.find(([pattern]) => pattern.test(maps))?.[1] ?? "native";
  };
}

function goByFile(known: Map<string, boolean>, path: string): boolean {
  let key: string;
  try {
    const { dev, ino, mtimeMs } = statSync(path);
    key = `${dev}:${ino}:${mtimeMs}`;
  } catch {
    return false;
  }
  let isGo = known.get(key);
  if (isGo === undefined) {
    isGo = isGoBinary(path);
    known.set(key, isGo);
  }
  return isGo;
}

/** ELF: does it have a section that only Go's linker writes? Reads the section headers and their names, no more. */
export function isGoBinary(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return false;
  }
  try {
    const head = readAt(file, 0, 64);
    if (head.length < 64 || head.readUInt32BE(0) !== 0x7f454c46) return false;
    const wide = head[4] === 2;
    const little = head[5] === 1;
    if (!wide || !little) return false;
    const tableAt = Number(head.readBigUInt64LE(0x28));
    const entryBytes = head.readUInt16LE(0x3a);
    const entries = head.readUInt16LE(0x3c);
    const namesIndex = head.readUInt16LE(0x3e);
    if (entryBytes < 0x40 || entries === 0 || namesIndex >= entries) return false;
    const table = readAt(file, tableAt, entryBytes * entries);
    const namesEntry = namesIndex * entryBytes;
    if (table.length < namesEntry + 0x28) return false;
    const namesAt = Number(table.readBigUInt64LE(namesEntry + 0x18));
    const namesBytes = Math.min(Number(table.readBigUInt64LE(namesEntry + 0x20)), 1 << 16);
    const names = readAt(file, namesAt, namesBytes).toString("latin1");
    return names.includes(".go.buildinfo") || names.includes(".note.go.buildid");
  } catch {
    return false;
  } finally {
    closeSync(file);
  }
}

function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, position));
}
