import { NONE, type ProfileBuilder, type SeriesBuilder } from "../../model/builder.ts";
import { argumentWords } from "../../model/syscall-arguments.ts";
import { LimitedTexts } from "./limited-texts.ts";
import type { SpanWords } from "./perf-span-words.ts";
import { errorName, syscallName } from "./syscall-names.ts";

interface OpenCall {
  readonly number: number;
  readonly sinceNs: number;
  /** Of the caller. */
  readonly stack: number;
  readonly args: readonly string[];
}

/**
 * raw_syscalls:sys_enter and sys_exit as what they are, calls: each is a sample of its duration below its caller, and an
 * interval with its arguments and result, as strace's are.
 */
export class PerfSyscalls {
  readonly #out: ProfileBuilder;
  readonly #machine: () => string;
  readonly #texts: LimitedTexts;
  /** By thread: it is in one call at a time. */
  readonly #open = new Map<number, OpenCall>();
  /** By stack of the caller and number, the stack with the call. */
  readonly #stacks = new Map<string, number>();
  readonly #errors = new Map<string, number>();
  #series: SeriesBuilder | null = null;
  #headless = 0;

  /** `machine` as uname -m has it. */
  constructor(out: ProfileBuilder, machine: () => string) {
    this.#out = out;
    this.#machine = machine;
    this.#texts = new LimitedTexts(out, "arguments of calls");
  }

  enter(thread: number, timeNs: number, stack: number, { number, args }: SpanWords): void {
    if (thread === NONE || number < 0) return;
    this.#open.set(thread, { number, sinceNs: timeNs, stack, args });
  }

  exit(thread: number, timeNs: number, { number, result }: SpanWords): void {
    const call = this.#open.get(thread);
    if (call?.number !== number) {
      this.#headless++;
      return;
    }
    this.#open.delete(thread);
    const out = this.#out;
    const value = Number(result);
    const error = errorName(value);
    const stack = this.#stackOf(call);
    const durationNs = Math.max(0, timeNs - call.sinceNs);
    this.#calls().add(out.seen(call.sinceNs), thread, stack, durationNs, 1, this.#labelsOf(error));
    this.#interval(
      thread,
      call,
      call.sinceNs + durationNs,
      error === "" ? resultWord(result) : `-1 ${error}`,
    );
  }

  /**
   * Pages of a file came into memory. Within a call that writes they are new ones, and nobody had to wait for a disk; else they
   * were wanted and not there. Without calls nobody can tell: false.
   */
  cached(thread: number, timeNs: number, stack: number, sizeBytes: number, labels: number): boolean {
    if (this.#series === null && this.#open.size === 0) return false;
    const call = this.#open.get(thread);
    const name = call === undefined ? "page fault" : this.#nameOf(call.number);
    const isNew = writesPages.test(name);
    const out = this.#out;
    const frame = out.frame({ function: out.function({ name: out.string(name), kind: "kernel" }) });
    const series = out.series({
      id: isNew ? "page-cache-new" : "page-cache-misses",
      name: isNew ? "Pages of files that writing made" : "Page cache misses",
      kind: "io",
      timed: true,
      values: [
        { name: "bytes", unit: "bytes" },
        { name: "times", unit: "count" },
      ],
    });
    series.add(out.seen(timeNs), thread, out.stack(stack, frame), sizeBytes, 1, labels);
    return true;
  }

  finish(): void {
    for (const [thread, call] of this.#open) this.#interval(thread, call, Number.NaN, "unfinished");
    this.#open.clear();
    if (this.#headless > 0)
      this.#out.note(
        `${this.#headless === 1 ? "A call" : `${this.#headless} calls`} had begun before the recording, or the begin was lost: left out.`,
      );
  }

  #interval(thread: number, call: OpenCall, endNs: number, result: string): void {
    const out = this.#out;
    const name = this.#nameOf(call.number);
    out.interval({
      start: call.sinceNs,
      end: endNs,
      thread,
      category: out.string("syscall"),
      name: out.string(name),
      stack: this.#stackOf(call),
      args: this.#texts.of(JSON.stringify({ args: argumentWords(name, call.args), result })),
    });
  }

  #calls(): SeriesBuilder {
    this.#series ??= this.#out.series({
      id: "syscalls",
      name: "System calls",
      kind: "syscall",
      timed: true,
      values: [
        { name: "time", unit: "nanoseconds" },
        { name: "calls", unit: "count" },
      ],
    });
    return this.#series;
  }

  #nameOf = (number: number): string => syscallName(this.#machine(), number);

  #stackOf({ stack, number }: OpenCall): number {
    const key = `${stack} ${number}`;
    let known = this.#stacks.get(key);
    if (known === undefined) {
      const out = this.#out;
      const name = out.string(this.#nameOf(number));
      known = out.stack(stack, out.frame({ function: out.function({ name, kind: "kernel" }) }));
      this.#stacks.set(key, known);
    }
    return known;
  }

  #labelsOf(error: string): number {
    if (error === "") return NONE;
    let known = this.#errors.get(error);
    if (known === undefined) {
      const out = this.#out;
      known = out.labelSet([{ key: out.string("error"), text: out.string(error) }]);
      this.#errors.set(error, known);
    }
    return known;
  }
}

const writesPages =
  /^(?:p?writev?(?:64|2)?|pwritev|fallocate|ftruncate|truncate|copy_file_range|sendfile|splice)$/;

/** Addresses come as hex, counts as numbers. */
const resultWord = (result: string): string => {
  const value = Number(result);
  return value > 0xffff_ffff ? `0x${value.toString(16)}` : result;
};
