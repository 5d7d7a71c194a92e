import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { needs } from "../needs.ts";
import { hostNames, inspect, makeHome, needsOf, openWorkbench, type Workbench } from "./workbench.ts";

/**
 * Five runs of a program before a change and five after it. What is true: `parse` went from 31 to 44 of a hundred, by more
 * than runs differ; `escape` differs too, by less than they do; `legacy` went and `token` came.
 */
const runs = {
  before: [
    { parse: 310, escape: 300, rest: 370, legacy: 20 },
    { parse: 304, escape: 322, rest: 354, legacy: 20 },
    { parse: 316, escape: 280, rest: 383, legacy: 21 },
    { parse: 308, escape: 309, rest: 364, legacy: 19 },
    { parse: 312, escape: 295, rest: 373, legacy: 20 },
  ],
  after: [
    { parse: 440, escape: 290, rest: 250, token: 20 },
    { parse: 446, escape: 312, rest: 222, token: 20 },
    { parse: 434, escape: 272, rest: 273, token: 21 },
    { parse: 442, escape: 299, rest: 240, token: 19 },
    { parse: 438, escape: 284, rest: 258, token: 20 },
  ],
} as const;

async function writeRuns(folder: string): Promise<void> {
  for (const side of ["before", "after"] as const) {
    await mkdir(join(folder, side), { recursive: true });
    for (const [run, counts] of runs[side].entries()) {
      const lines = Object.entries(counts).map(([name, count]) => `main;serve;${name} ${count}\n`);
      await writeFile(join(folder, side, `${side}-${run + 1}.txt`), lines.join(""));
    }
  }
}

const press = async (page: Page, ...keys: readonly string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};

for (const host of hostNames)
  needs(...needsOf[host])(`comparing runs in ${host}, by keyboard`, () => {
    let home: string;
    let bench: Workbench;
    let page: Page;

    beforeAll(async () => {
      home = await makeHome();
      await writeRuns(home);
      bench = await openWorkbench(host, home);
      page = bench.page;
      await page.getByRole("heading", { name: "Targets" }).waitFor();
    });
    afterAll(async () => {
      await bench?.close();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    });

    const addFolder = async (key: string, side: string): Promise<void> => {
      await press(page, key);
      const dialog = page.getByTestId("compare-add");
      await dialog.getByRole("textbox").fill(join(home, side));
      await press(page, "Enter");
      await page.getByTestId(`compare-${side}`).getByText(`${side}-5.txt`).waitFor();
    };

    it("two folders of runs are the sides", async () => {
      await press(page, "Escape", "Alt+3");
      await page.getByText("Choose what to compare").waitFor();
      await inspect(bench, "compare-empty");
      await press(page, "b");
      await page.getByTestId("compare-add").waitFor();
      await inspect(bench, "compare-add");
      await press(page, "Escape");
      await addFolder("b", "before");
      await addFolder("Shift+B", "after");
    });

    it("which function grew, in words", async () => {
      const verdict = page.getByTestId("compare-verdict");
      await expect
        .poll(() => verdict.innerText())
        .toMatch(/parse grew from 31\.0\s% to 44\.0\s%, beyond noise/);
      expect(await verdict.innerText()).toMatch(/5 and 5 runs/);
    });

    it("where: the flame graph says it of each box", async () => {
      const picture = page.getByRole("application", { name: /Flame graph, \d+ frames/ });
      await picture.focus();
      // The root, main, serve, its widest callee.
      await press(page, "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown");
      const spoken = page.locator(".flame [aria-live]");
      await expect
        .poll(() => spoken.innerText())
        .toMatch(/parse, total 31\.0\s% → 44\.0\s% \(\+13\.0\s% ±.*\), .*grown, beyond noise/);
      await inspect(bench, "compare-flame");
      // Upside down: what burns first, and who called it below.
      await press(page, "i");
      await page.getByRole("button", { name: "Show from the callers down" }).waitFor();
      await picture.focus();
      await press(page, "Home", "ArrowDown", "ArrowDown");
      await expect.poll(() => spoken.innerText()).toMatch(/^serve, total .*level 3/);
      if (host === "chromium") await inspect(bench, "compare-inverted");
      await press(page, "i");
      await page.getByRole("button", { name: /^Invert: / }).waitFor();
    });

    it("which differ beyond noise, and which do not: the table", async () => {
      await press(page, "2");
      const table = page.getByTestId("compare-functions");
      await table.focus();
      await press(page, "ArrowDown");
      const rowOf = (name: string) => table.getByRole("row", { name: new RegExp(`^${name}`) });
      await expect.poll(() => rowOf("parse").innerText()).toContain("+13.0");
      await expect.poll(() => page.getByTestId("compare-selected").innerText()).toBe("parse");
      const panel = page.getByTestId("compare-function");
      await expect.poll(() => panel.innerText()).toMatch(/beyond noise/);
      await panel
        .getByRole("img", { name: /Runs: before 31\.0\s%, 30\.4\s%/ })
        .first()
        .waitFor();
      await inspect(bench, "compare-functions");
      await press(page, "/");
      await page.keyboard.type("^escape$");
      await expect.poll(() => table.getByRole("row").count()).toBe(2);
      await table.focus();
      await press(page, "ArrowDown");
      await expect.poll(() => panel.innerText()).toMatch(/within noise/);
      await press(page, "/", "Escape");
    });

    it("what is new and what is gone, by swapping the sides", async () => {
      const group = page.getByRole("group", { name: "Which functions" });
      await group.getByRole("button", { name: "New" }).focus();
      await press(page, "Enter");
      const table = page.getByTestId("compare-functions");
      await table.getByRole("row", { name: /^token/ }).waitFor();
      await table.focus();
      await press(page, "w");
      await table.getByRole("row", { name: /^legacy/ }).waitFor();
      await press(page, "w");
      await group.getByRole("button", { name: "All" }).focus();
      await press(page, "Enter");
    });

    it("what grew more than its part", async () => {
      await press(page, "3");
      const table = page.getByTestId("compare-functions");
      await expect.poll(() => table.getByRole("row").nth(1).innerText()).toContain("parse");
      await inspect(bench, "compare-overweight");
    });

    it("is written as a report", async () => {
      await press(page, "Control+e");
      const dialog = page.getByTestId("compare-export");
      await dialog.getByLabel("Title").fill("Before and after <the change>");
      await dialog.getByRole("img", { name: /The report “Before and after <the change>”/ }).waitFor();
      await inspect(bench, "compare-export");
      const text = await bench.exported(() => press(page, "Enter"));
      expect(text).toContain("Before and after &lt;the change&gt;");
      expect(text).toContain("parse grew from 31.0");
    });

    it("a selection of one of them is kept for a comparison", async () => {
      await page.getByTestId("compare-export").waitFor({ state: "detached" });
      // A run opens as a document of its own; what is selected there is kept for a side.
      await page
        .getByTestId("compare-before")
        .getByRole("button", { name: "before-1.txt", exact: true })
        .focus();
      await press(page, "Enter");
      await page.getByRole("application", { name: /Flame graph, \d+ frames/ }).waitFor();
      await press(page, "Alt+c");
      await page.getByTestId("compare-with").waitFor();
      await inspect(bench, "compare-with");
      await press(page, "Enter");
      await page.getByText("Kept as the side before.").waitFor();
    });

    it("has nothing to complain about", () => expect(bench.complaints).toEqual([]));
  });

for (const host of hostNames)
  needs(...needsOf[host])(`a link to a comparison in ${host}`, () => {
    it("opens both sides", async () => {
      const home = await makeHome();
      await writeRuns(home);
      const [before, after] = [join(home, "before"), join(home, "after")];
      const words = `--view=compare --before=${before} --after=${after} --tab=functions --only=gone`;
      const bench = await openWorkbench(host, home, [`--view-words=${words}`, before]);
      try {
        const verdict = bench.page.getByTestId("compare-verdict");
        await expect.poll(() => verdict.innerText(), { timeout: 10_000 }).toContain("parse grew");
        await bench.page
          .getByTestId("compare-functions")
          .getByRole("row", { name: /^legacy/ })
          .waitFor();
      } finally {
        await bench.close();
        await rm(home, { recursive: true, force: true, maxRetries: 5 });
      }
    });
  });
