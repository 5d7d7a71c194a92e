import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { findExporter } from "#core/exporters/index.ts";
import { everything } from "#core/model/query.ts";
import { needs } from "../needs.ts";
import { hostileNames } from "../unit/core/hostile-names.ts";
import { profileOf } from "../unit/core/stacks-profile.ts";

const profile = profileOf([
  { stack: "main;parse;read", weight: 30e6 },
  { stack: "main;parse", weight: 10e6 },
  { stack: "main;render;draw", weight: 60e6 },
  ...hostileNames.map((name) => ({ stack: `hostile;${name.replaceAll(";", ",")}`, weight: 1e6 })),
]);

needs("chromium", "rsvg-convert")("the SVG report", () => {
  const folder = mkdtempSync(join(tmpdir(), "flamewright-svg-"));
  const file = join(folder, "report.svg");
  const requests: string[] = [];
  const dialogs: string[] = [];
  let answer: string | null = null;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const analyst = createAnalyst();
    const chunks = findExporter("svg")?.write({
      profile,
      selection: everything,
      answer: (query) => analyst.answer(profile, query),
      title: "<b>Report</b>",
      widthPx: 1200,
    });
    writeFileSync(file, Buffer.concat([...(chunks ?? [])]));
    browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
    });
    page = await browser.newPage({ viewport: { width: 1240, height: 900 } });
    page.on("request", (request) => requests.push(request.url()));
    page.on("dialog", (dialog) => {
      dialogs.push(dialog.type());
      void (answer === null ? dialog.dismiss() : dialog.accept(answer));
    });
    await page.goto(pathToFileURL(file).href);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const frame = (name: string) => page.locator(`.frame[data-name="${name}"]`);
  const width = async (name: string): Promise<number> =>
    Number(await frame(name).locator("rect").getAttribute("width"));

  it("loads nothing else, runs no name, and shows names as text", async () => {
    expect(requests).toEqual([pathToFileURL(file).href]);
    expect(dialogs).toEqual([]);
    expect(await page.locator("script").count()).toBe(1);
    expect(await frame("<script>alert(1)</script>").locator("title").textContent()).toContain(
      "<script>alert(1)</script>",
    );
  });

  it("says the numbers of the frame that is pointed at", async () => {
    await frame("render").hover();
    await expect
      .poll(() => page.locator("#details").textContent())
      .toMatch(/^render · 5\d\.\d\s% · 95 % certain: [\d.]+–[\d.]+\s% · 1 of \d+ samples/);
  });

  it("zooms with the mouse and back with Escape", async () => {
    const before = await width("parse");
    await frame("parse").locator("rect").click();
    await expect.poll(() => width("parse")).toBeGreaterThan(before * 2);
    await expect.poll(() => frame("render").isVisible()).toBe(false);
    await page.keyboard.press("Escape");
    await expect.poll(() => width("parse")).toBeCloseTo(before, 1);
  });

  it("walks and zooms with the keyboard", async () => {
    await frame("all").focus();
    for (const key of ["ArrowDown", "ArrowRight", "ArrowDown"]) await page.keyboard.press(key);
    await expect.poll(() => page.locator("#details").textContent()).toMatch(/^parse · /);
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator("#reset").isVisible()).toBe(true);
    await page.keyboard.press("Escape");
  });

  it("searches by regular expression and says how much matches", async () => {
    answer = "^(read|draw)$";
    await page.locator("#search").click();
    await expect.poll(() => page.locator("#matched").textContent()).toMatch(/matches 7\d\.\d % in 2 frames/);
    expect(await page.locator(".frame.match").count()).toBe(2);
    answer = "(";
    await page.locator("#search").click();
    await expect.poll(() => page.locator("#matched").textContent()).toContain("Not a regular expression");
    await page.locator("#clear").click();
    await expect.poll(() => page.locator(".frame.match").count()).toBe(0);
  });

  it("is drawn by a second renderer", () => {
    const png = join(folder, "report.png");
    const run = spawnSync("rsvg-convert", [file, "-o", png], { encoding: "utf8" });
    expect([run.status, run.stderr]).toEqual([0, ""]);
    expect(statSync(png).size).toBeGreaterThan(10_000);
  });
});
