import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { needs } from "../needs.ts";
import { hostNames, inspect, makeHome, needsOf, openWorkbench, type Workbench } from "./workbench.ts";

/** Two threads for five seconds, a sample each every 10 ms: what ran when, and who called malloc, is known exactly. */
function program(): string {
  const mallocBy = (sample: number): string =>
    sample % 10 < 6 ? "build_index" : sample % 10 < 9 ? "copy_text" : "read_row";
  const lines: string[] = [];
  for (let sample = 0; sample <= 500; sample++) {
    const isCompressing = sample >= 300 && sample <= 340;
    const writer = isCompressing ? ["deflate", "compress_block"] : ["write_rows"];
    for (const [tid, name, stack] of [
      [101, "writer", [...writer, "run_writer", "main"]],
      [102, "loader", ["malloc", mallocBy(sample), "load", "main"]],
    ] as const) {
      const time = `${100 + Math.floor(sample / 100)}.${String((sample % 100) * 10).padStart(3, "0")}000000`;
      lines.push(`${name} 100/${tid} [000] ${time}:   10000000 cpu-clock:ppp: `);
      for (const each of stack) lines.push(`\t0000000000401000 ${each}+0x1c (/srv/bin/program)`);
      lines.push("");
    }
  }
  return `${lines.join("\n")}\n`;
}

const press = async (page: Page, ...keys: readonly string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};
const times = (count: number, key: string): readonly string[] => Array.from({ length: count }, () => key);
const spaces = (text: string | null): string => (text ?? "").replaceAll("\u00a0", " ");

for (const host of hostNames)
  needs(...needsOf[host])(`reading when and who in ${host}, by keyboard`, () => {
    let home: string;
    let bench: Workbench;
    let page: Page;

    beforeAll(async () => {
      home = await makeHome();
      const file = join(home, "program.txt");
      await writeFile(file, program());
      bench = await openWorkbench(host, home, [file]);
      page = bench.page;
      await page.getByRole("application", { name: /Flame graph, \d+ frames/ }).waitFor();
    });
    afterAll(async () => {
      await bench?.close();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    });

    const slider = () => page.getByRole("slider", { name: "Time" });
    const crumbs = () => page.getByRole("navigation", { name: "Time shown" }).getByRole("button");

    it("what ran between 3.0 s and 3.4 s on the writer", async () => {
      await slider().focus();
      await press(page, "Home", ...times(60, "ArrowRight"), ...times(8, "Shift+ArrowRight"));
      await page.getByRole("button", { name: /time 3\.00\ss – 3\.40\ss/ }).waitFor();
      await press(page, "Enter");
      await expect
        .poll(async () => (await crumbs().allInnerTexts()).map(spaces))
        .toEqual(["All 5.00 s", "400 ms at 3.00 s"]);
      await page.getByRole("button", { name: /^writer\s*101/ }).focus();
      await press(page, "Enter", "2");
      const first = page.getByRole("grid", { name: "Functions by weight" }).getByRole("row").nth(1);
      await expect.poll(async () => spaces(await first.innerText())).toMatch(/^deflate[\s\S]*100\.0 %/);
      await inspect(bench, "range");
    });

    it("and what ran all the time: back out of the range", async () => {
      await slider().focus();
      await press(page, "Backspace");
      await expect.poll(() => crumbs().count()).toBe(0);
      const first = page.getByRole("grid", { name: "Functions by weight" }).getByRole("row").nth(1);
      await expect.poll(async () => spaces(await first.innerText())).toMatch(/^write_rows/);
      await page.getByRole("button", { name: /^writer\s*101/ }).focus();
      await press(page, "Enter");
      await expect.poll(async () => spaces(await first.innerText())).toMatch(/^malloc/);
    });

    it("who calls malloc most: the sandwich's upper half", async () => {
      await press(page, "4", "/");
      await page.keyboard.type("^malloc$");
      const list = page.getByTestId("sandwich-functions");
      await expect.poll(() => list.getByRole("row").count()).toBe(2);
      await list.focus();
      await press(page, "ArrowDown");
      await expect.poll(() => page.getByTestId("sandwich-middle").innerText()).toMatch(/^malloc/);
      const callers = page.getByRole("region", { name: "Callers" }).first();
      await callers.getByText("build_index").waitFor();
      await callers.getByRole("application").focus();
      // From malloc at the bottom to its widest caller above.
      await press(page, "ArrowUp", "ArrowUp");
      const spoken = callers.locator("[aria-live]");
      await expect.poll(async () => spaces(await spoken.textContent())).toMatch(/^build_index, .*1 of 3/);
      await press(page, "/", "Escape");
    });

    it("the heaviest first, closer and all of it again: the flame graph by keys", async () => {
      await press(page, "1", "w");
      const graph = page.getByRole("application", { name: /Flame graph, \d+ frames/ });
      await page.getByRole("button", { name: "Heaviest first" }).waitFor();
      // The picture of the range before stays until the one of all the time is here.
      await expect
        .poll(async () => spaces(await page.locator(".flame-bar-note").innerText()))
        .not.toMatch(/^40 samples/);
      await graph.focus();
      await press(page, "Home", ...times(3, "ArrowDown"));
      const spoken = page.locator(".flame-panel [aria-live]");
      await expect
        .poll(async () => spaces(await spoken.textContent()))
        .toMatch(/^(build_index|write_rows), .*level 4, 1 of/);
      await press(page, "Enter");
      const zoomed = page.getByRole("navigation", { name: "Zoomed into" });
      await zoomed.waitFor();
      await press(page, "Escape");
      await zoomed.waitFor({ state: "detached" });
      await press(page, "+", "+", "+");
      if (host === "chromium") await inspect(bench, "magnified");
      await graph.focus();
      await press(page, "Escape", "w");
      await page.getByRole("button", { name: "By name" }).waitFor();
    });

    it("the same in numbers: the timeline's table", async () => {
      await page.getByRole("button", { name: "Table", exact: true }).first().focus();
      await press(page, "Enter");
      await page.getByRole("table", { name: "Threads" }).getByText("loader").waitFor();
      if (host === "chromium") await inspect(bench, "timeline-table");
      await press(page, "Enter");
      await page.getByRole("button", { name: "Lanes", exact: true }).focus();
      await press(page, "Enter");
      await page.getByText("Counters, in the order of their charts").waitFor();
      if (host === "chromium") await inspect(bench, "timeline-lanes");
      await press(page, "Enter");
    });

    it("has nothing to complain about", () => expect(bench.complaints).toEqual([]));
  });
