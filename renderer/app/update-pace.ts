/** When the page draws. */
export interface PageClock {
  readonly nowMs: () => number;
  readonly after: (delayMs: number, work: () => void) => void;
  /** How long the next frame keeps the page busy, its painting included; 0 where it draws none. */
  readonly nextFrameMs: () => Promise<number>;
  /** Style and layout, which a frame does; the pointer may ask for them before it. */
  readonly layOut: () => void;
  /** Nobody sees it. */
  readonly isHidden: () => boolean;
}

/**
 * awaited: the answer to what somebody has just asked. first: nothing of its kind was shown before. update: it comes by
 * itself, again and again. count: as an update, but read and not watched.
 */
export type UpdateKind = "awaited" | "first" | "update" | "count";

export interface UpdatePace {
  /** Shows it, with what else comes at about the same time. Resolves when the page has room for the next of its kind. */
  readonly add: (kind: UpdateKind, show: () => void) => Promise<void>;
}

/** Tables of one revision come one after the other: they are shown together, for a frame costs as much as what is in it. */
const gatherMs = 40;
/** Updates take so much of the page's time at most; reading what comes takes up to two hundredths more. */
const mostShare = 0.08;
/** However little it cost; what is waited for, or shows something for the first time, rests no longer. */
const leastRestMs: Readonly<Record<UpdateKind, number>> = { awaited: 80, first: 80, update: 80, count: 250 };
const longestRestMs = 1_000;
const hiddenRestMs = 1_000;

const remembered = 5;

/** The median: where others have the processors, one update takes many times as long as it costs. */
const usual = (costsMs: readonly number[]): number =>
  [...costsMs].sort((a, b) => a - b)[(costsMs.length - 1) >> 1] ?? 0;

interface Shown {
  readonly kind: UpdateKind;
  readonly resume: () => void;
}

const isSoon = ({ kind }: Shown): boolean => kind === "awaited" || kind === "first";

/**
 * Shows what comes by itself as often as the page can afford: after an update it rests in proportion to what the update
 * cost, its frame included, and the engine holds back meanwhile. There is one rest for all that comes: who is early waits
 * for its end, so that views and counts share their frames.
 */
export function createUpdatePace(clock: PageClock): UpdatePace {
  let updates: (() => void)[] = [];
  let resting: Shown[] = [];
  let restedAtMs: Readonly<Record<"update" | "count", number>> = {
    update: Number.NEGATIVE_INFINITY,
    count: Number.NEGATIVE_INFINITY,
  };
  let dueMs = Number.POSITIVE_INFINITY;
  let costsMs: readonly number[] = [];

  const show = async (): Promise<void> => {
    dueMs = Number.POSITIVE_INFINITY;
    const shown = updates;
    const waiting = resting;
    updates = [];
    resting = [];
    const startMs = clock.nowMs();
    const frame = clock.nextFrameMs();
    for (const update of shown) update();
    // React renders all of it together, in a microtask of its own that was queued before this one goes on.
    await Promise.resolve();
    clock.layOut();
    const costMs = clock.nowMs() - startMs + (await frame);
    const hasUpdate = waiting.some(({ kind }) => kind === "update");
    if (hasUpdate) costsMs = [...costsMs, costMs].slice(-remembered);
    const spentMs = hasUpdate ? usual(costsMs) : costMs;
    const restMs = clock.isHidden() ? hiddenRestMs : Math.min(longestRestMs, spentMs / mostShare);
    const ofUpdateMs = startMs + Math.max(restMs, leastRestMs.update);
    const ofCountMs = startMs + Math.max(restMs, leastRestMs.count);
    restedAtMs = {
      update: hasUpdate ? ofUpdateMs : restedAtMs.update,
      count: ofCountMs,
    };
    const nowMs = clock.nowMs();
    const resumeAt = (atMs: number, which: (each: Shown) => boolean): void => {
      const those = waiting.filter(which);
      if (those.length === 0) return;
      clock.after(Math.max(0, atMs - nowMs), () => {
        for (const { resume } of those) resume();
      });
    };
    resumeAt(startMs + leastRestMs.first, isSoon);
    // What is asked for comes a little later, when the rest is over.
    resumeAt(ofUpdateMs - gatherMs, ({ kind }) => kind === "update");
    resumeAt(ofCountMs - gatherMs, ({ kind }) => kind === "count");
  };

  const showAt = (atMs: number): void => {
    if (atMs >= dueMs) return;
    dueMs = atMs;
    clock.after(atMs - clock.nowMs(), () => {
      // Another one was sooner, and showed this too.
      if (dueMs === atMs) void show();
    });
  };

  return {
    add: (kind, update) =>
      new Promise((resolve) => {
        updates.push(update);
        resting.push({ kind, resume: resolve });
        if (kind === "awaited" || kind === "first") void show();
        else showAt(Math.max(clock.nowMs() + gatherMs, restedAtMs[kind]));
      }),
  };
}

/** No pages, no frames: everything at once. */
export const instantClock: PageClock = {
  nowMs: () => 0,
  after: (_, work) => work(),
  nextFrameMs: () => Promise.resolve(0),
  layOut: () => undefined,
  isHidden: () => false,
};

export const browserClock: PageClock = {
  nowMs: () => performance.now(),
  after: (delayMs, work) => void setTimeout(work, delayMs),
  nextFrameMs: () =>
    document.hidden
      ? Promise.resolve(0)
      : new Promise((resolve) => {
          requestAnimationFrame(() => {
            const startMs = performance.now();
            // A message is a task of its own: the next one, after the frame has been painted.
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => resolve(performance.now() - startMs);
            port2.postMessage(null);
          });
        }),
  layOut: () => void document.documentElement.clientHeight,
  isHidden: () => document.hidden,
};
