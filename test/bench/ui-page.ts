import type { Page } from "playwright";
import type { Driver } from "./ui-drivers.ts";
import type { TaskWatch } from "./ui-tasks.ts";

export type PageFigures = Readonly<Record<string, number>>;

/** A page in its host, about to show a file or on the way to it. */
export interface OpenedPage {
  readonly page: Page;
  readonly tasks: TaskWatch;
  /** When somebody asked for it, on this process's clock. */
  readonly startMs: number;
  close(): Promise<void>;
}

interface Watched {
  frames: number[];
  last: number;
}

/** Every frame's distance from the one before. */
function watchFrames(): void {
  const watched: Watched = { frames: [], last: performance.now() };
  Object.assign(window, { watched });
  const frame = (now: number): void => {
    watched.frames.push(now - watched.last);
    watched.last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

const takenFrames = (page: Page): Promise<readonly number[]> =>
  page.evaluate(() => {
    const { watched } = window as unknown as { watched: Watched };
    return watched.frames.splice(0);
  });

const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
};

/** Bytes of JavaScript's heap after a collection. */
async function heapMegabytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  return (metrics.find(({ name }) => name === "JSHeapUsedSize")?.value ?? 0) / 1e6;
}

/** Everything that one program does with one file, in one fresh page. `opened` has its trace running. */
export async function measurePage(driver: Driver, opened: OpenedPage, file: string): Promise<PageFigures> {
  const { page, tasks, startMs } = opened;
  try {
    const figures: Record<string, number> = {};
    await driver.firstPicture(page, file);
    const firstMs = performance.now() - startMs;
    figures["from the start: first picture, ms"] = firstMs;
    await driver.complete(page);
    const openMs = performance.now() - startMs;
    figures["from the start: open in full, ms"] = openMs;
    const opening = await tasks.stop();
    figures["opening: longest task, ms"] = opening.longestMs;
    figures["opening: longest task, CPU ms"] = opening.longestCpuMs;
    figures["opening: main thread, CPU %"] = (opening.busyCpuMs / openMs) * 100;
    await page.evaluate(watchFrames);
    for (const [name, act] of Object.entries(driver.moves)) {
      await tasks.start();
      await takenFrames(page);
      await act(page);
      const frames = await takenFrames(page);
      const { longestMs, longestCpuMs } = await tasks.stop();
      figures[`${name}: median frame, ms`] = percentile(frames, 0.5);
      figures[`${name}: 95 %, ms`] = percentile(frames, 0.95);
      figures[`${name}: longest task, ms`] = longestMs;
      figures[`${name}: longest task, CPU ms`] = longestCpuMs;
      await driver.reset(page);
    }
    for (const [name, act] of Object.entries(driver.switches)) {
      const times: number[] = [];
      for (let turn = 0; turn < 7; turn++) {
        times.push(await act(page, turn));
        await page.waitForTimeout(300);
      }
      figures[`${name}, ms`] = percentile(times, 0.5);
    }
    figures["heap, MB"] = await heapMegabytes(page);
    const again: number[] = [];
    for (let turn = 0; turn < 3; turn++) again.push(await driver.again(page, file));
    figures["running: first picture, ms"] = percentile(again, 0.5);
    return figures;
  } finally {
    await opened.close();
  }
}
