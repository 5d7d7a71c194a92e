import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { root } from "../electron/launch.ts";
import { needs } from "../needs.ts";
import { hostNames, inspect, makeHome, needsOf, openWorkbench, type Workbench } from "./workbench.ts";

/** A program that sleeps 60 ms, waits 20 ms for a pipe and burns 20 ms, again and again, and a thread that reads. */
const offCpu = join(root, "test", "fixtures", "perf-script", "offcpu_dwarf.script.txt");

const press = async (page: Page, ...keys: readonly string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};
const rows = (page: Page): Promise<string> => page.getByTestId("call-tree").innerText();

for (const host of hostNames)
  needs(...needsOf[host])(`reading a profile in ${host}, by keyboard`, () => {
    let home: string;
    let bench: Workbench;
    let page: Page;

    beforeAll(async () => {
      home = await makeHome();
      bench = await openWorkbench(host, home, [offCpu]);
      page = bench.page;
      await page.getByRole("application", { name: /Flame graph, \d+ frames/ }).waitFor();
      // By how often it was switched away from; how long it waited comes first.
      await page.getByLabel("What is measured").selectOption({ label: "sched:sched_switch" });
    });
    afterAll(async () => {
      await bench?.close();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    });

    it("what the busiest path is: the tree opens it", async () => {
      await press(page, "3");
      const tree = page.getByTestId("call-tree");
      await tree.getByRole("row", { name: /__schedule/ }).waitFor();
      expect(await rows(page)).toMatch(/main[\s\S]*pipe_wait[\s\S]*read[\s\S]*__schedule/);
      await inspect(bench, "tree");
    });

    it("what else main does: arrows open and close", async () => {
      await page.getByTestId("call-tree").focus();
      await press(page, "Home", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown");
      const selected = page.getByTestId("call-tree").locator("[aria-selected=true]");
      expect(await selected.innerText()).toContain("pipe_wait");
      await press(page, "ArrowLeft");
      await expect.poll(() => selected.getAttribute("aria-expanded")).toBe("false");
      await press(page, "ArrowDown", "ArrowRight");
      expect(await selected.innerText()).toContain("sleeper");
      await expect.poll(() => rows(page)).toMatch(/__nanosleep/);
    });

    it("who waits at all: the tree the other way up", async () => {
      await press(page, "i");
      const tree = page.getByRole("treegrid", { name: "Callers of what burns" });
      await tree.waitFor();
      await expect.poll(() => tree.locator("[aria-level='1']").first().innerText()).toContain("__schedule");
      await press(page, "i");
      await page.getByRole("treegrid", { name: "Calls from the top down" }).waitFor();
    });

    it("who calls read and what it calls: the sandwich", async () => {
      await press(page, "4", "/");
      await page.keyboard.type("^read$");
      await press(page, "Escape");
      const list = page.getByTestId("sandwich-functions");
      await list.waitFor();
      await press(page, "/");
      await page.keyboard.type("^read$");
      await expect.poll(() => list.getByRole("row").count()).toBe(2);
      await list.focus();
      await press(page, "ArrowDown");
      await expect.poll(() => page.getByTestId("sandwich-middle").innerText()).toMatch(/^read\s+49\.0\s%/);
      const callers = page.getByRole("region", { name: "Callers" }).first();
      await callers.getByText("pipe_wait").waitFor();
      await inspect(bench, "sandwich");
      await press(page, "/", "Escape");
    });

    it("what ran at a moment: the chart", async () => {
      await press(page, "5");
      const chart = page.getByRole("application", { name: "Chart, 2 lanes" });
      await chart.focus();
      await press(page, "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown");
      const words = page.getByTestId("chart-words");
      await expect.poll(() => words.innerText()).toMatch(/^(sleeper|pipe_wait|burner) · \d/);
      await press(page, "ArrowRight");
      await expect.poll(() => words.innerText()).toMatch(/^(sleeper|pipe_wait|burner) · \d/);
      await press(page, "Enter");
      await page.getByRole("button", { name: "Select this time" }).waitFor();
      await inspect(bench, "chart");
      await chart.focus();
      await press(page, "Escape");
      await page.getByRole("button", { name: "Select this time" }).waitFor({ state: "detached" });
    });

    it("what recurs, and what ran then: a range of the heat map", async () => {
      await press(page, "6");
      const heat = page.getByRole("application", { name: /^Heat map, \d+ columns of 100 ms/ });
      await heat.focus();
      await press(page, "Home", "Space", "ArrowRight", "ArrowRight", "Space");
      await page.getByRole("button", { name: /time 0\ss – 205 ms/ }).waitFor();
      await inspect(bench, "heatmap");
      await heat.focus();
      await press(page, "Enter");
      await page.getByRole("application", { name: /Flame graph, \d+ frames/ }).waitFor();
      await press(page, "Control+Backspace");
    });

    it("by which way most is spent: the call graph, call by call", async () => {
      await press(page, "Control+k");
      await page.keyboard.type("Call graph");
      await press(page, "Enter");
      const graph = page.getByRole("application", { name: /^Call graph, 31 functions, 34 calls/ });
      await graph.waitFor();
      await graph.focus();
      const words = page.getByTestId("graph-words");
      await press(page, "Home", "ArrowUp");
      await expect.poll(() => words.innerText()).toMatch(/^schedule: .* · mostly called by \w+ \(49\.0\s%\)/);
      await press(page, "ArrowUp", "ArrowUp", "ArrowUp");
      await expect.poll(() => words.innerText()).toMatch(/^ksys_read: total 49\.0\s%, self 0\.0\s%/);
      await inspect(bench, "graph");
      await press(page, "v");
      await page
        .getByTestId("graph-calls")
        .getByRole("row", { name: /ksys_read.*vfs_read/ })
        .waitFor();
      await inspect(bench, "graph-table");
      await press(page, "v", ">", ">", ">");
      await page.getByRole("application", { name: /^Call graph, 25 functions/ }).waitFor();
      await press(page, "Escape");
    });

    it("what is left of one's own: a preset, by keyboard", async () => {
      await press(page, "2", "n");
      const dialog = page.getByTestId("filters-dialog");
      await dialog.getByText("Only my code").waitFor();
      await inspect(bench, "filters");
      await dialog.getByRole("checkbox", { name: /^Only my code/ }).focus();
      await press(page, "Space", "Escape");
      await page.getByRole("button", { name: "Remove filter: preset Only my code" }).waitFor();
      await expect.poll(() => page.getByRole("row", { name: /__schedule/ }).count()).toBe(0);
      await page.getByRole("row", { name: /pipe_wait/ }).waitFor();
      await press(page, "Control+z");
      await page.getByRole("row", { name: /__schedule/ }).waitFor();
    });

    it("the same view again, from its words", async () => {
      await press(page, "Shift+Y");
      const field = page.getByTestId("state-dialog").getByRole("textbox");
      await field.fill("--view top --function sleeper --from 1s --until 2s --ignore pipe_wait");
      await press(page, "Enter");
      await expect.poll(() => page.getByTestId("selected-name").innerText()).toBe("sleeper");
      expect(await page.getByRole("tab", { selected: true }).innerText()).toBe("Top");
      await press(page, "Shift+Y");
      await expect
        .poll(() => field.inputValue())
        .toBe("--view top --function sleeper --from 1s --until 2s --ignore pipe_wait");
      await field.fill("--view nowhere");
      await press(page, "Enter");
      await page.getByText('There is no view "nowhere"').waitFor();
      await inspect(bench, "view-words");
      await press(page, "Escape");
    });

    it("has nothing to complain about", () => expect(bench.complaints).toEqual([]));
  });

for (const host of hostNames)
  needs(...needsOf[host])(`a link to a view in ${host}`, () => {
    it("opens the file there", async () => {
      const home = await makeHome();
      const words = "--view sandwich --function pipe_wait";
      const bench = await openWorkbench(host, home, [`--view-words=${words}`, offCpu]);
      try {
        const middle = bench.page.getByTestId("sandwich-middle");
        await expect.poll(() => middle.innerText(), { timeout: 10_000 }).toContain("pipe_wait");
      } finally {
        await bench.close();
        await rm(home, { recursive: true, force: true, maxRetries: 5 });
      }
    });
  });
