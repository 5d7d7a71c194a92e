import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { exporterWith } from "#core/exporters/index.ts";
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

needs("chromium")("the HTML report", () => {
  const folder = mkdtempSync(join(tmpdir(), "flamewright-html-"));
  const file = join(folder, "report.html");
  const requests: string[] = [];
  const complaints: string[] = [];
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const analyst = createAnalyst();
    const chunks = exporterWith("html", []).write({
      profile,
      selection: everything,
      answer: (query) => analyst.answer(profile, query),
      title: "<b>Report</b>",
      widthPx: 1200,
    });
    writeFileSync(file, Buffer.concat([...chunks]));
    browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
    });
    page = await browser.newPage({ viewport: { width: 1240, height: 900 } });
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => {
      complaints.push(dialog.message());
      void dialog.dismiss();
    });
    await page.goto(pathToFileURL(file).href);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const firstFunction = (): Promise<string> =>
    page.locator("#functions tbody tr:visible td.name").first().innerText();

  it("asks for nothing, and its own script may run", async () => {
    expect(requests).toEqual([pathToFileURL(file).href]);
    expect(complaints).toEqual([]);
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("<b>Report</b>");
    expect(await page.locator("th button").first().isEnabled()).toBe(true);
  });

  it("sorts its table, and says by what", async () => {
    expect(await firstFunction()).toBe("draw");
    await page.getByRole("button", { name: "Total", exact: true }).click();
    expect(
      await page
        .locator("#functions")
        .getByRole("columnheader", { name: "Total", exact: true })
        .getAttribute("aria-sort"),
    ).toBe("descending");
    expect(await firstFunction()).toBe("main");
    await page.getByRole("button", { name: "Self", exact: true }).click();
    await page.getByRole("button", { name: "Self", exact: true }).click();
    expect(
      await page
        .locator("#functions")
        .getByRole("columnheader", { name: "Self", exact: true })
        .getAttribute("aria-sort"),
    ).toBe("ascending");
  });

  it("filters its table by keyboard", async () => {
    await page.getByLabel(/Filter/).focus();
    await page.keyboard.type("^read");
    await expect
      .poll(() => page.locator("#shown").innerText())
      .toBe(`1 of ${await page.locator("#functions tbody tr").count()} functions`);
    expect(await firstFunction()).toBe("read");
    await page.getByLabel(/Filter/).fill("(");
    expect(await page.locator("#shown").innerText()).toBe("Not a regular expression");
    await page.getByLabel(/Filter/).fill("");
  });

  it("zooms its graph", async () => {
    const parse = page.locator('.frame[data-name="parse"]');
    const before = Number(await parse.locator("rect").getAttribute("width"));
    await parse.click();
    expect(Number(await parse.locator("rect").getAttribute("width"))).toBeGreaterThan(before * 1.5);
    await page.keyboard.press("Escape");
  });

  it("shows hostile names as text", async () => {
    const body = await page.locator("body").innerText();
    for (const name of ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>"])
      expect(body).toContain(name);
    expect(complaints).toEqual([]);
  });
});
