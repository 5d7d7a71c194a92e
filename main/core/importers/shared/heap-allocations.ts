import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { float64, int32 } from "../../model/growable.ts";

const roles: readonly string[] = ["id", "function_info_index", "count", "size", "children"];
const CHILDREN = roles.indexOf("children");

/**
 * The tree of calls that allocated, as an allocation recording of V8 has it: each node a row of numbers and, last, an
 * array of the rows of its children.
 */
export class AllocationTree {
  readonly #id = float64();
  readonly #info = int32();
  readonly #count = float64();
  readonly #size = float64();
  readonly #parent = int32();
  #roles: readonly number[] = [];
  /** By level: which field comes next, and which node the rows are children of. */
  readonly #field = int32();
  readonly #owner = int32();
  #level = 0;
  #row = NONE;

  get length(): number {
    return this.#id.length;
  }

  open(fields: readonly string[]): void {
    this.#roles = fields.map((field) => roles.indexOf(field));
    this.#level = 0;
    this.#setLevel(NONE);
  }

  number(value: number): void {
    if (this.#roles.length === 0) return;
    const field = this.#field.at(this.#level);
    if (field === 0) {
      this.#row = this.#id.push(NONE);
      this.#info.push(NONE);
      this.#count.push(0);
      this.#size.push(0);
      this.#parent.push(this.#owner.at(this.#level));
    }
    const role = this.#roles[field];
    if (role === 0) this.#id.set(this.#row, value);
    else if (role === 1) this.#info.set(this.#row, value);
    else if (role === 2) this.#count.set(this.#row, value);
    else if (role === 3) this.#size.set(this.#row, value);
    this.#next(field);
  }

  /** The children of the row that is being read. */
  begin(): void {
    const field = this.#field.at(this.#level);
    const isChildren = this.#roles[field] === CHILDREN;
    this.#next(field);
    this.#level++;
    this.#setLevel(isChildren ? this.#row : NONE);
  }

  end(): void {
    if (this.#level > 0) this.#level--;
  }

  #next(field: number): void {
    this.#field.set(this.#level, field + 1 >= this.#roles.length ? 0 : field + 1);
  }

  #setLevel(owner: number): void {
    if (this.#level === this.#field.length) {
      this.#field.push(0);
      this.#owner.push(owner);
    }
    this.#field.set(this.#level, 0);
    this.#owner.set(this.#level, owner);
  }

  /** Stack of each node; parents come before children in the file. */
  stacks(out: ProfileBuilder, frames: Int32Array, maxDepth: number): Int32Array {
    const stacks = new Int32Array(this.length).fill(NONE);
    const depths = new Int32Array(this.length);
    let tooDeep = 0;
    let unknown = 0;
    for (let row = 0; row < this.length; row++) {
      const parent = this.#parent.at(row);
      // The root is no function.
      if (parent === NONE) continue;
      const prefix = stacks[parent] as number;
      const frame = frames[this.#info.at(row)] ?? NONE;
      const depth = (depths[parent] as number) + 1;
      depths[row] = depth;
      if (frame === NONE) unknown++;
      if (depth > maxDepth) tooDeep++;
      stacks[row] = frame === NONE || depth > maxDepth ? prefix : out.stack(prefix, frame);
    }
    if (unknown > 0)
      out.note(`${unknown} calls that allocated are of functions that the file does not describe.`);
    if (tooDeep > 0) out.note(`${tooDeep} calls were deeper than ${maxDepth} and count for the ones above.`);
    return stacks;
  }

  stackById(stacks: Int32Array): ReadonlyMap<number, number> {
    const byId = new Map<number, number>();
    for (let row = 0; row < this.length; row++) byId.set(this.#id.at(row), stacks[row] as number);
    return byId;
  }

  /** All that was allocated while it was recorded, whether it is still there or not. */
  addAllocations(out: ProfileBuilder, stacks: Int32Array): void {
    let isAny = false;
    for (let row = 0; row < this.length && !isAny; row++) isAny = this.#count.at(row) > 0;
    if (!isAny) return;
    const series = out.series({
      id: "allocations",
      name: "Allocations",
      kind: "alloc",
      timed: false,
      values: [
        { name: "bytes", unit: "bytes" },
        { name: "objects", unit: "count" },
      ],
    });
    for (let row = 0; row < this.length; row++)
      if (this.#count.at(row) > 0)
        series.add(0, NONE, stacks[row] as number, this.#size.at(row), this.#count.at(row));
  }
}
