import { describe, expect, it } from "vitest";
import { createUpdatePace, type PageClock, type UpdateKind } from "../../../../renderer/app/update-pace.ts";

/** A page whose time the test moves; every update costs it so many ms, half of them in its frame. */
function page({ costMs = 0, hidden = false } = {}) {
  let nowMs = 0;
  let frameMs = costMs / 2;
  const waiting: { readonly atMs: number; readonly work: () => void }[] = [];
  const clock: PageClock = {
    nowMs: () => nowMs,
    after: (delayMs, work) => void waiting.push({ atMs: nowMs + delayMs, work }),
    nextFrameMs: () => Promise.resolve(frameMs),
    layOut: () => undefined,
    isHidden: () => hidden,
  };
  const shown: string[][] = [];
  let shownAtMs = -1;
  const pace = createUpdatePace(clock);
  return {
    shown,
    /** The next frames take so long. */
    frameTakes: (ms: number): void => {
      frameMs = ms;
    },
    /** Something of this name that is shown when its time has come. */
    add: (name: string, kind: UpdateKind): Promise<void> =>
      pace.add(kind, () => {
        const last = shown.at(-1);
        if (last !== undefined && shownAtMs === nowMs) last.push(name);
        else {
          shown.push([name]);
          shownAtMs = nowMs;
        }
        nowMs += costMs / 2;
      }),
    passMs: async (ms: number) => {
      nowMs += ms;
      await settled();
      for (const each of waiting.splice(0)) {
        if (each.atMs <= nowMs) each.work();
        else waiting.push(each);
      }
      await settled();
    },
  };
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Whether there was room for the next one. */
function watched(promise: Promise<void>): { readonly room: boolean } {
  const state = { room: false };
  void promise.then(() => {
    state.room = true;
  });
  return state;
}

describe("the pace of updates", () => {
  it("shows what comes at about the same time in one go", async () => {
    const { add, shown, passMs } = page();
    for (const item of ["flame", "timeline", "top"]) void add(item, "update");
    expect(shown).toEqual([]);
    await passMs(40);
    expect(shown).toEqual([["flame", "timeline", "top"]]);
  });

  it("shows at once what somebody waits for, and what lay waiting with it", async () => {
    const { add, shown } = page();
    void add("timeline", "update");
    void add("flame", "awaited");
    expect(shown).toEqual([["timeline", "flame"]]);
  });

  it("rests so long after an update that it takes less than a tenth of the time", async () => {
    const { add, shown, passMs } = page({ costMs: 20 });
    const next = watched(add("flame", "update"));
    await passMs(40);
    await passMs(160);
    expect(next.room).toBe(false);
    await passMs(40);
    expect(next.room).toBe(true);
    void add("flame again", "update");
    await passMs(20);
    expect(shown).toHaveLength(1);
    await passMs(20);
    expect(shown).toHaveLength(2);
  });

  it("rests as usual after one update that others kept from the processor", async () => {
    const { add, frameTakes, passMs } = page({ costMs: 20 });
    for (const frameMs of [10, 10, 500]) {
      frameTakes(frameMs);
      const next = watched(add("flame", "update"));
      await passMs(40);
      await passMs(200);
      expect(next.room).toBe(true);
      await passMs(40);
    }
  });

  it("has one rest for all: what comes early waits for its end, and is shown with the others", async () => {
    const { add, shown, passMs } = page({ costMs: 20 });
    void add("flame", "update");
    await passMs(40);
    void add("timeline", "update");
    void add("samples", "count");
    await passMs(150);
    expect(shown.flat()).toEqual(["flame"]);
    void add("flame again", "update");
    await passMs(100);
    expect(shown.flat()).toEqual(["flame", "timeline", "samples", "flame again"]);
  });

  it("has room soon for what follows what somebody waited for, however much that cost", async () => {
    for (const kind of ["awaited", "first"] as const) {
      const { add, passMs } = page({ costMs: 200 });
      const next = watched(add("flame", kind));
      await passMs(40);
      await passMs(0);
      expect(next.room).toBe(true);
    }
  });

  it("has room ten times a second for what costs nothing, once a second where nobody sees it", async () => {
    const cheap = page();
    const next = watched(cheap.add("flame", "update"));
    await cheap.passMs(40);
    await cheap.passMs(30);
    expect(next.room).toBe(false);
    // It comes a little later, when the rest is over.
    await cheap.passMs(10);
    expect(next.room).toBe(true);
    const hidden = page({ hidden: true });
    const later = watched(hidden.add("flame", "update"));
    await hidden.passMs(40);
    await hidden.passMs(900);
    expect(later.room).toBe(false);
    await hidden.passMs(100);
    expect(later.room).toBe(true);
  });
});
