import { rm } from "node:fs/promises";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pathWithPythonTools } from "../../native-scripts/bootstrap/python-tools.mjs";
import { needs } from "../needs.ts";
import { type RunningProgram, startProgram } from "../programs/build.ts";
import { type RuntimeProgram, runtimePrograms } from "../programs/runtimes.ts";
import { expectSplitOf, samplesSaid } from "./reading.ts";
import { hostNames, inspect, makeHome, needsOf, openWorkbench, type Workbench } from "./workbench.ts";

/**
 * From the list of processes one key starts the profiler that fits what the process is, and what it shows while it
 * records is the program's truth.
 */
for (const host of hostNames)
  needs(
    ...needsOf[host],
    "perf",
    "cc",
    "go",
    "java",
    "python3",
    "py-spy",
  )(`one key for every runtime in ${host}`, () => {
    const path = process.env.PATH;
    const programs = new Map<string, RunningProgram>();
    let home: string;
    let bench: Workbench;
    let page: Page;

    beforeAll(async () => {
      process.env.PATH = pathWithPythonTools();
      home = await makeHome();
      const opening = openWorkbench(host, home);
      for (const { runtime, start } of runtimePrograms) {
        const program = await start();
        programs.set(runtime, program);
        // One at a time has the machine.
        process.kill(program.pid, "SIGSTOP");
      }
      bench = await opening;
      page = bench.page;
    });
    afterAll(async () => {
      process.env.PATH = path;
      await bench?.close();
      await Promise.all([...programs.values()].map((program) => program.stop()));
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    });

    it.each(runtimePrograms)("$runtime: $profiler", async ({ runtime, title, truth }) => {
      const program = programs.get(runtime);
      const pid = program?.pid ?? -1;
      process.kill(pid, "SIGCONT");
      try {
        await readLive(pid, title, truth);
      } finally {
        await program?.stop();
      }
    });

    it("several processes, picked by key and by click, are one recording", async () => {
      // The page is the same in both: one picture of each is enough.
      const look = async (name: string): Promise<void> => {
        if (host === "chromium") await inspect(bench, name);
      };
      const several = await Promise.all([startProgram("split"), startProgram("split")]);
      try {
        const [one = -1, other = -1] = several.map(({ pid }) => pid);
        await page.getByRole("button", { name: "Targets" }).click();
        const search = page.getByRole("searchbox", { name: "Search processes" });
        await search.fill(`/\\b(${one}|${other})\\b/`);
        const rows = page.getByRole("row", { name: /^split / });
        await expect.poll(() => rows.count()).toBe(2);
        await search.press("ArrowDown");
        await page.keyboard.press("Space");
        await rows.and(page.locator("[aria-selected=false]")).click({ modifiers: ["Control"] });
        await look("targets-picked");
        await page.getByRole("button", { name: "Record 2 picked…" }).click();
        const dialog = page.getByRole("dialog", { name: "Record 2 processes" });
        await dialog.getByText("Options of perf").waitFor();
        await look("several");
        await dialog.getByRole("button", { name: "Record", exact: true }).click();
        await page.getByRole("application", { name: /Flame graph, \d+ frames/ }).waitFor();
        await expect.poll(() => samplesSaid(page), { timeout: 30_000 }).toBeGreaterThan(50);
        await page.keyboard.press("Control+.");
        await page.getByRole("button", { name: "Record again" }).waitFor();
        expect(await page.getByRole("banner").innerText()).toContain("and 1 more");
        await page.getByRole("tab", { name: "Log" }).click();
        await page
          .getByText(new RegExp(`-p (${one},${other}|${other},${one})\\b`))
          .first()
          .waitFor();
        expect(bench.complaints).toEqual([]);
      } finally {
        await Promise.all(several.map((program) => program.stop()));
      }
    });

    async function readLive(pid: number, title: string, truth: RuntimeProgram["truth"]): Promise<void> {
      await page.getByRole("button", { name: "Targets" }).click();
      await page.getByRole("searchbox", { name: "Search processes" }).fill(String(pid));
      await page
        .getByRole("row")
        .filter({ hasText: String(pid) })
        .first()
        .waitFor();
      await page.getByRole("searchbox", { name: "Search processes" }).press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.getByRole("application", { name: /Flame graph, \d+ frames/ }).waitFor();
      // Of fewer a share says little.
      await expect.poll(() => samplesSaid(page), { timeout: 60_000 }).toBeGreaterThan(150);
      await expectSplitOf(page, truth);
      await page.keyboard.press("Control+.");
      await page.getByRole("button", { name: "Record again" }).waitFor();
      for (const name of Object.keys(truth)) await page.getByRole("gridcell", { name }).first().waitFor();
      await page.getByRole("tab", { name: "Info" }).click();
      await page.getByText(title, { exact: false }).first().waitFor();
      await page.getByRole("button", { name: "Sessions" }).click();
      await page
        .getByRole("row")
        .filter({ hasText: ` ${pid}` })
        .first()
        .waitFor();
      expect(bench.complaints).toEqual([]);
    }
  });
