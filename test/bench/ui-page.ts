import type { Browser, CDPSession, Page } from "playwright";
import type { Driver } from "./ui-drivers.ts";

export type PageFigures = Readonly<Record<string, number>>;

interface Watched {
  frames: number[];
  tasks: number[];
  last: number;
}

/** Put into the page before anything of it runs: every frame's distance from the one before, every task over 50 ms. */
function watchPage(): void {
  const watched: Watched = { frames: [], tasks: [], last: performance.now() };
  Object.assign(window, { watched });
  const frame = (now: number): void => {
    watched.frames.push(now - watched.last);
    watched.last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) watched.tasks.push(entry.duration);
  }).observe({ type: "longtask", buffered: true });
}

const taken = (page: Page): Promise<Watched> =>
  page.evaluate(() => {
    const { watched } = window as unknown as { watched: Watched };
    const copy = { ...watched };
    watched.frames = [];
    watched.tasks = [];
    return copy;
  });

const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
};

const metric = async (session: CDPSession, name: string): Promise<number> => {
  const { metrics } = await session.send("Performance.getMetrics");
  return metrics.find((each) => each.name === name)?.value ?? 0;
};

/** Everything that one program does with one file, in one fresh page. */
export async function measurePage(
  browser: Browser,
  driver: Driver,
  url: string,
  file: string,
): Promise<PageFigures> {
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
  try {
    await page.addInitScript(watchPage);
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    const figures: Record<string, number> = {};
    const start = performance.now();
    await page.goto(url);
    await driver.firstPicture(page, file);
    figures["first picture, ms"] = performance.now() - start;
    const before = await metric(session, "TaskDuration");
    await driver.complete(page);
    const openS = (performance.now() - start) / 1e3;
    figures["open in full, ms"] = openS * 1e3;
    const busy = await metric(session, "TaskDuration");
    const restS = openS - figures["first picture, ms"] / 1e3;
    if (restS > 0.5) figures["main thread while it reads on, %"] = ((busy - before) / restS) * 100;
    figures["longest task while opening, ms"] = Math.max(0, ...(await taken(page)).tasks);
    for (const [name, act] of Object.entries(driver.moves)) {
      await taken(page);
      await act(page);
      const { frames, tasks } = await taken(page);
      figures[`${name}: median frame, ms`] = percentile(frames, 0.5);
      figures[`${name}: 95 %, ms`] = percentile(frames, 0.95);
      figures[`${name}: longest task, ms`] = Math.max(0, ...tasks);
      await driver.reset(page);
    }
    for (const [name, act] of Object.entries(driver.switches)) {
      const times: number[] = [];
      for (let turn = 0; turn < 5; turn++) times.push(await act(page, turn));
      figures[`${name}, ms`] = percentile(times, 0.5);
    }
    await session.send("HeapProfiler.collectGarbage");
    figures["heap, MB"] = (await metric(session, "JSHeapUsedSize")) / 1e6;
    return figures;
  } finally {
    await page.close();
  }
}
