import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { float64, int32 } from "../../model/growable.ts";
import type { FunctionKind } from "../../model/profile.ts";
import type { SourceMapper } from "./source-mapper.ts";

const kinds: Readonly<Record<string, FunctionKind>> = {
  "(program)": "native",
  "(idle)": "idle",
  "(garbage collector)": "gc",
};

/** Lines and columns of V8 count from 0, those of people from 1; -1 is none. */
const fromZero = (value: number): number =>
  Number.isInteger(value) && value >= 0 && value < 2 ** 31 - 1 ? value + 1 : NONE;

/**
 * The tree of a V8 CPU profile as it comes, in any order: nodes name their children by id (the inspector), their
 * parent by id (Chrome's streamed profiles), or hold them (old files). https://chromedevtools.github.io/devtools-protocol/tot/Profiler/
 */
export class V8Nodes {
  readonly #out: ProfileBuilder;
  readonly #maxDepth: number;
  readonly #mapper: SourceMapper | null;
  readonly #id = float64();
  readonly #name = int32();
  readonly #url = int32();
  readonly #line = float64();
  readonly #column = float64();
  readonly #hits = float64();
  readonly #parent = int32();
  /** Pairs that are resolved at the end: row of the parent, id of the child. */
  readonly #parentRows = int32();
  readonly #childIds = float64();
  /** Pairs of a child's row and its parent's id. */
  readonly #childRows = int32();
  readonly #parentIds = float64();
  /** By id, while ids are small numbers as V8's are; the others in a map. */
  #rowOfSmallId = new Int32Array(1024).fill(NONE);
  readonly #rowOfId = new Map<number, number>();

  constructor(out: ProfileBuilder, maxDepth: number, mapper: SourceMapper | null = null) {
    this.#out = out;
    this.#mapper = mapper;
    this.#maxDepth = maxDepth;
  }

  get length(): number {
    return this.#id.length;
  }

  /** A node of which nothing is known yet but the node that holds it (NONE where none does). */
  add(parent: number): number {
    this.#id.push(Number.NaN);
    this.#name.push(NONE);
    this.#url.push(NONE);
    this.#line.push(NONE);
    this.#column.push(NONE);
    this.#hits.push(0);
    return this.#parent.push(parent);
  }

  setId(row: number, id: number): void {
    this.#id.set(row, id);
    // Not much larger than the count of nodes: what a file says is not trusted for memory.
    if (!(Number.isInteger(id) && id >= 0 && id < 4 * this.length + 1024)) {
      this.#rowOfId.set(id, row);
      return;
    }
    if (id >= this.#rowOfSmallId.length) {
      const next = new Int32Array(Math.max(2 * this.#rowOfSmallId.length, id + 1)).fill(NONE);
      next.set(this.#rowOfSmallId);
      this.#rowOfSmallId = next;
    }
    this.#rowOfSmallId[id] = row;
  }

  setName(row: number, name: string): void {
    this.#name.set(row, this.#out.string(name));
  }

  setUrl(row: number, url: string): void {
    if (url !== "") this.#url.set(row, this.#out.string(url));
  }

  setLine(row: number, line: number): void {
    this.#line.set(row, line);
  }

  setColumn(row: number, column: number): void {
    this.#column.set(row, column);
  }

  setHits(row: number, hits: number): void {
    this.#hits.set(row, hits);
  }

  setChildId(row: number, id: number): void {
    this.#parentRows.push(row);
    this.#childIds.push(id);
  }

  setParentId(row: number, id: number): void {
    this.#childRows.push(row);
    this.#parentIds.push(id);
  }

  rowOf(id: number): number {
    const small = this.#rowOfSmallId;
    const row = id >= 0 && id < small.length ? (small[id] ?? NONE) : NONE;
    return row === NONE && this.#rowOfId.size > 0 ? (this.#rowOfId.get(id) ?? NONE) : row;
  }

  hits(row: number): number {
    return this.#hits.at(row);
  }

  /** Stack of every node; NONE for "(root)". Damage (a loop, a parent that is not there) makes a node a root. */
  stacks(): Int32Array {
    this.#join();
    const count = this.length;
    const stacks = new Int32Array(count).fill(NONE);
    const depths = new Int32Array(count);
    // 0: not looked at, 1: on the way, 2: done.
    const states = new Uint8Array(count);
    const path = new Int32Array(count);
    for (let first = 0; first < count; first++) {
      let length = 0;
      let row = first;
      while (row !== NONE && states[row] === 0) {
        states[row] = 1;
        path[length++] = row;
        row = this.#parent.at(row);
      }
      const isLoop = row !== NONE && states[row] === 1;
      if (isLoop) this.#out.note("The tree of calls has a loop, which was cut.");
      let parent = isLoop ? NONE : row;
      for (let i = length - 1; i >= 0; i--) {
        const at = path[i] as number;
        this.#place(at, parent, stacks, depths);
        states[at] = 2;
        parent = at;
      }
    }
    return stacks;
  }

  /** The same call as a node's, but on a line of its own. */
  stackAtLine(row: number, line: number, stacks: Int32Array): number {
    const parent = this.#parent.at(row);
    return this.#out.stack(parent === NONE ? NONE : (stacks[parent] as number), this.#frame(row, line));
  }

  #join(): void {
    for (let i = 0; i < this.#childIds.length; i++) {
      const child = this.rowOf(this.#childIds.at(i));
      if (child !== NONE) this.#parent.set(child, this.#parentRows.at(i));
    }
    for (let i = 0; i < this.#parentIds.length; i++) {
      this.#parent.set(this.#childRows.at(i), this.rowOf(this.#parentIds.at(i)));
    }
  }

  #place(row: number, parent: number, stacks: Int32Array, depths: Int32Array): void {
    const prefix = parent === NONE ? NONE : (stacks[parent] as number);
    const depth = parent === NONE ? 0 : (depths[parent] as number);
    depths[row] = depth;
    if (parent === NONE && this.#out.text(this.#name.at(row)) === "(root)") return;
    if (depth >= this.#maxDepth) {
      this.#out.note(`Calls deeper than ${this.#maxDepth} frames count for their callers.`);
      stacks[row] = prefix;
      return;
    }
    depths[row] = depth + 1;
    stacks[row] = this.#out.stack(prefix, this.#frame(row, fromZero(this.#line.at(row))));
  }

  #frame(row: number, line: number): number {
    const out = this.#out;
    const named = this.#name.at(row);
    const text = named === NONE ? "" : out.text(named);
    const startLine = fromZero(this.#line.at(row));
    const startColumn = fromZero(this.#column.at(row));
    const url = this.#url.at(row);
    const place =
      this.#mapper && url !== NONE
        ? this.#mapper.function(out.text(url), text, startLine, startColumn)
        : null;
    if (place && this.#mapper) {
      const func = out.function({
        name: out.string(place.name || text || "(anonymous)"),
        file: out.string(place.source),
        line: place.line,
        kind: "node",
      });
      if (line === startLine) return out.frame({ function: func, line: place.line, column: place.column });
      return out.frame({ function: func, line: this.#mapper.line(out.text(url), line, place.source) });
    }
    const func = out.function({
      name: text === "" ? out.string("(anonymous)") : named,
      file: url,
      line: startLine,
      kind: (Object.hasOwn(kinds, text) ? kinds[text] : undefined) ?? "node",
    });
    const column = line === startLine ? startColumn : NONE;
    return out.frame({ function: func, line, column });
  }
}
