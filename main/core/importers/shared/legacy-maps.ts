/**
 * What was mapped where, as legacy profiles say it at their end: lines of /proc/PID/maps after `MAPPED_LIBRARIES:` or
 * `--- Memory map: ---`, or in brief `40000-80000: /path/to/binary (@FF00) abc123456`.
 * https://github.com/google/pprof/blob/main/profile/legacy_profile.go
 */
export interface MappedCode {
  readonly start: number;
  readonly end: number;
  /** Where it starts, in two halves. */
  readonly startHigh: number;
  readonly startLow: number;
  /** Bytes into the file. */
  readonly fileOffset: number;
  readonly path: string;
  readonly buildId: string;
}

/** A path has 4096 bytes at most. */
const MAX_LINE = 8192;
/** Linux lets a process have 65,530; what is past that in a file is not one. */
const MAX_MAPPINGS = 65_536;
const TWO_32 = 2 ** 32;

const procMaps =
  /^\s*(?:0x)?([0-9a-f]{1,16})[\s-]\s*(?:0x)?([0-9a-f]{1,16}):?\s+([-rwxsp]+)\s+([0-9a-f]{1,16})\s+[0-9a-f]+:[0-9a-f]+\s+\d+(?:\s+(\S.*))?$/i;
const briefMaps =
  /^\s*(?:0x)?([0-9a-f]{1,16})[\s-]\s*(?:0x)?([0-9a-f]{1,16}):?(?:\s+([-rwxp]+))?\s+(\S+)(?:\s+\(@([0-9a-f]{1,16})\))?(?:\s+([0-9a-f]+))?\s*$/i;
/** "I0102 15:04:05.000000 file.cc:12] " before every line, where the maps went through a logger. */
const logPrefix = /^[^[\]]{1,200}:[0-9]+]\s/;
const assignment = /^\s*([A-Za-z_]\w*)=(\S.*)$/;

export const isMapHeader = (line: string): boolean =>
  line.includes("MAPPED_LIBRARIES:") || line.includes("--- Memory map: ---");

export class LegacyMaps {
  readonly #code: MappedCode[] = [];
  readonly #variables = new Map<string, string>();
  #isSorted = true;
  #tooMany = false;

  get isEmpty(): boolean {
    return this.#code.length === 0;
  }

  /** The first file that code was mapped from: the program. */
  get program(): string {
    return this.#code.find(({ path }) => path.startsWith("/"))?.path ?? "";
  }

  get isCut(): boolean {
    return this.#tooMany;
  }

  line(text: string): void {
    if (text.length > MAX_LINE) return;
    const plain = this.#replaced(text.replace(logPrefix, "").trimEnd());
    const proc = procMaps.exec(plain);
    if (proc) {
      const [, start = "", end = "", permissions = "", offset = "", path = ""] = proc;
      if (permissions.includes("x")) this.#add(start, end, offset, path, "");
      return;
    }
    const brief = briefMaps.exec(plain);
    if (brief && /[/[]/.test(brief[4] ?? "")) {
      const [, start = "", end = "", permissions, path = "", offset = "0", buildId = ""] = brief;
      if (permissions === undefined || permissions.includes("x"))
        this.#add(start, end, offset, path, buildId);
      return;
    }
    // "build=/path/of/binary" stands for "$build" in the lines after it.
    const variable = assignment.exec(plain);
    if (variable && this.#variables.size < 100) this.#variables.set(`$${variable[1]}`, variable[2] ?? "");
  }

  #replaced(text: string): string {
    if (this.#variables.size === 0 || !text.includes("$")) return text;
    let replaced = text;
    for (const [name, value] of this.#variables) {
      replaced = replaced.replaceAll(name, () => value);
      if (replaced.length > MAX_LINE) return text;
    }
    return replaced;
  }

  #add(start: string, end: string, offset: string, path: string, buildId: string): void {
    if (this.#code.length >= MAX_MAPPINGS) {
      this.#tooMany = true;
      return;
    }
    const whole = start.padStart(16, "0");
    const startHigh = Number.parseInt(whole.slice(0, 8), 16);
    const startLow = Number.parseInt(whole.slice(8), 16);
    this.#code.push({
      start: startHigh * TWO_32 + startLow,
      end: Number.parseInt(end, 16),
      startHigh,
      startLow,
      fileOffset: Number.parseInt(offset, 16),
      path: path.replace(/ \(deleted\)$/, ""),
      buildId,
    });
    this.#isSorted = false;
  }

  find(high: number, low: number): MappedCode | null {
    const code = this.#code;
    if (!this.#isSorted) code.sort((a, b) => a.start - b.start);
    this.#isSorted = true;
    const address = high * TWO_32 + low;
    let from = 0;
    let to = code.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((code[middle] as MappedCode).start <= address) from = middle + 1;
      else to = middle;
    }
    const found = code[from - 1];
    return found && address < found.end ? found : null;
  }
}
