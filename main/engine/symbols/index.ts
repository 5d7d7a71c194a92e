import { lstatSync, readFileSync, statSync } from "node:fs";
import { release } from "node:os";
import { basename, dirname, isAbsolute, join, normalize } from "node:path";
import { crc32 } from "#core/bytes/crc32.ts";
import { type ElfFile, findBuildId, isElf, type ReadAt, readElf } from "#core/bytes/elf.ts";
import { EndianReader } from "#core/bytes/endian.ts";
import type {
  BinaryIdentity,
  ImportServices,
  KernelIdentity,
  SymbolTable,
  UnwindInfo,
} from "#core/importers/importer.ts";
import { isJitDump, isJitMap } from "#core/importers/shared/jit-names.ts";
import { openPlaces, type PlaceTable } from "./debug-info.ts";
import { fetchDebugFile } from "./debuginfod.ts";
import { elfTable, type OpenedElf, openElf, readMemory, unwindInfoOf, withFile } from "./elf-table.ts";
import { dumpReader } from "./jit-dump.ts";
import { type KernelTable, readKallsyms } from "./kallsyms.ts";
import { createLateTables } from "./late-tables.ts";
import { mapReader } from "./map-file.ts";
import { type SymbolPlaces, symbolPlaces } from "./places.ts";
import { growingMap, growingTable } from "./text-map.ts";

const MAX_MAP_BYTES = 2 ** 29;
const MAX_DEBUG_BYTES = 2 ** 32;

/**
 * Names for addresses, from what is on this machine: ELF files whose build id is the recording's, their debug files, perf's
 * cache, the maps that runtimes write, the kernel that runs here. A path in a profile is only opened where it is a
 * regular file, and nothing of it is shown but names of functions.
 */
export function findSymbols(
  at: SymbolPlaces = symbolPlaces(),
  { debugStepBytes = Number.POSITIVE_INFINITY, isLive = false }: SymbolManner = {},
): NonNullable<ImportServices["symbols"]> {
  const tables = new Map<string, SymbolTable | null>();
  const late = isLive && at.servers.length > 0 ? createLateTables(MOST_FETCHED) : null;
  let isMangled = false;
  const onMangled = (): void => {
    isMangled = true;
  };
  const open = (binary: BinaryIdentity): SymbolTable | null => {
    const now = (): SymbolTable | null => tableOf(binary, at, onMangled, debugStepBytes);
    if (!late || !mayBeFetched(binary.path)) return now();
    // A disk that is full costs names, and not the recording.
    return late.table(binary.path, now, lackOf(binary, at), (lack) =>
      fetchLack(lack, at, new AbortController().signal).catch(() => false),
    );
  };
  return {
    tableOf: (binary) => {
      const key = JSON.stringify([binary.path, binary.buildId]);
      let table = tables.get(key);
      if (table === undefined) {
        table = open(binary);
        tables.set(key, table);
      }
      return table;
    },
    unwindInfo: (binary) => unwindInfo(binary, at),
    prepare: async (binaries, signal) => {
      if (at.servers.length === 0) return;
      for (const binary of binaries.slice(0, MOST_FETCHED)) {
        const lack = lackOf(binary, at);
        if (lack) await fetchLack(lack, at, signal);
      }
    },
    kernel: (kernel) => kernelTable(kernel, at),
    notes: () => [...(isMangled ? [mangledNote] : []), ...(late?.notes() ?? [])],
  };
}

export interface SymbolManner {
  /** How much debug information is read at once. */
  readonly debugStepBytes?: number;
  /** Nobody waits for servers: what they have is used once it is here. */
  readonly isLive?: boolean;
}

/** Binaries of one profile that servers are asked about. */
const MOST_FETCHED = 32;

const mangledNote =
  "Names of C++ and Rust are as the linker has them: `c++filt`, which reads them, is not on this machine " +
  "(Debian: apt install binutils).";

const VDSO = "[vdso]";
const mayBeFetched = (path: string): boolean => path !== VDSO && !isJitMap(path);

/** What servers may have of a binary whose names are not on this machine. */
interface Lack {
  readonly buildId: string;
  readonly isCodeHere: boolean;
}

function lackOf({ path, buildId, pid }: BinaryIdentity, at: SymbolPlaces): Lack | null {
  const file = binaryFile({ path, buildId, pid }, at);
  if (file?.hasSymtab || debugFile(path, file, buildId, at)) return null;
  const build = buildId || (file?.buildId ?? "");
  return build === "" ? null : { buildId: build, isCodeHere: file !== null };
}

/** Whether anything came. */
async function fetchLack(
  { buildId, isCodeHere }: Lack,
  at: SymbolPlaces,
  signal: AbortSignal,
): Promise<boolean> {
  const isNamed = await fetchDebugFile(buildId, "debuginfo", at, signal);
  const isCode = !isCodeHere && (await fetchDebugFile(buildId, "executable", at, signal));
  return isNamed || isCode;
}

function tableOf(
  { path, buildId, pid }: BinaryIdentity,
  at: SymbolPlaces,
  onMangled: () => void,
  debugStepBytes: number,
): SymbolTable | null {
  if (isJitDump(path)) return isPlain(path) ? growingTable(dumpReader(path)) : null;
  if (isJitMap(path)) return growingMap(mapReader(path));
  if (path === VDSO) return vdso(buildId, onMangled);
  const file = binaryFile({ path, buildId, pid }, at);
  const debug = debugFile(path, file, buildId, at);
  const places = (): PlaceTable | null => openPlaces([file, debug], at, debugStepBytes, onMangled);
  if (file && (file.hasSymtab || !debug)) return elfTable(file, file.segments, onMangled, places);
  // Debug files have no code: where it lay says the file they were taken from, or their own headers.
  return debug && elfTable(debug, file?.segments ?? debug.segments, onMangled, places);
}

function unwindInfo({ path, buildId, pid }: BinaryIdentity, at: SymbolPlaces): UnwindInfo | null {
  if (path === VDSO) {
    const own = vdsoBytes();
    const read: ReadAt = (offset, length) => own?.subarray(offset, offset + length) ?? new Uint8Array(0);
    const file = readElf(read);
    return file && (buildId === "" || file.buildId === buildId) ? unwindInfoOf(read, file.segments) : null;
  }
  const code = findCode({ path, buildId, pid }, at);
  return (
    code &&
    withFile(code.path, (read) => {
      const file = readElf(read);
      return file && unwindInfoOf(read, file.segments);
    })
  );
}

/** The file that holds the code of a binary, and the names of its functions. */
export interface CodeFile {
  readonly path: string;
  readonly buildId: string;
  readonly symbols: ElfFile["symbols"];
}

/** Where the code of a binary is on this machine; null where no file of its build is. */
export function findCode(
  { path, buildId, pid = -1 }: Omit<BinaryIdentity, "pid"> & { readonly pid?: number },
  at = symbolPlaces(),
): CodeFile | null {
  for (const candidate of binaryCandidates({ path, buildId, pid }, at)) {
    const file = openElf(candidate);
    if (!file || (buildId !== "" && file.buildId !== buildId)) continue;
    const debug = file.hasSymtab ? null : debugFile(path, file, buildId, at);
    return { path: candidate, buildId: file.buildId, symbols: (debug ?? file).symbols };
  }
  return null;
}

/** A file that a profile names: absolute, without steps back, on a disk, and of the build that was recorded. */
function binaryFile({ path, buildId, pid }: BinaryIdentity, at: SymbolPlaces): OpenedElf | null {
  for (const candidate of binaryCandidates({ path, buildId, pid }, at)) {
    const file = openElf(candidate);
    if (file && (buildId === "" || file.buildId === buildId)) return file;
  }
  return null;
}

const isPlain = (path: string): boolean =>
  isAbsolute(path) && normalize(path) === path && !/^\/(?:proc|sys|dev)\//.test(path);

function binaryCandidates({ path, buildId, pid }: BinaryIdentity, at: SymbolPlaces): readonly string[] {
  return [
    ...(isPlain(path) ? [path, ...at.paths.map((folder) => join(folder, path))] : []),
    // A container's files, while it runs. The number may be another process's by now: only the build tells.
    ...(isPlain(path) && pid > 0 && buildId !== "" ? [`/proc/${pid}/root${path}`] : []),
    ...at.paths.map((folder) => join(folder, basename(path))),
    ...(buildId.length > 2
      ? [
          join(at.cache, ".build-id", buildId.slice(0, 2), buildId.slice(2), "elf"),
          join(at.debuginfod, buildId, "executable"),
          ...at.paths.map((folder) => join(folder, ".build-id", buildId.slice(0, 2), buildId.slice(2))),
        ]
      : []),
  ];
}

function debugFile(path: string, file: OpenedElf | null, wanted: string, at: SymbolPlaces): OpenedElf | null {
  const buildId = wanted || (file?.buildId ?? "");
  if (/^[0-9a-f]{4,}$/.test(buildId)) {
    const candidates = [
      join(at.debug, ".build-id", buildId.slice(0, 2), `${buildId.slice(2)}.debug`),
      join(at.cache, ".build-id", buildId.slice(0, 2), buildId.slice(2), "debug"),
      join(at.debuginfod, buildId, "debuginfo"),
      ...at.paths.flatMap((folder) => [
        join(folder, ".build-id", buildId.slice(0, 2), `${buildId.slice(2)}.debug`),
        join(folder, `${basename(path)}.debug`),
      ]),
    ];
    for (const candidate of candidates) {
      const debug = openElf(candidate);
      if (debug?.hasSymtab && debug.buildId === buildId) return debug;
    }
  }
  return file ? linkedFile(path, file, at) : null;
}

/** Where a .gnu_debuglink section points, as gdb looks for it. */
function linkedFile(path: string, { debugLink }: ElfFile, at: SymbolPlaces): OpenedElf | null {
  if (!debugLink || basename(debugLink.name) !== debugLink.name || debugLink.name === "") return null;
  const folder = dirname(path);
  for (const place of [folder, join(folder, ".debug"), join(at.debug, folder)]) {
    const candidate = join(place, debugLink.name);
    const debug = candidate === path ? null : openElf(candidate);
    if (debug?.hasSymtab && hasCrc(candidate, debugLink.crc)) return debug;
  }
  return null;
}

function hasCrc(path: string, crc: number): boolean {
  if (statSync(path).size > MAX_DEBUG_BYTES) return false;
  return crc32(readFileSync(path)) >>> 0 === crc >>> 0;
}

/** The vdso of this kernel lies in every process: here, in ours. */
function vdsoBytes(): Uint8Array | null {
  const line = /^([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ \S+\s+\[vdso\]$/m.exec(
    readFileSync("/proc/self/maps", "utf8"),
  );
  if (!line) return null;
  const from = Number.parseInt(line[1] ?? "", 16);
  const bytes = readMemory(from, Number.parseInt(line[2] ?? "", 16) - from);
  return isElf(bytes) ? bytes : null;
}

function vdso(buildId: string, onMangled: () => void): SymbolTable | null {
  const bytes = vdsoBytes();
  const file = bytes && readElf((offset, length) => bytes.subarray(offset, offset + length));
  if (!file || (buildId !== "" && file.buildId !== buildId)) return null;
  return elfTable(file, file.segments, onMangled);
}

function kernelTable(kernel: KernelIdentity, at: SymbolPlaces): SymbolTable | null {
  const { buildId } = kernel;
  if (!/^[0-9a-f]{4,}$/.test(buildId)) {
    // Old recordings do not say which build: the release and the place must both be those of this kernel.
    const isHere = kernel.release === release() && (kernel.high !== 0 || kernel.low !== 0);
    const table = isHere ? runningKallsyms(kernel) : null;
    return table?.isMoved === false ? table : null;
  }
  for (const path of [
    join(at.cache, ".build-id", buildId.slice(0, 2), buildId.slice(2), "kallsyms"),
    join(at.cache, KERNEL, buildId, "kallsyms"),
  ]) {
    const facts = lstatSync(path, { throwIfNoEntry: false });
    if (facts?.isFile() && facts.size <= MAX_MAP_BYTES) return readKallsyms(readFileSync(path), kernel);
  }
  return runningBuild() === buildId ? runningKallsyms(kernel) : null;
}

const KERNEL = "[kernel.kallsyms]";

const runningKallsyms = (kernel: KernelIdentity): KernelTable | null =>
  readKallsyms(readFileSync("/proc/kallsyms"), kernel);

const runningBuild = (): string =>
  findBuildId(new EndianReader(new Uint8Array(readFileSync("/sys/kernel/notes")), true));
