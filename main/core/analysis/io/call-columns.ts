import { float64, int32 } from "../../model/growable.ts";
import { libraryCategory } from "../../model/library-calls.ts";
import type { Profile, Series } from "../../model/profile.ts";
import { CallRows } from "./call-rows.ts";
import { type CallTarget, type CallWords, noTarget, noWords, readCall } from "./call-words.ts";
import { DescriptorLives } from "./descriptor-lives.ts";
import { DescriptorStates } from "./descriptor-states.ts";

/** Code by which nobody calls for what he wants. */
const isLibrary = /(?:^|\/)(?:libc|libpthread|ld-linux[\w-]*|ld-musl[\w-]*|ld)[-.][\w.-]*$/;

/**
 * Calls as columns: name, target, error, bytes and caller of each sample. Rows that are new since the last time are worked
 * through once, and arguments that were seen before are not read again: a question about a long recording only adds numbers up.
 */
export class CallColumns {
  /** String index, -1. */
  readonly call = int32();
  /** As `describe` takes it. */
  readonly target = int32();
  /** String index of "ENOENT", -1. */
  readonly error = int32();
  readonly bytes = float64();
  /** String index of the function that called, outside of the C library; -1. */
  readonly caller = int32();

  readonly states = new DescriptorStates();
  readonly #lives = new DescriptorLives(this.states);
  readonly #rowsOf = new Map<number, CallRows>();
  readonly #words = new Map<number, CallWords>();
  readonly #errorOfSet = new Map<number, number>();
  readonly #callerOf = new Map<number, number>();
  /** Targets that calls name themselves, from 1; lives of descriptors are from -1 down. */
  readonly #targets: CallTarget[] = [noTarget];
  readonly #targetIndex = new Map<string, number>();
  #labelRows = 0;
  #intervalRows = 0;
  #times = new Float64Array(0);

  /** Takes in the calls that are new; after the states of descriptors. */
  update(profile: Profile, series: Series): void {
    if (this.#isOther(series)) {
      for (const column of [this.call, this.target, this.error, this.bytes, this.caller]) column.clear();
      this.#lives.forget();
    }
    this.#takeErrors(profile);
    this.#takeIntervals(profile);
    const from = this.call.length;
    if (from === series.length) return;
    for (let sample = from; sample < series.length; sample++) this.#take(profile, series, sample);
    if (series.time !== null) this.#times = series.time.slice();
  }

  describe(target: number): CallTarget {
    return target < 0 ? this.#lives.describe(-1 - target) : (this.#targets[target] ?? noTarget);
  }

  /** Samples may be put in the order of time when a recording ends. */
  #isOther({ length, time }: Series): boolean {
    if (length < this.call.length) return true;
    if (time === null) return false;
    for (let i = 0; i < this.#times.length; i++) if (this.#times[i] !== time[i]) return true;
    return false;
  }

  #take(profile: Profile, series: Series, sample: number): void {
    const { strings, intervals, functions, frames, stacks } = profile;
    const stack = series.stack[sample];
    const thread = series.thread[sample];
    const timeNs = series.time === null ? Number.NaN : series.time[sample];
    const call = stack === -1 ? -1 : functions.name[frames.function[stacks.frame[stack]]];
    const row = this.#rowsOf.get(thread)?.find(timeNs) ?? -1;
    const words = this.#wordsOf(profile, row === -1 ? -1 : intervals.args[row], strings[call] ?? "");
    this.call.push(call);
    this.caller.push(this.#caller(profile, stack));
    this.error.push(series.labels === null ? -1 : (this.#errorOfSet.get(series.labels[sample]) ?? -1));
    this.bytes.push(words.bytes);
    const process = thread === -1 ? -1 : profile.threads.process[thread];
    this.target.push(this.#target(process === -1 ? -1 : profile.processes.pid[process], timeNs, words));
  }

  #target(pid: number, timeNs: number, { target, descriptor, opened, closes }: CallWords): number {
    const lives = this.#lives;
    let life = descriptor < 0 ? null : lives.at(pid, descriptor);
    if (closes && descriptor >= 0) lives.closed(pid, descriptor, timeNs);
    if (opened >= 0) {
      const begun = lives.opened(pid, opened, timeNs);
      // What opens a file is about that file, unless it says itself what it is about.
      if (target === noTarget && life === null) life = begun;
    }
    return life === null ? this.#known(target) : -1 - life;
  }

  #known(target: CallTarget): number {
    if (target === noTarget) return 0;
    const key = `${target.file}\0${target.peer}`;
    let index = this.#targetIndex.get(key);
    if (index === undefined) {
      index = this.#targets.push(target) - 1;
      this.#targetIndex.set(key, index);
    }
    return index;
  }

  #takeIntervals({ intervals, strings }: Profile): void {
    const calls = [strings.indexOf("syscall"), strings.indexOf(libraryCategory)];
    for (; this.#intervalRows < intervals.length; this.#intervalRows++) {
      const row = this.#intervalRows;
      if (!calls.includes(intervals.category[row])) continue;
      const thread = intervals.thread[row];
      let rows = this.#rowsOf.get(thread);
      if (!rows) {
        rows = new CallRows();
        this.#rowsOf.set(thread, rows);
      }
      rows.add(row, intervals.start[row]);
    }
  }

  #takeErrors({ labels, strings }: Profile): void {
    const key = strings.indexOf("error");
    for (; this.#labelRows < labels.length; this.#labelRows++)
      if (labels.key[this.#labelRows] === key)
        this.#errorOfSet.set(labels.set[this.#labelRows], labels.text[this.#labelRows]);
  }

  #wordsOf({ strings }: Profile, args: number, call: string): CallWords {
    if (args === -1) return noWords(call);
    const known = this.#words.get(args);
    if (known?.call === call) return known;
    const words = readCall(strings[args] ?? "", call);
    this.#words.set(args, words);
    return words;
  }

  #caller({ stacks, frames, functions, binaries, strings }: Profile, stack: number): number {
    if (stack === -1) return -1;
    const known = this.#callerOf.get(stack);
    if (known !== undefined) return known;
    let found = -1;
    for (let at = stacks.prefix[stack]; at !== -1; at = stacks.prefix[at]) {
      const caller = frames.function[stacks.frame[at]];
      const binary = functions.binary[caller];
      found = functions.name[caller];
      if (binary === -1 || !isLibrary.test(strings[binaries.path[binary]] ?? "")) break;
    }
    this.#callerOf.set(stack, found);
    return found;
  }
}
