import {
  type JsonObject,
  type JsonValue,
  jsonArray,
  jsonNumber,
  jsonObject,
  jsonText,
} from "../../bytes/json-value.ts";
import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { readJitName } from "./jit-names.ts";

/** A place in the source: of the code itself, or of a function that was inlined into it. */
interface Place {
  readonly offset: number;
  /** Row of the inlining table, or NONE. */
  readonly inlined: number;
}

interface Inlining {
  readonly func: number;
  /** Where in its caller it was called. */
  readonly offset: number;
  readonly parent: number;
}

interface SourceTable {
  readonly script: number;
  /** Offsets in the code, ascending, and the place of each. */
  readonly codeOffset: Int32Array;
  readonly places: readonly Place[];
  readonly inlinings: readonly Inlining[];
}

/** How V8 ran a function: by what it says of the code. */
const tiers: Readonly<Record<string, string>> = {
  Opt: "optimized (TurboFan)",
  Turboprop: "optimized (Turboprop)",
  Maglev: "optimized (Maglev)",
  Sparkplug: "baseline (Sparkplug)",
  Baseline: "baseline (Sparkplug)",
  Unopt: "interpreted",
  Interpreted: "interpreted",
};

const NO_STACK: Inlining = { func: NONE, offset: NONE, parent: NONE };

/** The code of a preprocessed log of V8 as frames: which function, on which line, inlined into which. */
export class V8ProfCode {
  readonly #out: ProfileBuilder;
  readonly #code: readonly JsonValue[];
  readonly #functions: readonly JsonValue[];
  readonly #scripts: readonly JsonValue[];
  readonly #tables = new Map<number, SourceTable | null>();
  /** Offsets at which the lines of a script begin. */
  readonly #lines = new Map<number, Int32Array>();

  constructor(out: ProfileBuilder, root: JsonObject) {
    this.#out = out;
    this.#code = jsonArray(root.code);
    this.#functions = jsonArray(root.functions);
    this.#scripts = jsonArray(root.scripts);
  }

  /** How the code came to be, in words: "" for what is not JavaScript. */
  tier(code: number): string {
    const { type, kind } = jsonObject(this.#code[code]);
    if (type !== "JS") return type === "CPP" || type === "SHARED_LIB" ? "native" : "";
    const text = jsonText(kind);
    return (Object.hasOwn(tiers, text) ? tiers[text] : undefined) ?? (text || "interpreted");
  }

  /**
   * The stack below `prefix` of one entry of a tick: `offset` is within the code (or, of no known code, the address).
   * `isCaller`: it is where a call returns to, so that the call is before it.
   */
  stack(prefix: number, code: number, offset: number, isCaller: boolean): number {
    const out = this.#out;
    const entry = jsonObject(this.#code[code]);
    const name = jsonText(entry.name);
    if (code < 0 || this.#code[code] === undefined) return out.stack(prefix, this.#addressFrame(offset));
    switch (entry.type) {
      case "JS":
        return this.#jsStack(prefix, code, name, isCaller ? offset - 1 : offset);
      case "SHARED_LIB": {
        const binary = out.binary(name);
        const func = out.function({
          name: out.string(`[${name.replace(/^.*\//s, "")}]`),
          binary,
          kind: "native",
        });
        return out.stack(prefix, out.frame({ function: func }));
      }
      case "CPP":
        return out.stack(prefix, this.#nativeFrame(name));
      default: {
        const kind = jsonText(entry.kind) || jsonText(entry.type);
        const title = kind === "" ? name : `${kind}: ${name}`;
        return out.stack(
          prefix,
          out.frame({ function: out.function({ name: out.string(title), kind: "runtime" }) }),
        );
      }
    }
  }

  #nativeFrame(text: string): number {
    const out = this.#out;
    // Symbols of macOS come with the letter that nm puts before them.
    const name = out.string(text.replace(/^[TtWw] (?=\S)/, ""));
    return out.frame({ function: out.function({ name, kind: "native" }) });
  }

  #addressFrame(address: number): number {
    const out = this.#out;
    const isAddress = Number.isSafeInteger(address) && address > 0;
    const func = out.function({ name: out.string("[unknown]") });
    return isAddress
      ? out.frame({ function: func, addressHigh: Math.floor(address / 2 ** 32), addressLow: address >>> 0 })
      : out.frame({ function: func });
  }

  #jsStack(prefix: number, code: number, name: string, offset: number): number {
    const table = this.#table(code);
    const place = table ? placeAt(table, offset) : null;
    if (!table || !place) return this.#out.stack(prefix, this.#jsFrame(name, NONE, NONE, 0));
    // From the innermost out: where each is, and what it was inlined into.
    const chain: { readonly name: string; readonly offset: number; readonly script: number }[] = [];
    let { offset: at, inlined } = place;
    while (inlined !== NONE && chain.length <= table.inlinings.length) {
      const { func, offset: callAt, parent } = table.inlinings[inlined] ?? NO_STACK;
      const funcName = jsonText(jsonObject(this.#functions[func]).name);
      chain.push({ name: funcName, offset: at, script: this.#scriptOf(func) });
      at = callAt;
      inlined = parent;
    }
    chain.push({ name, offset: at, script: table.script });
    let stack = prefix;
    for (let i = chain.length - 1; i >= 0; i--) {
      const each = chain[i];
      if (each)
        stack = this.#out.stack(
          stack,
          this.#jsFrame(each.name, each.script, each.offset, chain.length - 1 - i),
        );
    }
    return stack;
  }

  #jsFrame(text: string, script: number, offset: number, inlineDepth: number): number {
    const out = this.#out;
    const { name, file, line } = readJitName(`JS:${text}`);
    const [atLine, atColumn] = this.#lineOf(script, offset);
    const func = out.function({
      name: out.string(name),
      kind: "node",
      ...(file !== "" && { file: out.string(file) }),
      line,
    });
    return out.frame({
      function: func,
      line: atLine === NONE ? line : atLine,
      column: atColumn,
      inlineDepth,
    });
  }

  /** Line and column from 1; NONE both where the script's text is not there. */
  #lineOf(script: number, offset: number): readonly [number, number] {
    if (script === NONE || offset < 0) return [NONE, NONE];
    let lines = this.#lines.get(script);
    if (!lines) {
      lines = lineStarts(jsonText(jsonObject(this.#scripts[script]).source));
      this.#lines.set(script, lines);
    }
    if (lines.length === 0) return [NONE, NONE];
    const line = lastAtMost(lines, offset);
    return [line + 1, offset - (lines[line] as number) + 1];
  }

  /** Script of a function, by the code of it that is known. */
  #scriptOf(func: number): number {
    for (const code of jsonArray(jsonObject(this.#functions[func]).codes)) {
      const source = jsonObject(this.#code[jsonNumber(code, NONE)]).source;
      if (source !== undefined) return jsonNumber(jsonObject(source).script, NONE);
    }
    return NONE;
  }

  #table(code: number): SourceTable | null {
    let table = this.#tables.get(code);
    if (table === undefined) {
      const { source } = jsonObject(this.#code[code]);
      table = source === undefined ? null : readTable(jsonObject(source));
      this.#tables.set(code, table);
    }
    return table;
  }
}

const MAX_PLACES = 1e6;

/** Positions are "C<offset in the code>O<offset in the script>[I<inlining>]", inlinings "F<function>O<offset>[I<parent>]". */
function readTable(source: JsonObject): SourceTable {
  const codeOffsets: number[] = [];
  const places: Place[] = [];
  for (const [, code, offset, inlined] of jsonText(source.positions).matchAll(/C(\d+)O(-?\d+)(?:I(\d+))?/g)) {
    const at = Number(code);
    if (places.length >= MAX_PLACES || at < (codeOffsets.at(-1) ?? 0)) break;
    codeOffsets.push(at);
    places.push({ offset: Number(offset), inlined: inlined === undefined ? NONE : Number(inlined) });
  }
  const functions = jsonArray(source.fns);
  const inlinings: Inlining[] = [];
  for (const [, func, offset, parent] of jsonText(source.inlined).matchAll(/F(\d+)O(-?\d+)(?:I(\d+))?/g)) {
    if (inlinings.length >= MAX_PLACES) break;
    inlinings.push({
      func: jsonNumber(functions[Number(func)], NONE),
      offset: Number(offset),
      parent: parent === undefined ? NONE : Number(parent),
    });
  }
  return {
    script: jsonNumber(source.script, NONE),
    codeOffset: Int32Array.from(codeOffsets),
    places,
    inlinings,
  };
}

const placeAt = ({ codeOffset, places }: SourceTable, offset: number): Place | null =>
  codeOffset.length === 0 || offset < (codeOffset[0] as number)
    ? null
    : (places[lastAtMost(codeOffset, offset)] ?? null);

/** Index of the last value that is not more than `most`; 0 where all are. */
function lastAtMost(values: Int32Array, most: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((values[middle] as number) <= most) low = middle;
    else high = middle - 1;
  }
  return low;
}

function lineStarts(text: string): Int32Array {
  if (text === "") return new Int32Array(0);
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return Int32Array.from(starts);
}
