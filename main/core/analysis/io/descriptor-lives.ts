import { type CallTarget, noTarget } from "./call-words.ts";
import type { DescriptorStates } from "./descriptor-states.ts";

interface Life {
  readonly pid: number;
  readonly fd: number;
  readonly fromNs: number;
  toNs: number;
}

/**
 * What a descriptor's number stood for, and when. A number is given again as soon as it is free; the calls that open and
 * close tell when, and what the workbench read of /proc in between names it. A life that nobody looked into has no name.
 */
export class DescriptorLives {
  readonly #states: DescriptorStates;
  readonly #lives: Life[] = [];
  /** By process and descriptor, the life that is on. */
  readonly #open = new Map<string, number>();
  readonly #closedNs = new Map<string, number>();

  constructor(states: DescriptorStates) {
    this.#states = states;
  }

  /** The life that a descriptor is in. */
  at(pid: number, fd: number): number {
    const key = keyOf(pid, fd);
    return this.#open.get(key) ?? this.#begin(pid, fd, this.#closedNs.get(key) ?? Number.NEGATIVE_INFINITY);
  }

  opened(pid: number, fd: number, timeNs: number): number {
    this.closed(pid, fd, timeNs);
    return this.#begin(pid, fd, timeNs);
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
    const is = this.#states.between(life.pid, life.fd, life.fromNs, life.toNs);
    if (is === null) return { file: `descriptor ${life.fd}`, peer: "" };
    return is.kind === "socket" ? { file: "", peer: is.peer || is.name } : { file: is.name, peer: "" };
  }

  /** Calls are read anew. */
  forget(): void {
    this.#lives.length = 0;
    this.#open.clear();
    this.#closedNs.clear();
  }

  #begin(pid: number, fd: number, fromNs: number): number {
    const index = this.#lives.push({ pid, fd, fromNs, toNs: Number.POSITIVE_INFINITY }) - 1;
    this.#open.set(keyOf(pid, fd), index);
    return index;
  }
}

const keyOf = (pid: number, fd: number): string => `${pid} ${fd}`;
