import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright";
import { random } from "./generate.ts";
import type { OpenedPage, PageFigures } from "./ui-page.ts";

const functions = 400;

/** A program of many functions that call each other at random, up to 31 deep: as wide a graph as a screen can show. */
function wideProgram(): string {
  const next = random(7);
  const other = (): number => Math.floor(next() * functions);
  const names = Array.from({ length: functions }, (_, i) => i);
  return [
    "#include <stdint.h>",
    "static volatile uint64_t sink; static uint64_t seed = 42;",
    "static uint64_t next(void) { seed ^= seed << 13; seed ^= seed >> 7; seed ^= seed << 17; return seed; }",
    ...names.map((i) => `__attribute__((noinline)) void step_${i}(int depth);`),
    ...names.map(
      (i) =>
        `void step_${i}(int depth) { asm volatile("" :: "r"(__builtin_frame_address(0)));
          for (int k = 0; k < ${200 + Math.floor(next() * 1800)}; k++) sink += k * ${i};
          if (depth > 0) switch (next() & 3) { ${[0, 1, 2, 3].map((at) => `case ${at}: step_${other()}(depth - 1); break;`).join(" ")} }
          sink++; }`,
    ),
    "int main(void) { for (;;) step_0(12 + (int)(next() % 20)); }",
  ].join("\n");
}

/** How often the bar under the view says something new: once an update that was shown. */
function watchUpdates(): void {
  const counted = { updates: 0 };
  Object.assign(window, { counted });
  let before = "";
  new MutationObserver(() => {
    const text = document.querySelector(".selection-bar")?.textContent ?? "";
    if (text !== before) counted.updates++;
    before = text;
  }).observe(document.body, { subtree: true, characterData: true, childList: true });
}

/** What a live recording of it with perf costs the page's main thread, in the views that are watched. */
export async function measureLive(opened: OpenedPage, folder: string, seconds: number): Promise<PageFigures> {
  const { page, tasks } = opened;
  const source = join(folder, "wide.c");
  const program = join(folder, "wide");
  writeFileSync(source, wideProgram());
  const compiled = spawnSync("cc", ["-O1", "-fno-omit-frame-pointer", "-w", "-o", program, source], {
    encoding: "utf8",
  });
  if (compiled.status !== 0) throw new Error(`cc could not compile the program:\n${compiled.stderr}`);
  const target = spawn(program, { stdio: "ignore" });
  try {
    await tasks.stop();
    await page.getByRole("searchbox", { name: "Search processes" }).fill(String(target.pid));
    await page.getByRole("row", { name: /^wide / }).click();
    await page.getByRole("button", { name: /Record with perf/ }).click();
    await page.getByRole("application", { name: /Flame graph, \d+ frames/ }).waitFor();
    await page.waitForTimeout(3_000);
    await page.evaluate(watchUpdates);
    const figures: Record<string, number> = {};
    const measure = async (name: string): Promise<void> => {
      await tasks.start();
      const before = await updatesOf(page);
      await page.waitForTimeout(seconds * 1e3);
      const updates = (await updatesOf(page)) - before;
      const { busyCpuMs, longestMs, longestCpuMs } = await tasks.stop();
      figures[`${name}: main thread, CPU %`] = busyCpuMs / seconds / 10;
      figures[`${name}: updates a second`] = updates / seconds;
      figures[`${name}: longest task, ms`] = longestMs;
      figures[`${name}: longest task, CPU ms`] = longestCpuMs;
    };
    await measure("live flame and timeline");
    await page.keyboard.press("2");
    await page.getByRole("grid", { name: "Functions by weight" }).waitFor();
    await page.waitForTimeout(500);
    await measure("live top and timeline");
    await page.keyboard.press("p");
    await page.waitForTimeout(500);
    await measure("paused");
    return figures;
  } finally {
    target.kill("SIGKILL");
    await opened.close();
  }
}

const updatesOf = (page: Page): Promise<number> =>
  page.evaluate(() => (window as unknown as { counted: { updates: number } }).counted.updates);
