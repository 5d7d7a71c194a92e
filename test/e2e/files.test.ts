import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { root } from "../electron/launch.ts";
import { needs } from "../needs.ts";
import { hostileNames } from "../unit/core/hostile-names.ts";
import { hostNames, inspect, makeHome, needsOf, openWorkbench, type Workbench } from "./workbench.ts";

const fixture = (name: string): string => join(root, "test", "fixtures", name);

/** Waits for the top table of what was opened: until it is there the one before it may stand. */
const expectTop = async (page: Page, words: RegExp): Promise<void> => {
  await page.getByRole("tab", { name: "Top" }).click();
  await expect.poll(() => page.getByRole("grid").last().innerText()).toMatch(words);
};

/** Drops a file on the page as the desktop would. */
async function drop(page: Page, path: string): Promise<void> {
  const bytes = (await readFile(path)).toString("base64");
  const transfer = await page.evaluateHandle((encoded) => {
    const data = new DataTransfer();
    const raw = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    data.items.add(new File([raw], "dropped.cpuprofile"));
    return data;
  }, bytes);
  for (const event of ["dragenter", "dragover", "drop"])
    await page.dispatchEvent("body", event, { dataTransfer: transfer });
}

for (const host of hostNames)
  needs(...needsOf[host])(`opening files in ${host}`, () => {
    let home: string;
    let bench: Workbench;
    let page: Page;

    beforeAll(async () => {
      home = await makeHome();
      bench = await openWorkbench(host, home, [fixture("perf-script/cpu_dwarf.script.txt")]);
      page = bench.page;
    });
    afterAll(async () => {
      await bench?.close();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    });

    it("opens the file it was started with", async () => {
      await page.getByRole("application", { name: /Flame graph, \d+ frames/ }).waitFor();
      await expectTop(page, /burn_a[\s\S]*burn_b/);
    });

    it("opens a file that is chosen in a dialog", async () => {
      await bench.choose(fixture("collapsed/cpu_fp.collapsed"), () =>
        page.getByRole("button", { name: "Open file…" }).first().click(),
      );
      await page
        .getByRole("heading", { name: /cpu_fp\.collapsed/ })
        .or(page.getByRole("button", { name: /^cpu_fp\.collapsed/ }))
        .first()
        .waitFor();
      await expectTop(page, /burn_a/);
      await inspect(bench, "collapsed");
    });

    it("opens a file that is dropped", async () => {
      await drop(page, fixture("cpuprofile/leaky.cpuprofile"));
      await page
        .getByRole("button", { name: /^dropped\.cpuprofile/ })
        .first()
        .waitFor();
      await expectTop(page, /hotA/);
    });

    it("opens several files and a folder that are dropped at once, and says which are none", async () => {
      const folder = join(home, "runs");
      await mkdir(join(folder, "deep"), { recursive: true });
      await writeFile(join(folder, "one.collapsed"), "main;one 3\n");
      await writeFile(join(folder, "deep", "two.collapsed"), "main;two 3\n");
      await writeFile(join(folder, "README"), "What these are: two runs.\n");
      await bench.drop([fixture("collapsed/cpu_fp.collapsed"), fixture("pprof/cpu.pb.gz"), folder]);
      const open = page.getByRole("navigation", { name: "Workbench" });
      for (const name of ["cpu.pb.gz", "one.collapsed", "two.collapsed"])
        await open.getByRole("button", { name: new RegExp(`^(deep/)?${name}`) }).waitFor();
      await open.getByRole("button", { name: /^one\.collapsed/ }).click();
      await expectTop(page, /one/);
      expect(await open.getByRole("button", { name: /README/ }).count()).toBe(0);
    });

    const bad: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
      ["an empty file", "", /empty/i],
      [
        "a file that is no profile",
        "Dear diary,\n\ntoday I measured nothing.\n",
        /no format|not know|unknown/i,
      ],
      ["a damaged session", new TextEncoder().encode(`FWPROFIL${"\u0001".repeat(200)}`), /damaged|newer/i],
    ];
    it.each(bad)("says what is wrong with %s", async (_, contents, words) => {
      const path = join(home, "bad-file");
      await writeFile(path, contents);
      await bench.choose(path, () => page.getByRole("button", { name: "Open file…" }).first().click());
      await page.getByText(words).first().waitFor();
    });

    it("shows hostile names as text, everywhere", async () => {
      const dialogs: string[] = [];
      page.on("dialog", (dialog) => {
        dialogs.push(dialog.message());
        void dialog.dismiss();
      });
      const path = join(home, "hostile.collapsed");
      const lines = hostileNames.filter(
        (name) => name.trim() !== "" && !name.includes(";") && [...name].every((letter) => letter >= " "),
      );
      await writeFile(path, lines.map((name, i) => `main;${name} ${100 - i}`).join("\n"));
      await bench.choose(path, () => page.getByRole("button", { name: "Open file…" }).first().click());
      await page
        .getByRole("button", { name: /^hostile\.collapsed/ })
        .first()
        .waitFor();
      await expectTop(page, /<script>alert\(1\)<\/script>/);
      await expectTop(page, /<img src=x onerror=alert\(1\)>/);
      await page
        .getByRole("row", { name: /<script>alert/ })
        .first()
        .click();
      await inspect(bench, "hostile");
      await page.getByRole("tab", { name: "Flame" }).click();
      await page.getByRole("application", { name: /Flame graph, \d+ frames/ }).waitFor();
      expect(await page.locator("img[src=x], script:not([src])").count()).toBe(0);
      expect(dialogs).toEqual([]);
      expect(bench.complaints).toEqual([]);
    });
  });
