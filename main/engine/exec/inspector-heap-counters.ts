import { type Channel, evaluate } from "./inspector-channel.ts";
import type { SourceEvents } from "./source-run.ts";

/** What Node itself counts of its heap, beside what the kernel counts of the process. */
export interface HeapCounting {
  /** Says what V8's spaces hold, at most once a second. */
  report(): Promise<void>;
  /** Leaves the target as it was found. */
  end(): Promise<void>;
}

const everyMs = 1000;
const binding = "__flamewrightGarbage";

/** Spaces that grow with what a program makes; V8 has some more, which do not. */
const spaceNames: Readonly<Record<string, string>> = {
  new_space: "V8 new space",
  old_space: "V8 old space",
  code_space: "V8 code space",
  large_object_space: "V8 large objects",
  external: "Outside of V8's heap (external)",
  array_buffers: "Array buffers",
};

/** perf_hooks.constants.NODE_PERFORMANCE_GC_*: https://nodejs.org/api/perf_hooks.html */
const collectionNames: Readonly<Record<number, string>> = {
  1: "Scavenge",
  2: "Minor mark-sweep",
  4: "Mark-sweep-compact",
  8: "Incremental marking",
  16: "Weak callbacks",
};

const builtin = (name: string): string =>
  `(process.getBuiltinModule ? process.getBuiltinModule('node:${name}') : process.mainModule.require('${name}'))`;

const spaces = `JSON.stringify([
  ...${builtin("v8")}.getHeapSpaceStatistics().map((each) => [each.space_name, each.space_used_size]),
  ...Object.entries({ external: process.memoryUsage().external, array_buffers: process.memoryUsage().arrayBuffers }),
])`;

/** Tells of each collection through the binding. Node's clock is CLOCK_MONOTONIC, as ours. */
const tell = `(() => {
  const tell = globalThis.${binding};
  const { PerformanceObserver, performance } = ${builtin("perf_hooks")};
  const apartMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration, detail, kind } of list.getEntries())
      tell([(detail || { kind }).kind, Math.round((startTime + apartMs) * 1000), Math.round(duration * 1000)].join(' '));
  });
  observer.observe({ entryTypes: ['gc'] });
  tell.stop = () => observer.disconnect();
  return true;
})()`;
const hush = `globalThis.${binding}?.stop?.(), delete globalThis.${binding}`;

/** A program that only begins has not all of this yet: it is tried again with each report, so many times. */
const mostTries = 20;

export async function countHeap(channel: Channel, events: SourceEvents): Promise<HeapCounting> {
  channel.on("Runtime.bindingCalled", ({ name, payload }) => {
    if (name !== binding) return;
    const [kind = 0, startUs = Number.NaN, durationUs = 0] = String(payload).split(" ").map(Number);
    if (!Number.isFinite(startUs)) return;
    events.span?.({
      category: "GC",
      name: collectionNames[kind] ?? "Collection",
      startedNs: BigInt(startUs) * 1000n,
      durationNs: durationUs * 1000,
    });
  });
  await channel.send("Runtime.addBinding", { name: binding });
  let tells = false;
  let tries = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  return {
    async report() {
      if (!tells && tries++ < mostTries) tells = (await evaluate(channel, tell).catch(() => false)) === true;
      if (performance.now() - lastMs < everyMs) return;
      lastMs = performance.now();
      const told: unknown = JSON.parse(String(await evaluate(channel, spaces)));
      if (!Array.isArray(told)) return;
      events.counters(
        told.flatMap((each: unknown) => {
          const [space, value]: readonly unknown[] = Array.isArray(each) ? each : [];
          const name = spaceNames[String(space)];
          if (name === undefined || typeof value !== "number") return [];
          return [{ id: `heap-${String(space).replaceAll("_", "-")}`, name, unit: "bytes", value }];
        }),
      );
    },
    async end() {
      await evaluate(channel, hush);
      await channel.send("Runtime.removeBinding", { name: binding });
    },
  };
}
