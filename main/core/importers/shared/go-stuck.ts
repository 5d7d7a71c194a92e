import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { deadlockMark, lockLabel, lockSightingsId } from "../../model/lock-waits.ts";

/** Before Go 1.20 all of them were "semacquire", as were wait groups. */
const lockState = /^sync\.(?:RW)?Mutex\./;
const lockCall = /\bsync\.\(\*(?:RW)?Mutex\)\.(?:R?Lock|lockSlow)\b/;
/** The first argument is the lock itself; of what is inlined Go tells no arguments. */
const lockAddress = /\bsync\.\(\*(?:RW)?Mutex\)\.\w+\((0x[0-9a-f]+)/;
/** Longer than locks are held. The runtime tells whole minutes. */
const STUCK_NS = 60e9;
const MOST = 20;
const asleep = "all goroutines are asleep - deadlock!";

interface DumpedGoroutine {
  readonly id: number;
  readonly thread: number;
  readonly stack: number;
  readonly state: string;
  readonly waitingNs: number;
  /** From the innermost out, as the dump has them: with arguments. */
  readonly calls: readonly string[];
}

/** Goroutines of one dump that wait for a lock, and those that seem to do so for ever. Go does not tell who has a lock. */
export class GoStuck {
  readonly #out: ProfileBuilder;
  readonly #told: Set<string>;
  readonly #stuck: { readonly id: number; readonly words: string }[] = [];
  readonly #all: string[] = [];

  constructor(out: ProfileBuilder, told: Set<string>) {
    this.#out = out;
    this.#told = told;
  }

  add({ id, thread, stack, state, waitingNs, calls }: DumpedGoroutine): void {
    const out = this.#out;
    const site = calls.find((call) => !/^(?:internal\/)?(?:sync|runtime)\b/.test(call)) ?? "";
    const where = site === "" ? "" : ` in ${site.replace(/\([^()]*\)$/, "")}`;
    if (this.#all.length < MOST) this.#all.push(`goroutine ${id} waits${where} (${state})`);
    const waits =
      lockState.test(state) || (state === "semacquire" && calls.some((call) => lockCall.test(call)));
    if (!waits) return;
    // The outermost that has one: what is further in may be a part of it.
    const address =
      calls.map((call) => lockAddress.exec(call)?.[1] ?? "").findLast((each) => each !== "") ?? "";
    const words: [string, string][] = [
      [lockLabel.kind, "Go mutex"],
      ...(address === "" ? [] : ([[lockLabel.lock, address]] as [string, string][])),
      ...(waitingNs >= STUCK_NS ? ([[lockLabel.open, "yes"]] as [string, string][]) : []),
    ];
    out
      .series({
        id: lockSightingsId,
        name: "Threads that want a lock",
        kind: "lock",
        timed: true,
        values: [{ name: "samples", unit: "samples" }],
      })
      .add(
        out.seen(0),
        thread,
        stack,
        1,
        0,
        out.labelSet(words.map(([key, text]) => ({ key: out.string(key), text: out.string(text) }))),
      );
    if (waitingNs < STUCK_NS || this.#stuck.length >= MOST) return;
    const minutes = Math.round(waitingNs / STUCK_NS);
    this.#stuck.push({
      id,
      words: `goroutine ${id} has waited ${minutes} ${minutes === 1 ? "minute" : "minutes"} for the lock ${address}${where}`,
    });
  }

  /** `lastWords` are what a program said before the dump. */
  end(lastWords: string): void {
    if (lastWords.includes(asleep)) this.#tell(asleep, `${asleep.split(" -")[0]}: ${this.#all.join("; ")}`);
    else if (this.#stuck.length > 0)
      this.#tell(
        this.#stuck.map(({ id }) => id).join(),
        `possible: ${this.#stuck.map(({ words }) => words).join("; ")}; Go does not tell who holds it`,
      );
  }

  #tell(key: string, words: string): void {
    if (this.#told.has(key)) return;
    this.#told.add(key);
    const out = this.#out;
    out.interval({
      start: 0,
      end: 0,
      category: out.string("mark"),
      name: out.string(`${deadlockMark}${words}`),
      stack: NONE,
    });
  }
}
