import { formatCount } from "../base/numbers.ts";
import { NONE } from "../model/builder.ts";
import type { Profile, Series } from "../model/profile.ts";

const counted = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

const listed = (words: readonly string[], most = 8): string =>
  words.length <= most
    ? words.join(", ")
    : `${words.slice(0, most).join(", ")} and ${words.length - most} more`;

/** What was read of a file, in words: a line for each thing that a profile can hold and this one does. */
export function whatWasRead(profile: Profile): readonly string[] {
  const { series, frames, threads, processes, intervals, counters, heap, labels, strings } = profile;
  const lines = series.map((each) => seriesLine(each));
  if (threads.length > 0)
    lines.push(
      `${counted(threads.length, "thread")} of ${counted(processes.length, "process", "processes")}`,
    );
  if (frames.length > 0) {
    let inlined = 0;
    let placed = 0;
    let addressed = 0;
    for (let frame = 0; frame < frames.length; frame++) {
      if (frames.inlineDepth[frame] > 0) inlined++;
      if (frames.line[frame] !== NONE) placed++;
      if (frames.addressLow[frame] !== 0xffffffff || frames.addressHigh[frame] !== 0xffffffff) addressed++;
    }
    const parts = [
      ...(inlined > 0 ? [`${formatCount(inlined)} inlined`] : []),
      ...(placed > 0 ? [`${formatCount(placed)} with a line`] : []),
      ...(addressed > 0 ? [`${formatCount(addressed)} with an address`] : []),
    ];
    lines.push(
      `${counted(profile.functions.length, "function")}, ${counted(frames.length, "frame")}` +
        `${parts.length > 0 ? ` (${parts.join(", ")})` : ""}, ${counted(profile.stacks.length, "stack node")}`,
    );
  }
  if (labels.length > 0) {
    const keys = [...new Set(labels.key)].map((key) => strings[key] ?? "");
    lines.push(`labels: ${listed(keys)}`);
  }
  if (intervals.length > 0) {
    const categories = [...new Set(intervals.category)].map((index) => strings[index] ?? "");
    lines.push(
      `${counted(intervals.length, "interval")}: ${listed(categories.filter((name) => name !== ""))}`,
    );
  }
  if (counters.length > 0)
    lines.push(
      `${counted(counters.length, "counter")}: ${listed(counters.map(({ name, unit }) => `${name} (${unit})`))}`,
    );
  if (heap)
    lines.push(
      `a heap of ${counted(heap.nodes.length, "object")} and ${counted(heap.edges.length, "reference")}`,
    );
  return lines;
}

function seriesLine({ name, length, time, thread, labels, values, exact }: Series): string {
  const parts = [
    time ? "times" : "",
    thread.some((each) => each !== NONE) ? "threads" : "",
    labels ? "labels" : "",
  ].filter((word) => word !== "");
  const of = values.map((value) => `${value.name} (${value.unit})`);
  const calls = exact
    ? `; exact costs of ${counted(exact.functions.length, "function")} and ${counted(exact.calls.length, "call")}`
    : "";
  return `${name}: ${counted(length, "sample")}${parts.length > 0 ? ` with ${parts.join(", ")}` : ""}; ${listed(of)}${calls}`;
}
