import type { Host } from "../profiler.ts";

const spanS = 0.25;

/** How often a second each of these events came in a process, counted for a moment: that costs next to nothing. */
export async function countEvents(
  host: Host,
  perf: string,
  pid: number,
  events: readonly string[],
): Promise<readonly number[]> {
  const counting = [
    ...[perf, "stat", "--log-fd", "1", "-x", ",", "-e", events.join(",")],
    ...["-p", String(pid), "--", "sleep", String(spanS)],
  ];
  const said = await host.probe(counting, 10_000);
  return (said?.stdout ?? "").split("\n").flatMap((line) => {
    const count = /^(\d+),/.exec(line)?.[1];
    return count === undefined ? [] : [Number(count) / spanS];
  });
}
