import { NONE, type ProfileBuilder, type SeriesBuilder } from "../../model/builder.ts";
import { type WaitReason, waitDepth, waitReasonOf } from "./wait-words.ts";

interface Absence {
  sinceNs: number;
  name: "off CPU" | "preempted";
  stack: number;
  /** "S", "D", as sched_switch says it; "" where it is not said. */
  state: string;
  waker: string;
  isRecord: boolean;
}

/** A timer, the kernel's own threads, another process: perf told of no thread of the target. */
const outside = "outside of the target";

/**
 * The times that threads were off the processor, from context switches as they come: records of the kernel, the
 * tracepoint sched:sched_switch, or both of one switch.
 */
export class PerfOffCpu {
  readonly #out: ProfileBuilder;
  readonly #away = new Map<number, Absence>();
  readonly #reasons = new Map<string, WaitReason>();
  #missed = 0;
  /** Every wake by a thread of the target is recorded, and no other. */
  seesOwnWakersOnly = false;

  constructor(out: ProfileBuilder) {
    this.#out = out;
  }

  /** Both sources may tell of one switch: what the second says besides is added. The tracepoint has a state. */
  left(thread: number, timeNs: number, name: Absence["name"], stack = NONE, state = ""): void {
    const known = this.#away.get(thread);
    const isRecord = state === "";
    if (known && known.isRecord !== isRecord) {
      known.isRecord = isRecord;
      if (stack !== NONE) known.stack = stack;
      if (state !== "") known.state = state;
      if (name === "preempted") known.name = name;
      return;
    }
    if (known) this.#missed++;
    // It is there before the first thread is back: what comes first is what is shown first.
    this.#series();
    this.#away.set(thread, { sinceNs: timeNs, name, stack, state, waker: "", isRecord });
  }

  woken(thread: number, waker: string): void {
    const absence = this.#away.get(thread);
    if (absence && absence.waker === "") absence.waker = waker;
  }

  arrived(thread: number, timeNs: number): void {
    const absence = this.#away.get(thread);
    if (!absence) return;
    this.#away.delete(thread);
    // Who could have gone on is woken by nobody.
    if (this.seesOwnWakersOnly && absence.waker === "" && /^[SD]/.test(absence.state))
      absence.waker = outside;
    if (timeNs >= absence.sinceNs) this.#interval(thread, absence, timeNs);
  }

  /** A thread that is no more does not come back. */
  ended(thread: number): void {
    this.#away.delete(thread);
  }

  /** Who is still away when the recording ends has an interval without an end. */
  finish(): void {
    if (this.#missed > 0) {
      this.#out.note(
        `${this.#missed} times a thread left the processor and the recording does not say when it came back: record with ` +
          "--switch-events, or all of the system (-a).",
      );
    }
    for (const [thread, absence] of this.#away) this.#interval(thread, absence, Number.NaN);
    this.#away.clear();
  }

  #series(): SeriesBuilder {
    return this.#out.series({
      id: "off-cpu",
      name: "Off-CPU time",
      kind: "offcpu",
      timed: true,
      values: [
        { name: "time", unit: "nanoseconds" },
        { name: "waits", unit: "count", counted: true },
      ],
    });
  }

  #reason(state: string, stack: number): WaitReason {
    const key = `${state} ${stack}`;
    let reason = this.#reasons.get(key);
    if (reason === undefined) {
      reason = waitReasonOf(state, this.#out.stackNames(stack, waitDepth));
      this.#reasons.set(key, reason);
    }
    return reason;
  }

  /** Who is still away is so until the end; not where the text never says who comes back. */
  #sample(thread: number, { sinceNs, stack, waker }: Absence, reason: string, endNs: number): void {
    if (Number.isNaN(endNs) && this.#missed > 0) return;
    const out = this.#out;
    const untilNs = Number.isNaN(endNs) ? out.lastTimeNs : endNs;
    this.#series().add(
      out.seen(untilNs),
      thread,
      stack,
      untilNs - sinceNs,
      1,
      out.labelSet([
        ...(reason === "" ? [] : [{ key: out.string("reason"), text: out.string(reason) }]),
        ...(waker === "" ? [] : [{ key: out.string("woken by"), text: out.string(waker) }]),
      ]),
    );
  }

  #interval(thread: number, absence: Absence, endNs: number): void {
    const out = this.#out;
    const { sinceNs, name, stack, state, waker } = absence;
    const reason = name === "preempted" ? name : state === "" ? "" : this.#reason(state, stack);
    this.#sample(thread, absence, reason, endNs);
    const known = {
      ...(reason !== "" && { reason }),
      ...(state !== "" && { state }),
      ...(waker !== "" && { waker }),
    };
    const args = JSON.stringify(known);
    out.interval({
      start: sinceNs,
      end: endNs,
      thread,
      category: out.string("scheduler"),
      name: out.string(name),
      stack,
      args: args === "{}" ? NONE : out.string(args),
    });
  }
}
