import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { root } from "../electron/launch.ts";
import { needs } from "../needs.ts";
import { inspect, makeHome, openWorkbench, type Workbench } from "./workbench.ts";

const long = "n".repeat(10_000);
const stacks = [
  "main;phase_ab;burn_a 600",
  "main;phase_ab;burn_b 300",
  'main;<img src=x onerror=document.title="caught">;"\'&amp;]]> 40',
  `main;${long} 40`,
  `main;${Array.from({ length: 2000 }, (_, level) => `level_${level}`).join(";")} 20`,
];

const graph = (page: Page) => page.getByRole("application", { name: /Flame graph/ });
const labels = (page: Page) => page.locator(".d3-flame-graph-label");
const crumbs = (page: Page) => page.getByRole("navigation", { name: "Zoomed into" }).getByRole("button");
/** What a screen reader hears of the frame that has the focus. */
const spoken = (page: Page) => page.locator(".flame-panel [aria-live]");

needs("chromium")("the pictures of a profile", () => {
  let home: string;
  let bench: Workbench;
  let page: Page;

  beforeAll(async () => {
    home = await makeHome();
    const file = join(home, "stacks.txt");
    await writeFile(file, `${stacks.join("\n")}\n`);
    bench = await openWorkbench("chromium", home);
    page = bench.page;
    await bench.choose(file, () => page.getByRole("button", { name: "Open file…" }).click());
    await graph(page).waitFor();
  });
  afterAll(async () => {
    await bench?.close();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });

  it("shows names as they are, whatever they hold", async () => {
    await page.getByText('<img src=x onerror=document.title="caught">', { exact: true }).waitFor();
    expect(await page.locator("img").count()).toBe(0);
    expect(await page.title()).not.toBe("caught");
    const longest = Math.max(...(await labels(page).allTextContents()).map((text) => text.length));
    expect(longest).toBeLessThan(300);
  });

  it("goes from frame to frame by keys, and says where it is", async () => {
    await graph(page).focus();
    for (const key of ["ArrowDown", "ArrowDown"]) await page.keyboard.press(key);
    await expect.poll(() => spoken(page).textContent()).toMatch(/^phase_ab, 90\.0\s% · 900 of 1,000 samples/);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => spoken(page).textContent()).toMatch(/^burn_b, 30\.0\s%.*level 4, 2 of 2/);
  });

  it("zooms with Enter, step by step back with Backspace, out with Escape", async () => {
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await expect.poll(() => crumbs(page).allTextContents()).toEqual(["all", "main", "phase_ab"]);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect.poll(() => crumbs(page).allTextContents()).toEqual(["all", "main", "phase_ab", "burn_a"]);
    await inspect(bench, "zoomed");
    await page.keyboard.press("Backspace");
    await expect.poll(() => crumbs(page).allTextContents()).toEqual(["all", "main", "phase_ab"]);
    await page.keyboard.press("Escape");
    await expect.poll(() => crumbs(page).count()).toBe(0);
  });

  it("selects with Space and opens the menu of the frame that has the focus", async () => {
    await page.keyboard.press("End");
    await page.keyboard.press(" ");
    await expect.poll(() => page.locator(".flame-selected").getAttribute("d")).not.toBe("");
    await page.keyboard.press("ContextMenu");
    await page.getByRole("menu").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("menu").waitFor({ state: "detached" });
  });

  it("draws of two thousand levels only those in view", async () => {
    const search = page
      .getByRole("searchbox", { name: /Search/ })
      .or(page.getByPlaceholder("Search (regex)"));
    await search.first().fill("level_1999");
    await page.getByText(/matched 2\.0\s%/).waitFor();
    await search.first().fill("");
    await graph(page).focus();
    const deepest = page.locator(".flame-canvas");
    await expect.poll(async () => (await deepest.boundingBox())?.height ?? 0).toBeGreaterThan(1000 * 18);
    expect(await page.locator("g.frame").count()).toBeLessThan(200);
    const painted = page.locator(".flame-narrow-frames");
    expect((await painted.boundingBox())?.height ?? 0).toBeLessThan(2000);
  });

  it("tells under the pointer what a frame is, as text", async () => {
    const box = await graph(page).boundingBox();
    if (box === null) throw new Error("no graph");
    await graph(page).evaluate((element) => element.scrollTo(0, 0));
    await page.mouse.move(box.x + box.width - 60, box.y + 9);
    await expect.poll(() => page.getByRole("tooltip").innerText()).toMatch(/all\s+100\.0\s%/);
    await page.mouse.move(1, 1);
    await page.getByRole("tooltip").waitFor({ state: "detached" });
  });

  it("copies a row of the top table as text", async () => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("tab", { name: "Top" }).click();
    await page.getByRole("row", { name: /burn_b/ }).click();
    await page.getByRole("grid", { name: "Functions by weight" }).press("Control+c");
    await page.getByText("Row copied").waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied.split("\n")[1]).toMatch(/^burn_b\t.*\t30\.00\t\t\t300\t/);
  });

  it("had nothing to complain about", () => {
    expect(bench.complaints).toEqual([]);
  });
});

const fixture = (name: string): string => join(root, "test", "fixtures", name);

needs("chromium")("every screen in a small window", () => {
  let home: string;
  let bench: Workbench;
  let page: Page;

  beforeAll(async () => {
    home = await makeHome();
    await writeFile(join(home, "before.txt"), "main;parse 310\nmain;escape 690\n");
    await writeFile(join(home, "after.txt"), "main;parse 440\nmain;escape 560\n");
    bench = await openWorkbench("chromium", home);
    page = bench.page;
    await page.setViewportSize({ width: 1024, height: 640 });
    await page.getByRole("heading", { name: "Targets" }).waitFor();
  });
  afterAll(async () => {
    await bench?.close();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });

  const open = async (file: string, view: string): Promise<void> => {
    await bench.choose(fixture(file), () => page.getByRole("button", { name: "Open file…" }).click());
    await page.getByRole("tab", { name: view, exact: true }).click();
  };
  /** What is wider than its table is cut off: tables do not scroll sideways. */
  const fits = async (table: string): Promise<void> => {
    const grid = page.getByTestId(table);
    await grid.getByRole("row").nth(2).waitFor();
    expect(await grid.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
    const box = await grid.boundingBox();
    expect(box?.height).toBeGreaterThan(80);
  };

  it("memory: the sites, under what lives over time", async () => {
    await open("heaptrack/leak.gz", "Memory");
    await fits("memory-sites");
    await inspect(bench, "small-memory");
  });

  it("objects that are still there, and what refers to them", async () => {
    await open("jfr/old-objects.jfr.gz", "Memory");
    await fits("memory-sites");
    await page.getByRole("heading", { name: "Objects still there" }).waitFor();
    await inspect(bench, "small-old-objects");
  });

  it("disks, and what was asked of them", async () => {
    await open("bpftrace-waits/block.jsonl.gz", "I/O");
    await page.getByRole("region", { name: "Requests to disks" }).waitFor();
    await inspect(bench, "small-disks");
  });

  it("a deadlock of a dump of threads, which has no times", async () => {
    await open("java-threads/deadlock.txt", "Locks");
    await fits("locks-table");
    await page.getByRole("alert").getByText("left waits for JavaWaits$Door").waitFor();
    expect(await page.getByTestId("locks-table").getByRole("columnheader").allInnerTexts()).toEqual([
      "Lock",
      "Kind",
      "Waits",
      "Held by",
    ]);
    await inspect(bench, "small-deadlock");
  });

  it("system calls, and the slowest of them", async () => {
    await open("strace/times-of-day.strace", "I/O");
    await fits("io-table");
    await inspect(bench, "small-io");
  });

  it("locks, their holders, and a lock in words", async () => {
    await open("perf-script/futex_dwarf.script.txt.gz", "Locks");
    await fits("locks-table");
    await page.getByTestId("locks-table").focus();
    for (const key of ["Home", "ArrowDown"]) await page.keyboard.press(key);
    await page.getByText(/^Waited for mostly in tiny_holder/).waitFor();
    await inspect(bench, "small-locks");
  });

  it("the menu of what is measured names what is shown", async () => {
    const menu = page.getByRole("combobox", { name: "What is measured" });
    expect(await menu.locator("option:checked").innerText()).toBe(
      "Holders of locks that others waited for · time",
    );
  });

  it("a picture on canvas in the colours of the theme, as soon as it changes", async () => {
    await page.getByRole("tab", { name: "Heatmap" }).click();
    const picture = page.getByRole("application", { name: /^Heat map/ });
    await picture.waitFor();
    const corner = (): Promise<string> =>
      picture.locator("canvas").evaluate((canvas: HTMLCanvasElement) => {
        const pixel = canvas.getContext("2d")?.getImageData(3, 3, 1, 1).data;
        return pixel?.join() ?? "";
      });
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-theme=${colorScheme}]`).waitFor({ state: "attached" });
      const changed = await corner();
      // It is painted again with each step of the cursor.
      await picture.press("End");
      await picture.press("ArrowDown");
      await page.getByTestId("heatmap-words").getByText("samples").waitFor();
      expect(await corner()).toBe(changed);
    }
  });

  it("the call graph with a function in words, and its source", async () => {
    await page.getByRole("tab", { name: "Graph" }).click();
    const picture = page.getByRole("application", { name: /^Call graph/ });
    await picture.focus();
    await page.keyboard.press("Home");
    await page.getByText(/^__GI___lll_lock_wake: total/).waitFor();
    await inspect(bench, "small-graph");
    // What was seen is seen in a window of another size too, as large as it fits.
    const node = page.locator(".graph-node.selected > rect").first();
    const small = (await node.boundingBox())?.width ?? 0;
    await page.setViewportSize({ width: 1900, height: 1300 });
    await expect.poll(async () => ((await node.boundingBox())?.width ?? 0) > small).toBe(true);
    await page.setViewportSize({ width: 1024, height: 640 });
    await expect.poll(async () => Math.round((await node.boundingBox())?.width ?? 0)).toBe(Math.round(small));
    await page.getByRole("tab", { name: "Source" }).click();
    await page.getByTestId("source-words").waitFor();
    await inspect(bench, "small-source");
  });

  it("copies any table: the chosen row, and all of it", async () => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await page.getByRole("tab", { name: "Info" }).click();
    await page.getByRole("region", { name: "Info", exact: true }).press("Control+c");
    await expect
      .poll(copied)
      .toMatch(/^Duration\t[\s\S]*\nSeries\tKind\tSamples\tTotal\n[\s\S]*\nName\tPID\t/m);
    await page.getByRole("tab", { name: "Locks" }).click();
    const locks = page.getByTestId("locks-table");
    await locks.focus();
    for (const key of ["Home", "ArrowDown", "Control+c"]) await page.keyboard.press(key);
    await expect.poll(async () => (await copied()).split("\n").length).toBe(3);
    expect(await copied()).toMatch(/^Lock\tKind\tWaited\tOf the run\tWaits\t/);
    await page.keyboard.press("Shift+C");
    await expect
      .poll(async () => (await copied()).split("\n").length)
      .toBe(Number(await locks.getAttribute("aria-rowcount")) + 1);
    await page.keyboard.press("ContextMenu");
    await page.getByRole("menuitem", { name: "Copy the table as text" }).waitFor();
    await page.keyboard.press("Escape");
  });

  it("the sessions, the doctor, the commands and the keys", async () => {
    await page.getByRole("button", { name: "Sessions" }).click();
    await page.getByRole("heading", { name: "Recent files" }).waitFor({ state: "detached" });
    await page.getByRole("searchbox").fill("/(/");
    await page.getByText("Unterminated group").waitFor();
    await inspect(bench, "small-sessions");
    await page.getByRole("button", { name: "Doctor" }).click();
    await page.getByRole("button", { name: "Check again" }).and(page.locator(":not([aria-busy])")).waitFor();
    await inspect(bench, "small-doctor");
    // One dialog right after another: the keys are for the second one.
    for (const key of ["Alt+l", "Escape", "Control+k"]) await page.keyboard.press(key);
    await page.keyboard.type("/theme|tour/");
    await page.getByTestId("palette").getByText("4 found").waitFor();
    await inspect(bench, "small-palette");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.getByTestId("keys-sheet").waitFor();
    await inspect(bench, "small-keys");
    await page.keyboard.press("Escape");
  });

  it("the settings", async () => {
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("heading", { name: "Appearance" }).waitFor();
    await inspect(bench, "small-settings");
    const choose = (group: string, choice: string): Promise<void> =>
      page.getByRole("group", { name: group }).getByRole("button", { name: choice, exact: true }).click();
    const textScale = (): Promise<number> =>
      page.evaluate(() => Number(document.documentElement.style.getPropertyValue("--text-scale")));
    for (const theme of ["Light", "Dark"]) {
      await choose("Theme", theme);
      await page.locator(`html[data-theme="${theme.toLowerCase()}"]`).waitFor();
    }
    await choose("Text size", "18");
    await expect.poll(textScale).toBeCloseTo(18 / 13);
    await choose("Text size", "13");
    await choose("Theme", "As the system");
    await expect.poll(textScale).toBe(1);
  });

  it("a comparison, by overweight too", async () => {
    await page.getByRole("button", { name: "Compare" }).click();
    for (const [key, side] of [
      ["b", "before"],
      ["Shift+B", "after"],
    ] as const) {
      await page.keyboard.press(key);
      await page
        .getByTestId("compare-add")
        .getByRole("textbox")
        .fill(join(home, `${side}.txt`));
      await page.keyboard.press("Enter");
      await page.getByTestId(`compare-${side}`).getByText(`${side}.txt`).waitFor();
    }
    await page.keyboard.press("3");
    const table = page.getByTestId("compare-functions");
    await table.getByRole("row", { name: /^parse/ }).click();
    await page.getByTestId("compare-function").waitFor();
    await fits("compare-functions");
    await inspect(bench, "small-compare");
  });

  it("has nothing to complain about", () => expect(bench.complaints).toEqual([]));
});
