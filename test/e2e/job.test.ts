import { rm } from "node:fs/promises";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { needs } from "../needs.ts";
import { type RunningProgram, startProgram } from "../programs/build.ts";
import { parseXml } from "../unit/core/strict-xml.ts";
import { expectTop, samplesSaid } from "./reading.ts";
import { hostNames, inspect, makeHome, needsOf, openWorkbench, type Workbench } from "./workbench.ts";

/** What the top table says once it has all samples, to compare with later. */
async function numbers(page: Page, samples: number): Promise<readonly string[]> {
  await page.getByRole("tab", { name: "Top" }).click();
  const bar = page.getByRole("region", { name: "Selected function" });
  await expect.poll(() => bar.innerText()).toContain(`${samples.toLocaleString("en-US")} samples`);
  await page
    .getByRole("gridcell", { name: /burn_a/ })
    .first()
    .waitFor();
  return page.getByRole("row").filter({ hasText: /%/ }).allInnerTexts();
}

/** The split of test/programs/split.c. */
const expectSplit = (page: Page): Promise<void> => expectTop(page, { burn_a: 60, burn_b: 30, burn_c: 10 });

for (const host of hostNames)
  needs(
    ...needsOf[host],
    "perf",
    "cc",
  )(`the main job in ${host}`, () => {
    let home: string;
    let target: RunningProgram;
    let bench: Workbench;
    let page: Page;
    let kept: readonly string[];
    let samples: number;

    beforeAll(async () => {
      home = await makeHome();
      target = await startProgram("split", ["0", "2"]);
      bench = await openWorkbench(host, home);
      page = bench.page;
    });
    afterAll(async () => {
      await bench?.close();
      await target?.stop();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    });

    it("finds the process in the list", async () => {
      await page.getByRole("searchbox", { name: "Search processes" }).fill(String(target.pid));
      await page.getByRole("row", { name: /^split / }).waitFor();
      await inspect(bench, "targets");
    });

    it("says which profiler suits it, and why", async () => {
      await page.getByRole("row", { name: /^split / }).click();
      await page.getByRole("button", { name: /Record with perf/ }).waitFor();
      await inspect(bench, "target");
    });

    it("records, and shows it while it happens", async () => {
      await page.getByRole("button", { name: /Record with perf/ }).click();
      await page.getByRole("application", { name: /Flame graph, \d+ frames/ }).waitFor();
      const first = await samplesSaid(page);
      await expect.poll(() => samplesSaid(page), { timeout: 20_000 }).toBeGreaterThan(first + 50);
      await inspect(bench, "live-flame");
      await expectSplit(page);
      await inspect(bench, "live-top");
    });

    it("has the exact commands in its log", async () => {
      await page.getByRole("tab", { name: "Log" }).click();
      await page
        .getByText(/perf record .*-p \d+/)
        .first()
        .waitFor();
      await inspect(bench, "log");
    });

    it("marks a moment and pauses the display", async () => {
      await page.getByRole("button", { name: "Mark" }).click();
      await page.getByRole("dialog").getByRole("textbox").fill("half way");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByRole("button", { name: "Resume" }).click();
    });

    it("stops, and keeps what was recorded", async () => {
      await page.getByRole("button", { name: "Stop", exact: true }).click();
      await page.getByRole("button", { name: "Record again" }).waitFor();
      await page.getByText("Stopped", { exact: true }).first().waitFor();
      samples = await samplesSaid(page);
      kept = await numbers(page, samples);
      expect(kept.length).toBeGreaterThan(4);
      await page.getByRole("tab", { name: "Info" }).click();
      await page.getByText("fp", { exact: true }).first().waitFor();
      await inspect(bench, "info");
    });

    it("exports a report that a colleague can open", async () => {
      await page.getByRole("button", { name: "Export" }).click();
      await page.getByRole("dialog", { name: "Export" }).waitFor();
      await page.getByRole("img", { name: /^The report .* as it will look$/ }).waitFor();
      await inspect(bench, "export");
      const written = await bench.exported(() =>
        page
          .getByRole("dialog", { name: "Export" })
          .getByRole("button", { name: /^(Export…|Download)$/ })
          .click(),
      );
      const elements = parseXml(written);
      expect(elements[0]?.name).toBe("svg");
      const names = elements.map((element) => element.attributes["data-name"]);
      for (const name of ["main", "worker", "phase_ab", "burn_a", "burn_b", "phase_c", "burn_c"])
        expect(names).toContain(name);
      const words = elements.map((element) => element.text).join("\n");
      expect(words).toContain(`split ${target.pid}`);
      expect(words).toContain(`${samples.toLocaleString("en-US")}, 0 lost`);
    });

    it("opens the session again, after a restart, with the same numbers", async () => {
      await bench.close();
      bench = await openWorkbench(host, home);
      page = bench.page;
      await page.getByRole("button", { name: "Sessions" }).click();
      const row = page.getByRole("row", { name: new RegExp(`split ${target.pid}`) });
      await row.waitFor();
      await inspect(bench, "sessions");
      await row.dblclick();
      await page.getByRole("application", { name: /Flame graph, \d+ frames/ }).waitFor();
      await inspect(bench, "reopened");
      await page.getByRole("tab", { name: "Log" }).click();
      await page
        .getByText(/perf record .*-p \d+/)
        .first()
        .waitFor();
      expect(await numbers(page, samples)).toEqual(kept);
    });

    it("shows the doctor's findings", async () => {
      await page.getByRole("button", { name: "Doctor" }).click();
      await page.getByText("perf_event_paranoid").first().waitFor();
      await inspect(bench, "doctor");
    });

    it("was never in trouble", () => expect(bench.complaints).toEqual([]));
  });

for (const host of hostNames)
  needs(
    ...needsOf[host],
    "perf",
    "cc",
  )(`the main job by keyboard alone, in ${host}`, () => {
    let home: string;
    let target: RunningProgram;
    let bench: Workbench;
    let page: Page;

    beforeAll(async () => {
      home = await makeHome();
      target = await startProgram("split", ["0"]);
      bench = await openWorkbench(host, home);
      page = bench.page;
    });
    afterAll(async () => {
      await bench?.close();
      await target?.stop();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    });

    it("goes from the list to the report without a pointer", async () => {
      const press = (key: string): Promise<void> => page.keyboard.press(key);
      await page.getByRole("grid", { name: "Processes" }).waitFor();
      await press("/");
      await page.keyboard.type(String(target.pid));
      await page.getByRole("row", { name: /^split / }).waitFor();
      await press("ArrowDown");
      await page.getByRole("button", { name: /Record with perf/ }).waitFor();
      await press("Enter");
      await page.getByRole("application", { name: /Flame graph, \d+ frames/ }).waitFor();
      await expect.poll(() => samplesSaid(page), { timeout: 20_000 }).toBeGreaterThan(40);
      await press("2");
      await page
        .getByRole("gridcell", { name: /burn_a/ })
        .first()
        .waitFor();
      await press("Control+.");
      await page.getByRole("button", { name: "Record again" }).waitFor();
      await press("?");
      await page.getByRole("dialog").waitFor();
      await inspect(bench, "keys");
      await press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await press("Control+k");
      await page.getByRole("dialog").waitFor();
      await inspect(bench, "palette");
      await press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await press("Control+e");
      await page.getByRole("dialog", { name: "Export" }).waitFor();
      const written = await bench.exported(() => press("Enter"));
      expect(parseXml(written)[0]?.name).toBe("svg");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await press("Alt+2");
      await page.getByRole("row", { name: new RegExp(`split ${target.pid}`) }).waitFor();
      expect(bench.complaints).toEqual([]);
    });
  });
