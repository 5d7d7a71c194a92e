import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { inflateSync } from "node:zlib";
import { findBuildId } from "#core/bytes/elf.ts";
import { EndianReader } from "#core/bytes/endian.ts";
import type { TargetFacts } from "#core/model/recording.ts";
import { type ElfSections, withElf } from "./elf-sections.ts";
import { readGoBuild } from "./facts-go.ts";
import { type FunctionSample, judgeCode, sampleFunctions } from "./function-samples.ts";

/** What the file of an executable tells: worked out once a file, from bounded reads of it. */
export interface BinaryFacts
  extends Pick<
    TargetFacts,
    "language" | "version" | "framePointers" | "symbols" | "debugInfo" | "optimised" | "sanitizers"
  > {
  readonly isGo: boolean;
  readonly build: readonly string[];
}

const remembered = 256;
const known = new Map<string, BinaryFacts | null>();

/** A name for what a file holds now; null where it cannot be looked at. */
export function fileKey(path: string): string | null {
  try {
    const { dev, ino, mtimeMs, size } = statSync(path);
    return `${dev}:${ino}:${mtimeMs}:${size}`;
  } catch {
    return null;
  }
}

/** `path` opens the file from here; `executable` is its own name for itself, next to which debug files are looked for. */
export function binaryFacts(path: string, executable: string): BinaryFacts | null {
  const key = fileKey(path);
  if (key === null) return null;
  const before = known.get(key);
  if (before !== undefined) return before;
  const facts = withElf(path, (elf) => read(elf, executable));
  if (known.size >= remembered) known.clear();
  known.set(key, facts);
  return facts;
}

function read(elf: ElfSections, executable: string): BinaryFacts {
  const go = readGoBuild(elf);
  const separate = hasSeparateDebug(elf, executable);
  const symbols =
    elf.section(".symtab") !== null || separate
      ? "full"
      : (elf.section(".dynsym")?.sizeBytes ?? 0) > 0
        ? "dynamic"
        : "none";
  const debugInfo = elf.section(".debug_info") !== null || elf.section(".zdebug_info") !== null || separate;
  if (go !== null) {
    // Go keeps frame pointers on the machines that we run on, and its own table of names even when stripped.
    return {
      isGo: true,
      build: go.build,
      language: "go",
      version: go.version,
      framePointers: true,
      symbols: "full",
      debugInfo,
      optimised: go.optimised,
      sanitizers: [],
    };
  }
  const functions = sampleFunctions(elf);
  const style = judgeCode(elf, functions);
  const comment = textOf(elf, ".comment", 1 << 14);
  const sanitizers = sanitizersOf(elf);
  // A sanitizer brings an object of its own into the program, which is C++.
  const producers = producersOf(elf).filter(
    (producer) => sanitizers.length === 0 || !producer.includes(" -fno-builtin -fno-exceptions -fno-rtti "),
  );
  const built = toolchain(comment, producers, functions);
  const isPlain = style.looksUnoptimised || (built.language === "rust" && hasUninlinedRust(elf));
  const optimised = optimisedBy(producers) ?? (isPlain ? false : null);
  return {
    isGo: false,
    build: [],
    ...built,
    framePointers: style.framePointers,
    symbols,
    debugInfo,
    optimised,
    sanitizers,
  };
}

/** By what each has its runtime called for; LeakSanitizer alone is nothing but a library (GCC) or a runtime (Clang). */
const sanitizerCalls: readonly (readonly [string, RegExp])[] = [
  ["address", /\0__asan_init\0/],
  ["leak", /\0(?:liblsan\.so[.\d]*|__lsan_init)\0/],
  ["thread", /\0__tsan_init\0/],
  ["memory", /\0__msan_init\0/],
  ["undefined", /\0__ubsan_handle_/],
];

function sanitizersOf(elf: ElfSections): readonly string[] {
  const names = textOf(elf, ".dynstr", mostNameBytes);
  return sanitizerCalls.flatMap(([name, pattern]) => (pattern.test(names) ? [name] : []));
}

function toolchain(
  comment: string,
  producers: readonly string[],
  functions: readonly FunctionSample[],
): Pick<BinaryFacts, "language" | "version"> {
  const rust = /rustc version (\d+\.\d+\.\d+)/.exec(comment)?.[1] ?? "";
  const isRust = rust !== "" || functions.some(({ name }) => /^_R|^_ZN.*17h[0-9a-f]{16}E$/.test(name));
  if (isRust) return { language: "rust", version: rust };
  const version =
    /clang version (\d+(?:\.\d+)+)/.exec(comment)?.[1] ??
    /GCC: \([^)]*\) (\d+(?:\.\d+)+)/.exec(comment)?.[1] ??
    "";
  const isCpp =
    producers.some((producer) => producer.startsWith("GNU C++")) ||
    functions.some(({ name }) => name.startsWith("_Z"));
  return { language: isCpp ? "c++" : version === "" ? "" : "c", version };
}

const mostNameBytes = 8 << 20;

/**
 * rustc says nothing of optimisation in its debug information. What the standard library marks to be inlined are functions
 * of their own only without it: of rustc 1.95 none is left at -Copt-level=1, s or z, with debug assertions or without.
 */
const hasUninlinedRust = (elf: ElfSections): boolean =>
  /4core3fmt2rt8Argument\d|4core3fmt2rtNt\w{2,8}8Argument\d|18precondition_check(?:17h|C)|4core4hint9black_box/.test(
    textOf(elf, ".strtab", mostNameBytes),
  );

/** Compilers' own lines in the debug information: "GNU C17 12.2.0 -mtune=generic -g -O2". */
const producerPattern = /GNU (?:C\+\+|C|Fortran|Ada)\d* [^\0]{1,4096}/g;
const windowBytes = 4 << 20;

function producersOf(elf: ElfSections): readonly string[] {
  const texts = [".debug_str", ".debug_line_str"].map((name) => textOf(elf, name, windowBytes));
  // Only one unit: gcc then writes the line where it is used.
  return [...texts, textOf(elf, ".debug_info", 1 << 16)].flatMap((text) => text.match(producerPattern) ?? []);
}

/** null where nothing is said, or of some units this and of others that. */
function optimisedBy(producers: readonly string[]): boolean | null {
  const said = producers
    .filter((producer) => / -(m|g|f|O)/.test(producer))
    .map((producer) => [...producer.matchAll(/ -O(\S*)/g)].at(-1)?.[1] ?? "0");
  if (said.length === 0) return null;
  if (said.every((level) => level === "0")) return false;
  return said.includes("0") ? null : true;
}

const flagCompressed = 0x800;
const compressedByZlib = 1;

/** The beginning of a section as text of one byte a character; "" where it is not there or cannot be unpacked. */
function textOf(elf: ElfSections, name: string, limitBytes: number): string {
  const section = elf.section(name);
  if (section === null) return "";
  const reader = elf.read(section, 0, limitBytes);
  if ((section.flags & flagCompressed) === 0) return Buffer.from(reader.bytes).toString("latin1");
  const headBytes = elf.is64 ? 24 : 12;
  if (reader.bytes.length < headBytes || reader.u32(0) !== compressedByZlib) return "";
  // A section that goes on past what was read, or unpacks to more than we want, says nothing.
  try {
    return inflateSync(reader.bytes.subarray(headBytes), { maxOutputLength: 4 * windowBytes }).toString(
      "latin1",
    );
  } catch {
    return "";
  }
}

/** Debug information of the distribution, by build id, or where .gnu_debuglink points. */
function hasSeparateDebug(elf: ElfSections, executable: string): boolean {
  const note = elf.section(".note.gnu.build-id");
  const buildId = note === null ? "" : findBuildId(elf.read(note, 0, 4096));
  if (
    buildId.length > 4 &&
    isFile(`/usr/lib/debug/.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`)
  )
    return true;
  const link = elf.section(".gnu_debuglink");
  const name = link === null ? "" : new EndianReader(elf.read(link, 0, 4096).bytes, true).cString(0);
  if (name === "" || name.includes("/") || name === ".." || !executable.startsWith("/")) return false;
  const folder = dirname(executable);
  return [join(folder, ".debug", name), join("/usr/lib/debug", folder, name)].some(isFile);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
