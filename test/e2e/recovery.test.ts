import { rm } from "node:fs/promises";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { needs } from "../needs.ts";
import { type RunningProgram, startProgram } from "../programs/build.ts";
import { hostNames, inspect, makeHome, needsOf, openWorkbench, type Workbench } from "./workbench.ts";

const samplesSaid = async (page: Page): Promise<number> => {
  const text = (await page.getByRole("banner").textContent()) ?? "";
  return Number(/([\d,]+) samples/.exec(text)?.[1]?.replaceAll(",", "") ?? Number.NaN);
};

for (const host of hostNames)
  needs(...needsOf[host])(`a killed workbench, in ${host}`, () => {
    let home: string;
    let target: RunningProgram;
    let bench: Workbench | null = null;

    beforeAll(async () => {
      home = await makeHome();
      target = await startProgram("hot.js", ["0"]);
    });
    afterAll(async () => {
      await bench?.close();
      await target?.stop();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    });

    it("offers what had arrived at the next start, with the program's truth in it", async () => {
      const first = await openWorkbench(host, home);
      let page = first.page;
      await page.getByRole("searchbox", { name: "Search processes" }).fill(String(target.pid));
      await page.getByRole("row", { name: /hot\.js/ }).click();
      await page.getByRole("button", { name: /Record with Node inspector/ }).click();
      await expect.poll(() => samplesSaid(page), { timeout: 30_000 }).toBeGreaterThan(150);
      const seen = await samplesSaid(page);
      await first.kill();

      bench = await openWorkbench(host, home);
      page = bench.page;
      await page.getByRole("button", { name: "Sessions" }).click();
      await page
        .getByText(/interrupted/i)
        .first()
        .waitFor();
      await inspect(bench, "interrupted");
      await page
        .getByRole("button", { name: /Recover/ })
        .first()
        .click();
      await page.getByRole("application", { name: /Flame graph, \d+ frames/ }).waitFor();
      await page.getByRole("tab", { name: "Info" }).click();
      const info = await page.getByRole("tabpanel", { name: "Info" }).innerText();
      const samples = Math.max(
        ...[...info.matchAll(/([\d,]{4,})/g)].map(([, text]) => Number(text?.replaceAll(",", ""))),
      );
      expect(samples).toBeGreaterThanOrEqual(seen);
      await page.getByRole("tab", { name: "Top" }).click();
      await page.getByRole("gridcell", { name: /hotA/ }).first().waitFor();
    });
  });
