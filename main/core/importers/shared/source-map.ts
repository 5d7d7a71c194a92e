import { textOf } from "../../bytes/ascii.ts";
import {
  type JsonObject,
  type JsonValue,
  jsonArray,
  jsonNumber,
  jsonObject,
  jsonText,
} from "../../bytes/json-value.ts";
import { int32 } from "../../model/growable.ts";

const NONE = -1;
/** A larger map is not read: it would be one string. */
const MAX_BYTES = 256 << 20;
const MAX_SECTION_DEPTH = 8;

/** A place in what the script was made from. Lines and columns count from 1; `name` is "" where the map has none. */
export interface OriginalPlace {
  readonly source: string;
  readonly line: number;
  readonly column: number;
  readonly name: string;
}

/** A source map, revision 3 (https://tc39.es/ecma426/), its segments in columns. All numbers count from 0, as in the map. */
export class SourceMap {
  readonly #lineStart: Int32Array;
  readonly #column: Int32Array;
  readonly #source: Int32Array;
  readonly #sourceLine: Int32Array;
  readonly #sourceColumn: Int32Array;
  readonly #name: Int32Array;
  readonly #sources: readonly string[];
  readonly #names: readonly string[];

  constructor(segments: Segments) {
    const sorted = segments.sorted();
    this.#lineStart = sorted.lineStart;
    this.#column = sorted.column;
    this.#source = sorted.source;
    this.#sourceLine = sorted.sourceLine;
    this.#sourceColumn = sorted.sourceColumn;
    this.#name = sorted.name;
    this.#sources = segments.sources;
    this.#names = segments.names;
  }

  get length(): number {
    return this.#column.length;
  }

  /** What the character at a line and column (from 1) of the script came from; null where the map does not say. */
  placeAt(line: number, column: number): OriginalPlace | null {
    const at = this.#find(line, column);
    return at === NONE ? null : this.#place(at);
  }

  /** The name of the identifier that begins just there; "" where none does. */
  nameAt(line: number, column: number): string {
    const at = this.#find(line, column);
    return at === NONE || this.#column[at] !== column - 1
      ? ""
      : (this.#names[this.#name[at] as number] ?? "");
  }

  /** Where the first of a line of the script came from. */
  lineAt(line: number): OriginalPlace | null {
    const end = this.#lineStart[line] ?? 0;
    for (let at = this.#lineStart[line - 1] ?? end; at < end; at++)
      if (this.#source[at] !== NONE) return this.#place(at);
    return null;
  }

  /** The last segment of the line that begins at or before the column. */
  #find(line: number, column: number): number {
    if (line < 1 || line >= this.#lineStart.length) return NONE;
    let low = this.#lineStart[line - 1] as number;
    let high = (this.#lineStart[line] as number) - 1;
    if (high < low || (this.#column[low] as number) > column - 1) return NONE;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#column[middle] as number) <= column - 1) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #place(at: number): OriginalPlace | null {
    const source = this.#sources[this.#source[at] as number];
    if (source === undefined) return null;
    return {
      source,
      line: (this.#sourceLine[at] as number) + 1,
      column: (this.#sourceColumn[at] as number) + 1,
      name: this.#names[this.#name[at] as number] ?? "",
    };
  }
}

/** The map in these bytes, or null where they are none. */
export function readSourceMap(bytes: Uint8Array): SourceMap | null {
  if (bytes.length > MAX_BYTES) return null;
  // Servers may put this before JSON, against its use as a script.
  const text = textOf(bytes)
    .replace(/^\ufeff/, "")
    .replace(/^\)\]\}'[^\n]*\n/, "");
  try {
    return sourceMapOf(JSON.parse(text));
  } catch {
    return null;
  }
}

export function sourceMapOf(value: JsonValue): SourceMap | null {
  const map = jsonObject(value);
  const segments = new Segments();
  if (!addMap(segments, map, 0, 0, 0)) return null;
  return new SourceMap(segments);
}

function addMap(segments: Segments, map: JsonObject, line: number, column: number, depth: number): boolean {
  if (map.version !== 3 || depth > MAX_SECTION_DEPTH) return false;
  if (Array.isArray(map.sections)) {
    let isAny = false;
    for (const value of map.sections) {
      const section = jsonObject(value);
      const offset = jsonObject(section.offset);
      const sectionLine = jsonNumber(offset.line, 0);
      const sectionColumn = jsonNumber(offset.column, 0) + (sectionLine === 0 ? column : 0);
      if (addMap(segments, jsonObject(section.map), line + sectionLine, sectionColumn, depth + 1))
        isAny = true;
    }
    return isAny;
  }
  if (typeof map.mappings !== "string") return false;
  const root = jsonText(map.sourceRoot);
  const firstSource = segments.sources.length;
  const firstName = segments.names.length;
  for (const source of jsonArray(map.sources)) {
    const path = jsonText(source);
    const isWhole = root === "" || /^([a-z][a-z0-9+.-]*:|\/)/i.test(path);
    segments.sources.push(isWhole ? path : `${root.replace(/\/$/, "")}/${path}`);
  }
  for (const name of jsonArray(map.names)) segments.names.push(jsonText(name));
  segments.add(map.mappings, line, column, firstSource, firstName);
  return true;
}

/** By character code: the six bits of a base64 digit, or -1. */
const digits = new Int8Array(128).fill(NONE);
for (const [i, character] of [
  ..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
].entries())
  digits[character.charCodeAt(0)] = i;

/** A map that stands in its own address ("data:application/json;base64,..."), or null where it is another address. */
export function inlineSourceMap(address: string): Uint8Array | null {
  const head = /^data:[^,]{0,200},/.exec(address)?.[0];
  if (head === undefined || address.length > MAX_BYTES) return null;
  if (!head.endsWith(";base64,")) {
    try {
      return new TextEncoder().encode(decodeURIComponent(address.slice(head.length)));
    } catch {
      return null;
    }
  }
  const bytes = new Uint8Array(Math.floor(((address.length - head.length) * 3) / 4));
  let length = 0;
  let bits = 0;
  let held = 0;
  for (let at = head.length; at < address.length; at++) {
    const code = address.charCodeAt(at);
    const digit = code < 128 ? (digits[code] as number) : NONE;
    if (digit === NONE) break;
    bits = ((bits << 6) | digit) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[length++] = (bits >> held) & 0xff;
  }
  return bytes.subarray(0, length);
}

const SEMICOLON = 59;
const COMMA = 44;
/** More lines than this no script has. */
const MAX_LINES = 1 << 23;

class Segments {
  readonly sources: string[] = [];
  readonly names: string[] = [];
  readonly #line = int32();
  readonly #column = int32();
  readonly #source = int32();
  readonly #sourceLine = int32();
  readonly #sourceColumn = int32();
  readonly #name = int32();

  /** Mappings: lines by ";", segments by ",", each one to five numbers in base64 VLQ, relative to the ones before. */
  add(
    mappings: string,
    firstLine: number,
    firstColumn: number,
    firstSource: number,
    firstName: number,
  ): void {
    if (!(Number.isInteger(firstLine) && firstLine >= 0)) return;
    let line = firstLine;
    let column = firstColumn;
    let source = 0;
    let sourceLine = 0;
    let sourceColumn = 0;
    let name = 0;
    let at = 0;
    const fields = new Int32Array(5);
    while (at < mappings.length && line < MAX_LINES) {
      const first = mappings.charCodeAt(at);
      if (first === SEMICOLON) {
        line++;
        column = 0;
        at++;
        continue;
      }
      if (first === COMMA) {
        at++;
        continue;
      }
      let count = 0;
      let value = 0;
      let shift = 0;
      for (; at < mappings.length; at++) {
        const code = mappings.charCodeAt(at);
        const digit = code < 128 ? (digits[code] as number) : NONE;
        if (digit === NONE) break;
        value |= (digit & 31) << shift;
        shift += 5;
        if (digit & 32) continue;
        if (count < 5) fields[count++] = value & 1 ? -(value >>> 1) : value >>> 1;
        value = 0;
        shift = 0;
      }
      if (at < mappings.length && mappings.charCodeAt(at) !== COMMA && mappings.charCodeAt(at) !== SEMICOLON)
        return;
      if (count === 0) continue;
      column += fields[0] as number;
      const hasSource = count >= 4;
      if (hasSource) {
        source += fields[1] as number;
        sourceLine += fields[2] as number;
        sourceColumn += fields[3] as number;
      }
      if (count >= 5) name += fields[4] as number;
      this.#line.push(line);
      this.#column.push(column);
      this.#source.push(hasSource ? firstSource + source : NONE);
      this.#sourceLine.push(sourceLine);
      this.#sourceColumn.push(sourceColumn);
      this.#name.push(count >= 5 ? firstName + name : NONE);
    }
  }

  /** In order of line and column, with where each line begins. */
  sorted() {
    const line = this.#line.view();
    const column = this.#column.view();
    const order = Uint32Array.from(line, (_, i) => i);
    const compare = (a: number, b: number): number =>
      (line[a] as number) - (line[b] as number) || (column[a] as number) - (column[b] as number) || a - b;
    for (let i = 1; i < order.length; i++)
      if (compare(i - 1, i) > 0) {
        order.sort(compare);
        break;
      }
    const pick = (values: Int32Array): Int32Array => Int32Array.from(order, (row) => values[row] as number);
    const lines = order.length === 0 ? 0 : (line[order[order.length - 1] as number] as number) + 1;
    const lineStart = new Int32Array(lines + 1);
    for (let i = 0; i < line.length; i++) {
      const next = (line[i] as number) + 1;
      lineStart[next] = (lineStart[next] as number) + 1;
    }
    for (let i = 0; i < lines; i++)
      lineStart[i + 1] = (lineStart[i + 1] as number) + (lineStart[i] as number);
    return {
      lineStart,
      column: pick(column),
      source: pick(this.#source.view()),
      sourceLine: pick(this.#sourceLine.view()),
      sourceColumn: pick(this.#sourceColumn.view()),
      name: pick(this.#name.view()),
    };
  }
}
