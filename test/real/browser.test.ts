import { afterAll, beforeAll, expect, test } from "vitest";
import { needs } from "../needs.ts";
import { type RunningBrowser, startBrowser } from "../programs/page.ts";
import { record, samplesOf, selfShare } from "./recording.ts";

needs("chromium")("pages of a browser, by its address", () => {
  let browser: RunningBrowser;
  beforeAll(async () => {
    browser = await startBrowser("hot.html");
  });
  afterAll(() => browser.stop());

  test("shares within 5 points, the call chain exact, its worker a thread of its own", async () => {
    const { state, store, states } = await record(
      { target: { kind: "endpoint", url: browser.url }, options: { rate: 1000 } },
      { samples: 3000 },
    );
    expect(state).toMatchObject({ phase: "done", ending: "stopped", problem: null });
    const samples = samplesOf(store.profile());
    const main = samples
      .filter(({ threadName, names }) => threadName === "main" && names.includes("tick"))
      .map((sample) => ({ ...sample, weight: 1 }));
    expect(main.length).toBeGreaterThan(300);
    for (const [leaf, truth] of Object.entries({ hotA: 60, hotB: 30, hotC: 10 })) {
      expect(Math.abs(selfShare(main, leaf) - truth)).toBeLessThan(5);
      const found = main.filter(({ names }) => names.at(-1) === leaf);
      const exact = found.filter(({ names }) => names.slice(-3).join() === `tick,caller,${leaf}`);
      expect(exact.length / found.length).toBeGreaterThan(0.98);
    }
    // A browser makes the timers of a worker wait 4 ms: then it idles.
    const worker = samples.filter(
      ({ threadName, names }) => threadName === "worker helper" && names.includes("turn"),
    );
    expect(selfShare(worker, "helperWork")).toBeGreaterThan(90);
    expect(main[0]?.tid).not.toBe(worker[0]?.tid);
    const counts = new Set(states.map(({ samples: count }) => count));
    expect(counts.size).toBeGreaterThan(2);
    const times = samples.map(({ timeNs }) => timeNs);
    expect(Math.min(...times)).toBeGreaterThan(0);
    expect(Math.max(...times)).toBeLessThanOrEqual(state.elapsedNs);
  });

  test("the address that the browser prints leads to its page too", async () => {
    const { state, store } = await record(
      { target: { kind: "endpoint", url: browser.announced }, options: { rate: 1000 } },
      { samples: 300 },
    );
    expect(state).toMatchObject({ phase: "done", ending: "stopped", problem: null });
    expect(samplesOf(store.profile()).some(({ names }) => names.includes("caller"))).toBe(true);
  });
});
