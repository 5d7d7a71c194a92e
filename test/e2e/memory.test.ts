import { rm } from "node:fs/promises";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { needs } from "../needs.ts";
import { type RunningProgram, startProgram } from "../programs/build.ts";
import { hostNames, inspect, makeHome, needsOf, openWorkbench, type Workbench } from "./workbench.ts";

/** Bytes of a text like "977 KiB". */
function bytesIn(text: string): number {
  const [, number = "", unit = ""] = /([\d.]+)\s([KM]iB|B)\b/.exec(text) ?? [];
  return Number(number) * ({ B: 1, KiB: 1024, MiB: 1 << 20 }[unit] ?? Number.NaN);
}

for (const host of hostNames)
  needs(
    ...needsOf[host],
    "heaptrack",
    "gdb",
    "cc",
    "perf",
    "root",
  )(`who leaks and who waits, live in ${host}`, () => {
    let home: string;
    let target: RunningProgram;
    let waiting: RunningProgram | null = null;
    let bench: Workbench;
    let page: Page;

    beforeAll(async () => {
      home = await makeHome();
      target = await startProgram("leak", ["0", "2"]);
      bench = await openWorkbench(host, home);
      page = bench.page;
    });
    afterAll(async () => {
      await bench?.close();
      await target?.stop();
      await waiting?.stop();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    });

    it("says before it attaches what heaptrack does to the process", async () => {
      await page.getByRole("searchbox", { name: "Search processes" }).fill(String(target.pid));
      await page.getByRole("row", { name: /^leak / }).click();
      await page.getByRole("button", { name: /heaptrack/ }).click();
      await page.getByText(/cannot be taken out again/).waitFor({ state: "attached" });
    });

    it("shows the slope of the leak while it runs", async () => {
      await page.getByRole("button", { name: "Record with heaptrack" }).click();
      await page.getByRole("tab", { name: "Memory" }).click();
      const chart = page.getByRole("region", { name: "Memory over time" });
      await chart.waitFor();
      const live = async (): Promise<number> =>
        bytesIn(await chart.getByText(/Live allocations/).innerText());
      await expect.poll(live, { timeout: 20_000 }).toBeGreaterThan(100_000);
      const before = await live();
      await expect.poll(live, { timeout: 20_000 }).toBeGreaterThan(before + 50_000);
      await expect
        .poll(() => page.locator(".memory-facts").innerText())
        .toMatch(/Growth[\s\S]*\+[\d.]+\sKiB\/s/);
    });

    it("names the site that leaks, first of all", async () => {
      const first = page.getByTestId("memory-sites").getByRole("row").nth(1);
      await expect.poll(() => first.innerText()).toMatch(/leak_here/);
      await page.getByTestId("memory-sites").focus();
      await page.keyboard.press("ArrowDown");
      await page.getByRole("complementary").getByText("one_round").waitFor();
      await inspect(bench, "memory");
      await page.keyboard.press("Enter");
      await page.getByRole("region", { name: "Still there" }).waitFor();
      await inspect(bench, "memory-flame");
    });

    it("keeps it, and leaves the process running", async () => {
      await page.getByRole("button", { name: "Stop", exact: true }).click();
      await page.getByRole("button", { name: "Record again" }).waitFor();
      expect(() => process.kill(target.pid, 0)).not.toThrow();
    });

    it("names the lock that others wait for, and who holds it, while it records", async () => {
      waiting = await startProgram("waits");
      await page.getByRole("button", { name: "Targets" }).click();
      await page.getByRole("searchbox", { name: "Search processes" }).fill(String(waiting.pid));
      await page.getByRole("row", { name: /^waits / }).click();
      const questions = page.getByRole("group", { name: "What do you want to know?" });
      await questions.getByRole("button", { name: "Where does its time go?", pressed: true }).waitFor();
      await questions.getByRole("button", { name: "Which locks?" }).click();
      await page.getByText(/^perf: locks is: [\d,.]+ events a second/i).waitFor();
      await inspect(bench, "questions");
      await page.getByRole("button", { name: "Record with perf: locks" }).click();
      await page.getByRole("tab", { name: "Locks" }).click();
      const table = page.getByTestId("locks-table");
      const lock = table.getByRole("row").filter({ hasText: "main_lock" });
      await expect
        .poll(() => lock.innerText().catch(() => ""), { timeout: 20_000 })
        .toMatch(/hold_main · holder\/\d+/);
      // A condition variable is no contention: hidden, and said.
      await page.getByRole("button", { name: /^Show [\d,]+ waits for work or a signal$/ }).waitFor();
      expect(await table.innerText()).not.toContain("idle_cond");
      await page.getByRole("button", { name: "Stop", exact: true }).waitFor();
    });

    it("opens the lock by keyboard: in words, and as the flame graph of who waited", async () => {
      await page.getByTestId("locks-table").focus();
      await page.keyboard.press("Home");
      await page.getByText(/^Waited for mostly in take\. Held mostly by holder\/\d+ in hold_main/).waitFor();
      await inspect(bench, "locks");
      await page.keyboard.press("Enter");
      await page.getByRole("tab", { name: "Flame", selected: true }).waitFor();
      await page.getByText("lock=^main_lock$").first().waitFor();
      await inspect(bench, "locks-flame");
      await page.getByRole("button", { name: "Stop", exact: true }).click();
      await page.getByRole("button", { name: "Record again" }).waitFor();
    });
  });

needs("chromium")("what a Node program keeps", () => {
  let home: string;
  let target: RunningProgram;
  let bench: Workbench;
  let page: Page;

  beforeAll(async () => {
    home = await makeHome();
    target = await startProgram("heap-leak.js");
    bench = await openWorkbench("chromium", home);
    page = bench.page;
  });
  afterAll(async () => {
    await bench?.close();
    await target?.stop();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });

  it("opens on the Memory view, which names the site while it grows", async () => {
    await page.getByRole("searchbox", { name: "Search processes" }).fill(String(target.pid));
    await page.getByRole("row", { name: new RegExp(`node.*${target.pid}`) }).click();
    await page.getByRole("button", { name: /Node heap, live/ }).click();
    await page.getByRole("button", { name: "Record with Node heap, live" }).click();
    const first = page.getByTestId("memory-sites").getByRole("row").nth(1);
    await expect.poll(() => first.innerText(), { timeout: 30_000 }).toMatch(/leakHere/);
    await page.getByRole("button", { name: "Tree", exact: true }).click();
    const tree = page.getByTestId("memory-tree");
    await tree.getByText("oneRound").waitFor();
    await inspect(bench, "memory-tree");
  });

  it("takes heap snapshots on the way, and tells what came between two", async () => {
    const ask = page.getByRole("button", { name: "Heap snapshot" });
    for (const number of [1, 2]) {
      await ask.click();
      await page.getByRole("button", { name: `heap ${number} of node ${target.pid}`, exact: true }).waitFor();
    }
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await page.getByRole("button", { name: "Record again" }).waitFor();
    await page.getByRole("button", { name: `heap 2 of node ${target.pid}`, exact: true }).click();
    await page.getByTestId("memory-classes").waitFor();
    await page.getByLabel("Changes since").selectOption({ label: `heap 1 of node ${target.pid}` });
    const kept = page.getByTestId("memory-heap-diff").getByRole("row", { name: /^Kept / });
    await expect.poll(() => kept.innerText()).toMatch(/Kept\s+\+[\d.]+\sKiB\s+[1-9]\d*\s/);
    await kept.click();
    await page.getByTestId("memory-members").waitFor();
    await inspect(bench, "memory-heap-diff");
  });
});
