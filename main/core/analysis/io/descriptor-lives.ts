import { descriptorCategory, descriptorOf } from "../../model/descriptors.ts";
import type { Profile } from "../../model/profile.ts";
import { type CallTarget, noTarget } from "./call-words.ts";

interface Life {
  readonly key: string;
  readonly fd: number;
  readonly fromNs: number;
  toNs: number;
}

interface Told {
  readonly timeNs: number;
  /** null: it was closed. */
  readonly target: CallTarget | null;
}

/**
 * What a descriptor's number stood for, and when. A number is given again as soon as it is free; the calls that open and
 * close tell when, and what the workbench read of /proc in between names it. A life that nobody looked into has no name.
 */
export class DescriptorLives {
  readonly #lives: Life[] = [];
  /** By process and descriptor, the life that is on. */
  readonly #open = new Map<string, number>();
  readonly #closedNs = new Map<string, number>();
  readonly #told = new Map<string, Told[]>();
  #rows = 0;

  /** Takes in what was read since the last time. */
  update({ intervals, strings }: Profile): void {
    const category = strings.indexOf(descriptorCategory);
    for (; this.#rows < intervals.length; this.#rows++) {
      if (intervals.category[this.#rows] !== category) continue;
      const found = descriptorOf(strings[intervals.args[this.#rows]] ?? "");
      if (!found) continue;
      const { kind, name, peer } = found;
      const isSocket = kind === "socket";
      const target = { file: isSocket ? "" : name, peer: isSocket ? peer || name : "" };
      const key = keyOf(found.pid, found.fd);
      const told = this.#told.get(key) ?? [];
      told.push({ timeNs: intervals.start[this.#rows], target: kind === "closed" ? null : target });
      this.#told.set(key, told);
    }
  }

  /** The life that a descriptor is in. */
  at(pid: number, fd: number): number {
    const key = keyOf(pid, fd);
    return this.#open.get(key) ?? this.#begin(key, fd, this.#closedNs.get(key) ?? Number.NEGATIVE_INFINITY);
  }

  opened(pid: number, fd: number, timeNs: number): number {
    this.closed(pid, fd, timeNs);
    return this.#begin(keyOf(pid, fd), fd, timeNs);
  }

  closed(pid: number, fd: number, timeNs: number): void {
    const key = keyOf(pid, fd);
    const life = this.#lives[this.#open.get(key) ?? -1];
    if (life) life.toNs = timeNs;
    this.#open.delete(key);
    this.#closedNs.set(key, timeNs);
  }

  /** What it is, as far as anybody knows by now. */
  describe(index: number): CallTarget {
    const life = this.#lives[index];
    if (!life) return noTarget;
    const told = this.#told.get(life.key) ?? [];
    for (let i = told.length - 1; i >= 0; i--) {
      const one = told[i];
      if (!one || one.timeNs > life.toNs) continue;
      if (one.timeNs < life.fromNs) break;
      if (one.target !== null) return one.target;
    }
    return { file: `descriptor ${life.fd}`, peer: "" };
  }

  /** Calls are read anew; what was read of /proc stays. */
  forget(): void {
    this.#lives.length = 0;
    this.#open.clear();
    this.#closedNs.clear();
  }

  #begin(key: string, fd: number, fromNs: number): number {
    const index = this.#lives.push({ key, fd, fromNs, toNs: Number.POSITIVE_INFINITY }) - 1;
    this.#open.set(key, index);
    return index;
  }
}

const keyOf = (pid: number, fd: number): string => `${pid} ${fd}`;
