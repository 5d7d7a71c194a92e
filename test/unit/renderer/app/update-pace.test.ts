import { describe, expect, it } from "vitest";
import { createUpdatePace, type PageClock } from "../../../../renderer/app/update-pace.ts";

/** A page whose time the test moves; every update costs it so many ms, half of them in its frame. */
function page({ costMs = 0, hidden = false } = {}) {
  let nowMs = 0;
  const waiting: { readonly atMs: number; readonly work: () => void }[] = [];
  const clock: PageClock = {
    nowMs: () => nowMs,
    after: (delayMs, work) => void waiting.push({ atMs: nowMs + delayMs, work }),
    nextFrameMs: () => Promise.resolve(costMs / 2),
    isHidden: () => hidden,
  };
  const shown: string[][] = [];
  const pace = createUpdatePace<string>(clock, (items) => {
    shown.push([...items]);
    nowMs += costMs / 2;
  });
  return {
    pace,
    shown,
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
    const { pace, shown, passMs } = page();
    for (const item of ["flame", "timeline", "top"]) void pace.add(item, false);
    expect(shown).toEqual([]);
    await passMs(6);
    expect(shown).toEqual([["flame", "timeline", "top"]]);
  });

  it("shows at once what somebody waits for, and what lay waiting with it", async () => {
    const { pace, shown } = page();
    void pace.add("timeline", false);
    void pace.add("flame", true);
    expect(shown).toEqual([["timeline", "flame"]]);
  });

  it("rests so long after an update that it takes less than a tenth of the time", async () => {
    const { pace, passMs } = page({ costMs: 20 });
    const next = watched(pace.add("flame", false));
    await passMs(6);
    await passMs(190);
    expect(next.room).toBe(false);
    await passMs(60);
    expect(next.room).toBe(true);
  });

  it("has room at once after what costs nothing, once a second where nobody sees it", async () => {
    const cheap = page();
    const next = watched(cheap.pace.add("flame", false));
    await cheap.passMs(6);
    await cheap.passMs(0);
    expect(next.room).toBe(true);
    const hidden = page({ hidden: true });
    const later = watched(hidden.pace.add("flame", false));
    await hidden.passMs(6);
    await hidden.passMs(900);
    expect(later.room).toBe(false);
    await hidden.passMs(100);
    expect(later.room).toBe(true);
  });
});
