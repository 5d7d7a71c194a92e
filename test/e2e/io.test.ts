import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { needs } from "../needs.ts";
import { type RunningProgram, startProgram } from "../programs/build.ts";
import { hostNames, inspect, makeHome, needsOf, openWorkbench, type Workbench } from "./workbench.ts";

for (const host of hostNames)
  needs(
    ...needsOf[host],
    "perf",
    "cc",
    "root",
  )(`what is slow and on what, live in ${host}`, () => {
    let home: string;
    let data: string;
    let target: RunningProgram;
    let bench: Workbench;
    let page: Page;

    beforeAll(async () => {
      home = await makeHome();
      data = join(home, "data.bin");
      target = await startProgram("talks", ["0", data]);
      bench = await openWorkbench(host, home);
      page = bench.page;
    });
    afterAll(async () => {
      await bench?.close();
      await target?.stop();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    });
    const kind = (name: string) => page.getByRole("button", { name, exact: true });

    it("records system calls of a process, and shows the slow read while it runs", async () => {
      await page.getByRole("searchbox", { name: "Search processes" }).fill(String(target.pid));
      await page.getByRole("row", { name: /^talks / }).click();
      await page.getByRole("button", { name: /perf: system calls/ }).click();
      await page.getByRole("button", { name: "Record with perf: system calls" }).click();
      await page.getByRole("tab", { name: "I/O" }).click();
      const first = page.getByTestId("io-table").getByRole("row").nth(1);
      await expect.poll(() => first.innerText(), { timeout: 20_000 }).toMatch(/^read/);
      await kind("Callers").click();
      await page
        .getByTestId("io-table")
        .getByRole("row", { name: /slow_read/ })
        .waitFor();
      await kind("Files").click();
      await page
        .getByTestId("io-table")
        .getByRole("row", { name: /data\.bin/ })
        .waitFor();
      await inspect(bench, "io-live");
    });

    it("shows what is open, sorted and searched by key", async () => {
      await kind("Open").click();
      const table = page.getByTestId("io-open");
      await table.getByRole("row", { name: /data\.bin/ }).waitFor();
      await table.getByRole("row", { name: /LISTEN/ }).waitFor();
      const heading = table.getByRole("columnheader", { name: "File or socket" });
      await heading.getByRole("button").press("Enter");
      await expect.poll(() => heading.getAttribute("aria-sort")).toBe("ascending");
      await table.focus();
      await page.keyboard.press("ArrowDown");
      // What the table has no column for is told of the row that is selected.
      const facts = page.getByRole("region", { name: "What is selected" });
      await facts.getByText("First seen").or(facts.getByText("Number")).first().waitFor();
      await inspect(bench, "io-open");
      await page.getByRole("searchbox", { name: /Filter/ }).fill("^TCP");
      await expect.poll(() => table.getByRole("row", { name: /data\.bin/ }).count()).toBe(0);
    });

    it("leaves the process running", async () => {
      await page.getByRole("button", { name: "Stop", exact: true }).click();
      await page.getByRole("button", { name: "Record again" }).waitFor();
      expect(() => process.kill(target.pid, 0)).not.toThrow();
    });
  });
