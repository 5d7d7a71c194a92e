import { hexDigit } from "../../bytes/ascii.ts";
import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { int32, uint32 } from "../../model/growable.ts";
import type { FunctionKind } from "../../model/profile.ts";
import { RowInterner } from "../../model/row-interner.ts";
import type { ImportContext, SymbolTable } from "../importer.ts";
import { LegacyMaps, type MappedCode } from "./legacy-maps.ts";

const TWO_32 = 2 ** 32;
const LOWER_X = 120;
const MAX_NAMED_BINARIES = 4;
/** Names with type arguments are long, but not longer than this. */
const MAX_COMMENT = 16_384;

interface GoLine {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

const hexOf = (high: number, low: number): string =>
  high === 0 ? `0x${low.toString(16)}` : `0x${high.toString(16)}${low.toString(16).padStart(8, "0")}`;
const keyOf = (high: number, low: number): string => `${high} ${low}`;

/** "#\t0x61c96e\tnet/http.HandlerFunc.ServeHTTP+0x2e\t/usr/lib/go/src/net/http/server.go:2109", aligned by tabs. */
const goComment = /^#\s+0x([0-9a-f]{1,16})(?:\s+(\S.*?)\+0x[0-9a-f]+\s+(.*?):(\d{1,9}))?\s*$/;

/**
 * Stacks of addresses, innermost first, as the text and binary forms of pprof before protobuf have them. What the addresses
 * are (mappings, Go's comments) may come after them, so stacks are numbered as they are read and made at the end.
 */
export class LegacyStacks {
  readonly #out: ProfileBuilder;
  readonly #context: ImportContext;
  readonly #leafIsCall: boolean;
  readonly #nodes = new RowInterner(4);
  readonly #prefix = int32();
  readonly #high = uint32();
  readonly #low = uint32();
  readonly #isCaller = int32();
  readonly maps = new LegacyMaps();
  readonly #go = new Map<string, readonly GoLine[]>();
  #record: { readonly key: string; readonly line: GoLine | null }[] = [];
  /** Addresses of the stack read last, innermost first. */
  #highs = new Uint32Array(64);
  #lows = new Uint32Array(64);
  #count = 0;
  #cut = 0;
  readonly #frameRows = new RowInterner(3);
  readonly #firstFrame = int32();
  readonly #frames = int32();
  readonly #tables = new Map<string, SymbolTable | null>();
  readonly #unnamed = new Map<string, number>();
  kind: FunctionKind = "native";
  #isUnchecked = false;

  /** `leafIsCall`: the innermost address is where a call returns to, as all others are, not where the program stood. */
  constructor(out: ProfileBuilder, context: ImportContext, leafIsCall: boolean) {
    this.#out = out;
    this.#context = context;
    this.#leafIsCall = leafIsCall;
  }

  /** The stack in a text of "0x40 0x50"; NONE where it has no addresses. */
  read(bytes: Uint8Array, start: number, end: number): number {
    this.begin();
    for (let at = start; at + 2 < end; at++) {
      if (bytes[at] !== 48 || bytes[at + 1] !== LOWER_X) continue;
      let high = 0;
      let low = 0;
      let digit = 0;
      for (at += 2; at < end; at++) {
        digit = hexDigit(bytes[at] as number);
        if (digit === -1) break;
        high = ((high << 4) | (low >>> 28)) >>> 0;
        low = ((low << 4) | digit) >>> 0;
      }
      this.address(high, low);
    }
    return this.end();
  }

  begin(): void {
    this.#endRecord();
    this.#count = 0;
  }

  /** Zeros fill up what a runtime keeps at a fixed length: no code is there. */
  address(high: number, low: number): void {
    if (high === 0 && low === 0) return;
    if (this.#count >= this.#context.limits.maxStackDepth) {
      this.#cut++;
      return;
    }
    if (this.#count === this.#highs.length) {
      this.#highs = grown(this.#highs);
      this.#lows = grown(this.#lows);
    }
    this.#highs[this.#count] = high;
    this.#lows[this.#count++] = low;
  }

  /** Leaves out the address read last but one, as pprof does where a signal handler doubles the innermost. */
  dropSecondIfDoubled(): void {
    const [high = 0, second = 0] = this.#highs;
    const [low = 0, secondLow = 0] = this.#lows;
    if (this.#count < 2 || high !== second || low !== secondLow) return;
    this.#highs.copyWithin(1, 2, this.#count);
    this.#lows.copyWithin(1, 2, this.#count);
    this.#count--;
  }

  end(): number {
    let node = NONE;
    for (let i = this.#count - 1; i >= 0; i--) {
      const high = this.#highs[i] as number;
      const low = this.#lows[i] as number;
      const isCaller = i > 0 || this.#leafIsCall ? 1 : 0;
      const index = this.#nodes.intern(node, high, low, isCaller);
      if (index === this.#prefix.length) {
        this.#prefix.push(node);
        this.#high.push(high);
        this.#low.push(low);
        this.#isCaller.push(isCaller);
      }
      node = index;
    }
    return node;
  }

  /** A comment of Go about the stack that was read last; false where it is something else. */
  comment(text: string): boolean {
    const match = text.length > MAX_COMMENT ? null : goComment.exec(text);
    if (!match) return false;
    const [, address = "", name, file = "", line] = match;
    const whole = address.padStart(16, "0");
    const key = keyOf(Number.parseInt(whole.slice(0, 8), 16), Number.parseInt(whole.slice(8), 16));
    this.kind = "go";
    this.#record.push({ key, line: name === undefined ? null : { name, file, line: Number(line) } });
    return true;
  }

  /**
   * Several comments in a row with one address are functions inlined into each other, innermost first. Go leaves out
   * runtime functions that are innermost, and runtime.goexit, which is then the outermost.
   */
  #endRecord(): void {
    const record = this.#record;
    if (record.length === 0) return;
    const told = new Set<string>();
    for (let i = 0; i < record.length; ) {
      const key = record[i]?.key ?? "";
      const lines: GoLine[] = [];
      for (; i < record.length && record[i]?.key === key; i++) {
        const line = record[i]?.line;
        if (line) lines.push(line);
      }
      told.add(key);
      if (!this.#go.has(key) && lines.length > 0) this.#go.set(key, lines);
    }
    this.#record = [];
    const last = this.#count - 1;
    const root = last < 0 ? "" : this.#calledFrom(this.#highs[last] as number, this.#lows[last] as number);
    if (root !== "" && !told.has(root) && !this.#go.has(root))
      this.#go.set(root, [{ name: "runtime.goexit", file: "", line: NONE }]);
  }

  /** Key of the call that returns to an address. */
  #calledFrom(high: number, low: number): string {
    return low === 0 ? keyOf((high - 1) >>> 0, 0xffffffff) : keyOf(high, low - 1);
  }

  /** Stack index of every number that was given. */
  finish(): Int32Array {
    this.#endRecord();
    const out = this.#out;
    const stacks = new Int32Array(this.#prefix.length);
    for (let node = 0; node < stacks.length; node++) {
      const prefix = this.#prefix.at(node);
      let stack = prefix === NONE ? NONE : (stacks[prefix] as number);
      const row = this.#frameRow(this.#high.at(node), this.#low.at(node), this.#isCaller.at(node));
      const to = row + 1 < this.#firstFrame.length ? this.#firstFrame.at(row + 1) : this.#frames.length;
      for (let at = this.#firstFrame.at(row); at < to; at++) stack = out.stack(stack, this.#frames.at(at));
      stacks[node] = stack;
    }
    this.#note();
    const { program } = this.maps;
    if (program !== "") out.meta({ target: program.slice(program.lastIndexOf("/") + 1) });
    return stacks;
  }

  #frameRow(high: number, low: number, isCaller: number): number {
    const row = this.#frameRows.intern(high, low, isCaller);
    if (row === this.#firstFrame.length) {
      this.#firstFrame.push(this.#frames.length);
      this.#addFrames(high, low, isCaller === 1);
    }
    return row;
  }

  #addFrames(high: number, low: number, isCaller: boolean): void {
    const out = this.#out;
    const address = { addressHigh: high, addressLow: low };
    const lines =
      (isCaller ? this.#go.get(this.#calledFrom(high, low)) : undefined) ?? this.#go.get(keyOf(high, low));
    if (lines) {
      for (let i = lines.length - 1; i >= 0; i--) {
        const { name, file, line } = lines[i] as GoLine;
        const index = out.function({
          name: out.string(name),
          kind: "go",
          ...(file !== "" && { file: out.string(file) }),
        });
        this.#frames.push(
          out.frame({ function: index, ...address, line, inlineDepth: lines.length - 1 - i }),
        );
      }
      return;
    }
    const code = this.maps.find(high, low);
    if (!code) {
      const index = out.function({ name: out.string(hexOf(high, low)), kind: this.kind });
      this.#frames.push(out.frame({ function: index, ...address }));
      return;
    }
    const offset = (high - code.startHigh) * TWO_32 + (low - code.startLow) + code.fileOffset;
    const offsetHigh = Math.floor(offset / TWO_32) >>> 0;
    const name = this.#nameOf(code, isCaller ? offset - 1 : offset);
    if (name === null) this.#unnamed.set(code.path, (this.#unnamed.get(code.path) ?? 0) + 1);
    const index = out.function({
      name: out.string(name ?? hexOf(offsetHigh, offset >>> 0)),
      kind: this.kind,
      ...(code.path !== "" && { binary: out.binary(code.path, code.buildId) }),
    });
    this.#frames.push(out.frame({ function: index, addressHigh: offsetHigh, addressLow: offset >>> 0 }));
  }

  /** Symbols of a file are found by the addresses that its program headers give its bytes. */
  #nameOf({ path, buildId }: MappedCode, offset: number): string | null {
    if (path === "" || offset < 0) return null;
    const key = `${buildId} ${path}`;
    let table = this.#tables.get(key);
    if (table === undefined) {
      table = this.#context.services?.symbols?.tableOf({ path, buildId, pid: NONE }) ?? null;
      this.#tables.set(key, table);
    }
    if (table === null) return null;
    const segment = table.segments.find(
      (each) => offset >= each.offset && offset < each.offset + each.sizeBytes,
    );
    const address = segment ? offset - segment.offset + segment.address : offset;
    if (buildId === "") this.#isUnchecked = true;
    return table.find(Math.floor(address / TWO_32), address >>> 0)?.name ?? null;
  }

  #note(): void {
    const out = this.#out;
    const { maxStackDepth } = this.#context.limits;
    if (this.#cut > 0) out.note(`${this.#cut} frames were deeper than ${maxStackDepth} and were cut.`);
    if (this.maps.isCut)
      out.note("There are more memory mappings than a process can have; some were left out.");
    if (this.#isUnchecked)
      out.note(
        "Functions have the names that the files at the recorded paths have now: the profile does not say of which build they were.",
      );
    if (this.#unnamed.size === 0) return;
    const binaries = [...this.#unnamed]
      .sort((a, b) => b[1] - a[1])
      .map(([path]) => path || "memory without a file");
    const more = binaries.length - MAX_NAMED_BINARIES;
    out.note(
      `No function names were found for code of ${binaries.slice(0, MAX_NAMED_BINARIES).join(", ")}${more > 0 ? ` and ${more} more` : ""}: ` +
        "the file has addresses only, and the program that was recorded, or its symbols, is not on this machine.",
    );
  }
}

function grown(column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(column.length * 2);
  longer.set(column);
  return longer;
}
