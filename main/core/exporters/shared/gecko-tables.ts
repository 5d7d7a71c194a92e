import { NONE } from "../../model/builder.ts";
import { kindIndex, type Profile } from "../../model/profile.ts";
import type { GeckoCategories } from "./gecko-names.ts";
import { jsonColumn, jsonList } from "./json-text.ts";

/** Rows in the order in which they are asked for first. */
class Rows {
  readonly list: number[] = [];
  readonly #index = new Map<number, number>();

  /** The index of a row, and whether it is known at all. */
  get(row: number): number | undefined {
    return this.#index.get(row);
  }

  of(row: number): number {
    let index = this.#index.get(row);
    if (index === undefined) {
      index = this.list.push(row) - 1;
      this.#index.set(row, index);
    }
    return index;
  }
}

/** Both halves of the address of a frame that has none. */
const NO_ADDRESS = 0xffffffff;
const scriptKind = kindIndex("node");

/**
 * The tables of one thread: only the stacks, frames, functions and texts that it needs.
 * https://github.com/firefox-devtools/profiler/blob/main/docs-developer/processed-profile-format.md
 */
export class GeckoTables {
  readonly #profile: Profile;
  readonly #categories: GeckoCategories;
  readonly #stacks = new Rows();
  readonly #frames = new Rows();
  readonly #functions = new Rows();
  readonly #binaries = new Rows();
  readonly #strings = new Map<string, number>();

  constructor(profile: Profile, categories: GeckoCategories) {
    this.#profile = profile;
    this.#categories = categories;
  }

  string(text: string): number {
    let index = this.#strings.get(text);
    if (index === undefined) {
      index = this.#strings.size;
      this.#strings.set(text, index);
    }
    return index;
  }

  /** The row of a stack in this thread's table; null for the empty stack. */
  stack(stack: number): number | null {
    if (stack === NONE) return null;
    const known = this.#stacks.get(stack);
    if (known !== undefined) return known;
    const path: number[] = [];
    const { prefix, frame } = this.#profile.stacks;
    for (let at = stack; at !== NONE && this.#stacks.get(at) === undefined; at = prefix[at]) path.push(at);
    for (let i = path.length - 1; i >= 0; i--) {
      this.#stacks.of(path[i]);
      this.#frames.of(frame[path[i]]);
    }
    return this.#stacks.of(stack);
  }

  /** The tables as members of a thread; nothing is asked for any more after it. */
  *json(): Iterable<string> {
    yield* this.#stackTable();
    yield* this.#frameTable();
    yield* this.#funcTable();
    yield* this.#resourceTable();
    yield `"nativeSymbols":{"libIndex":[],"address":[],"name":[],"functionSize":[],"length":0},`;
    const texts = [...this.#strings.keys()];
    yield `"stringArray":`;
    yield* jsonList(texts.length, (row) => texts[row] ?? "");
  }

  *#stackTable(): Iterable<string> {
    const { prefix, frame } = this.#profile.stacks;
    const { list } = this.#stacks;
    yield `"stackTable":{`;
    yield* jsonColumn("frame", list.length, (row) => this.#frames.of(frame[list[row]]));
    yield ",";
    yield* jsonColumn("prefix", list.length, (row) =>
      prefix[list[row]] === NONE ? null : this.#stacks.of(prefix[list[row]]),
    );
    yield `,"length":${list.length}},`;
  }

  *#frameTable(): Iterable<string> {
    const { frames, functions } = this.#profile;
    const { list } = this.#frames;
    const column = (name: string, at: (frame: number) => number | null): Iterable<string> =>
      jsonColumn(name, list.length, (row) => at(list[row]));
    yield `"frameTable":{`;
    yield* column("address", (frame) => address(frames.addressHigh[frame], frames.addressLow[frame]));
    yield ",";
    yield* column("inlineDepth", (frame) => frames.inlineDepth[frame]);
    yield ",";
    yield* column("category", (frame) => this.#categories.ofKind(functions.kind[frames.function[frame]]));
    yield ",";
    yield* column("subcategory", () => 0);
    yield ",";
    yield* column("func", (frame) => this.#functions.of(frames.function[frame]));
    yield ",";
    yield* column("nativeSymbol", () => null);
    yield ",";
    yield* column("innerWindowID", () => null);
    yield ",";
    yield* column("line", (frame) => known(frames.line[frame]));
    yield ",";
    yield* column("column", (frame) => known(frames.column[frame]));
    yield `,"length":${list.length}},`;
  }

  *#funcTable(): Iterable<string> {
    const { functions, strings } = this.#profile;
    const { list } = this.#functions;
    const column = <T extends number | null>(name: string, at: (fn: number) => T): Iterable<string> =>
      jsonColumn(name, list.length, (row) => at(list[row]));
    const flags = list.map((fn) => functions.kind[fn] === scriptKind).join(",");
    yield `"funcTable":{"isJS":[${flags}],"relevantForJS":[${list.map(() => false).join(",")}],`;
    yield* column("name", (fn) => this.string(strings[functions.name[fn]] ?? ""));
    yield ",";
    yield* column("resource", (fn) =>
      functions.binary[fn] === NONE ? NONE : this.#binaries.of(functions.binary[fn]),
    );
    yield ",";
    yield* column("fileName", (fn) =>
      functions.file[fn] === NONE ? null : this.string(strings[functions.file[fn]] ?? ""),
    );
    yield ",";
    yield* column("lineNumber", (fn) => known(functions.line[fn]));
    yield ",";
    yield* column("columnNumber", () => null);
    yield `,"length":${list.length}},`;
  }

  /** 1 is a library. */
  *#resourceTable(): Iterable<string> {
    const { binaries, strings } = this.#profile;
    const { list } = this.#binaries;
    yield `"resourceTable":{`;
    yield* jsonColumn("lib", list.length, (row) => list[row]);
    yield ",";
    yield* jsonColumn("name", list.length, (row) => {
      const path = strings[binaries.path[list[row]]] ?? "";
      return this.string(path.slice(path.lastIndexOf("/") + 1) || path);
    });
    yield ",";
    yield* jsonColumn("host", list.length, () => null);
    yield ",";
    yield* jsonColumn("type", list.length, () => 1);
    yield `,"length":${list.length}},`;
  }
}

const known = (value: number): number | null => (value >= 0 ? value : null);

/** -1 for none, and for what does not fit a number of JavaScript. */
function address(high: number, low: number): number {
  if ((high === NO_ADDRESS && low === NO_ADDRESS) || high >= 2 ** 21) return -1;
  return high * 2 ** 32 + low;
}
