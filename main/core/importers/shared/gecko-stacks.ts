import { type JsonObject, jsonArray, jsonNumber, jsonText } from "../../bytes/json-value.ts";
import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import type { FunctionKind } from "../../model/profile.ts";
import { type GeckoLibrary, type GeckoTable, geckoIndex, geckoTable } from "./gecko-tables.ts";

/** The tables that give a stack its frames: of one thread, or shared by all of a file. */
export interface GeckoStacks {
  readonly strings: readonly string[];
  /** Row of our stack table, or NONE, for a row of theirs. */
  stack(row: number): number;
}

interface Named {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly kind: FunctionKind;
  readonly binary: number;
}

export function readGeckoStacks(
  out: ProfileBuilder,
  tables: JsonObject,
  libraries: readonly GeckoLibrary[],
  maxDepth: number,
): GeckoStacks {
  const strings = jsonArray(tables.stringArray ?? tables.stringTable).map((text) => jsonText(text));
  const frames = geckoTable(tables.frameTable);
  const named = frames.has("func")
    ? processedNames(out, tables, strings, libraries)
    : rawNames(out, frames, strings, libraries);
  const rows = new Int32Array(frames.length).fill(NONE);
  for (let row = 0; row < frames.length; row++) rows[row] = frameRow(out, frames, row, named(row));

  const theirs = geckoTable(tables.stackTable);
  const stacks = new Int32Array(theirs.length).fill(NONE);
  const depths = new Int32Array(theirs.length);
  let broken = 0;
  let tooDeep = 0;
  for (let row = 0; row < theirs.length; row++) {
    const prefix = geckoIndex(theirs, row, "prefix");
    const frame = rows[geckoIndex(theirs, row, "frame")];
    // A prefix that comes later would be a cycle.
    if (frame === undefined || prefix >= row) {
      broken++;
      continue;
    }
    const depth = prefix === -1 ? 1 : (depths[prefix] ?? 0) + 1;
    depths[row] = depth;
    const above = prefix === -1 ? NONE : (stacks[prefix] ?? NONE);
    if (depth > maxDepth) {
      tooDeep++;
      stacks[row] = above;
    } else stacks[row] = out.stack(above, frame);
  }
  if (broken > 0) out.note(`${broken} stacks refer to frames or callers that are not in the file.`);
  if (tooDeep > 0) out.note(`${tooDeep} stacks were deeper than ${maxDepth} frames and were cut.`);
  return { strings, stack: (row) => stacks[row] ?? NONE };
}

function frameRow(out: ProfileBuilder, frames: GeckoTable, row: number, named: Named): number {
  const address = jsonNumber(frames.at(row, "address"), -1);
  const line = jsonNumber(frames.at(row, "line"), NONE);
  const column = jsonNumber(frames.at(row, "column"), NONE);
  return out.frame({
    function: out.function({
      name: out.string(named.name),
      kind: named.kind,
      binary: named.binary,
      line: named.line,
      ...(named.file !== "" && { file: out.string(named.file) }),
    }),
    ...(address >= 0 && {
      addressHigh: Math.floor(address / 2 ** 32) % 2 ** 32,
      addressLow: address % 2 ** 32,
    }),
    line: line === NONE ? named.line : line,
    column: column === NONE ? named.column : column,
    inlineDepth: Math.max(0, jsonNumber(frames.at(row, "inlineDepth"), 0)),
  });
}

/** Functions, resources and sources have tables of their own; columns changed their names over the years. */
function processedNames(
  out: ProfileBuilder,
  tables: JsonObject,
  strings: readonly string[],
  libraries: readonly GeckoLibrary[],
): (frame: number) => Named {
  const frames = geckoTable(tables.frameTable);
  const functions = geckoTable(tables.funcTable);
  const resources = geckoTable(tables.resourceTable);
  const sources = geckoTable(tables.sources);
  const text = (table: GeckoTable, row: number, column: string): string =>
    strings[geckoIndex(table, row, column)] ?? "";
  return (frame) => {
    const row = geckoIndex(frames, frame, "func");
    const resource = geckoIndex(functions, row, "resource");
    const library = resource === -1 ? undefined : libraries[geckoIndex(resources, resource, "lib")];
    const source = geckoIndex(functions, row, "source");
    const isScript = functions.at(row, "isJS") === true;
    return {
      name: text(functions, row, "name") || "(unknown)",
      file: source === -1 ? text(functions, row, "fileName") : text(sources, source, "filename"),
      line: jsonNumber(functions.at(row, "lineNumber"), NONE),
      column: jsonNumber(functions.at(row, "columnNumber"), NONE),
      kind: isScript ? "node" : library ? "native" : "unknown",
      binary: library ? out.binary(library.path, library.buildId) : NONE,
    };
  };
}

/** Locations are texts: "name (url:line:column)" of a script, "0x1234" of native code, a label. */
function rawNames(
  out: ProfileBuilder,
  frames: GeckoTable,
  strings: readonly string[],
  libraries: readonly GeckoLibrary[],
): (frame: number) => Named {
  return (frame) => {
    const location = strings[geckoIndex(frames, frame, "location")] ?? "(unknown)";
    const script = /^(.*?) ?\((.*?)(?::(\d+))?(?::(\d+))?\)$/s.exec(location);
    if (script && /^[a-z-]+:|^\/|^self-hosted|->/.test(script[2] ?? ""))
      return {
        name: script[1] || "(anonymous)",
        file: script[2] ?? "",
        line: Number(script[3] ?? NONE),
        column: Number(script[4] ?? NONE),
        kind: "node",
        binary: NONE,
      };
    const address = /^0x[0-9a-f]+$/.test(location) ? Number(location) : -1;
    const library =
      address < 0 ? undefined : libraries.find(({ start, end }) => address >= start && address < end);
    return {
      name: location,
      file: "",
      line: NONE,
      column: NONE,
      kind: address < 0 ? "unknown" : "native",
      binary: library ? out.binary(library.path, library.buildId) : NONE,
    };
  };
}
