import type { SeriesKind } from "../../model/profile.ts";

/** "cpu-clock:ppp" -> "cpu-clock"; a tracepoint ("sched:sched_switch") has no modifiers and stays. */
const eventWithoutModifiers = (event: string): string => event.replace(/:[ukhGHpPSDIWeb]+$/, "");

const isClock = (base: string): boolean => /(^|\/)(cpu|task)-clock\/?$/.test(base);

/** A tracepoint or probe: "subsystem:name". */
const isTracepoint = (base: string): boolean => /^[\w-]+:[\w-]+/.test(base) && !base.startsWith("mem:");

const softwareTraces =
  /^(page-faults|faults|minor-faults|major-faults|context-switches|cs|cpu-migrations|migrations|alignment-faults|emulation-faults|dummy|bpf-output|cgroup-switches)$/;

/** Unit of an event's period. */
export function eventUnit(event: string): string {
  const base = eventWithoutModifiers(event);
  if (isClock(base)) return "nanoseconds";
  return isTracepoint(base) ? "events" : base;
}

export function kindOfEvent(event: string): SeriesKind {
  const base = eventWithoutModifiers(event);
  return isTracepoint(base) || softwareTraces.test(base) || base.startsWith("mem:") ? "trace" : "cpu";
}
