import { execFileSync } from "node:child_process";
import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseObjdump } from "#core/model/assembly.ts";
import { root } from "../electron/launch.ts";
import { needs } from "../needs.ts";
import { hostNames, inspect, makeHome, needsOf, openWorkbench, type Workbench } from "./workbench.ts";

const press = async (page: Page, ...keys: readonly string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};

/** A program whose debug information says /build, and samples of it: three at line 7 for one at line 6. */
async function makeProfile(folder: string): Promise<string> {
  const program = join(folder, "hot-lines");
  await copyFile(join(root, "test", "programs", "hot-lines.c"), join(folder, "hot-lines.c"));
  execFileSync(
    "cc",
    [
      "-O1",
      "-g",
      "-no-pie",
      `-ffile-prefix-map=${folder}=/build`,
      "-o",
      program,
      join(folder, "hot-lines.c"),
    ],
    { cwd: folder },
  );
  const listing = parseObjdump(
    execFileSync("objdump", ["-d", "-l", "--no-show-raw-insn", "--disassemble=hot_loop", program], {
      encoding: "utf8",
    }),
  );
  const at = (line: number): string =>
    (listing.instructions.findLast((each) => each.line === line)?.address ?? 0).toString(16);
  const sample = (line: number, time: number): string =>
    `hot-lines 100 1.${String(time).padStart(6, "0")}:    1000000 cpu-clock: \n` +
    `\t${at(line).padStart(16)} hot_loop+0x1 (${program})\n\n`;
  const file = join(folder, "hot.script.txt");
  await writeFile(file, [7, 6, 7, 7].map((line, index) => sample(line, index * 1000)).join(""));
  return file;
}

for (const host of hostNames)
  needs(
    ...needsOf[host],
    "cc",
    "objdump",
  )(`where in the source, in ${host}, by keyboard`, () => {
    let home: string;
    let bench: Workbench;
    let page: Page;
    const seen = (): string => join(home, "seen-by-the-editor");

    beforeAll(async () => {
      home = await makeHome();
      const editor = `sh -c 'printf %s "$1" > "${seen()}"' sh {file}:{line}`;
      await writeFile(join(home, "settings.json"), JSON.stringify({ editor, welcomed: true }));
      bench = await openWorkbench(host, home, [await makeProfile(home)]);
      page = bench.page;
      await page.getByRole("application", { name: /Flame graph, \d+ frames/ }).waitFor();
    });
    afterAll(async () => {
      await bench?.close();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    });

    it("is found from any table, its hottest line by the code's own debug information", async () => {
      await press(page, "2");
      const table = page.getByRole("grid", { name: "Functions by weight" });
      await table.getByRole("row", { name: /hot_loop/ }).waitFor();
      await table.focus();
      await press(page, "Home", "s");
      // The table went with its view; the keys go on in this one.
      await expect
        .poll(() => page.evaluate(() => document.activeElement?.getAttribute("role")))
        .toBe("tabpanel");
      const words = page.getByTestId("source-words");
      await expect.poll(() => words.innerText()).toMatch(/^2 lines with samples · most in line 7: 75\.0\s%/);
      await page.getByText("The source is not on this machine.").waitFor();
      await inspect(bench, "source-missing");
    });

    it("is read once it was said where it is", async () => {
      const field = page.getByLabel("are in");
      await field.focus();
      await page.keyboard.type(home);
      await press(page, "Enter");
      const line = page.getByTestId("source-lines").getByRole("row", { selected: true });
      await expect.poll(() => line.innerText()).toMatch(/75\.0\s%[\s\S]*7[\s\S]*x = x \* 31 \+ i;/);
      await inspect(bench, "source");
    });

    it("steps from line to line with samples, and opens one in the editor", async () => {
      await page.getByTestId("source-lines").focus();
      await press(page, "[");
      const line = page.getByTestId("source-lines").getByRole("row", { selected: true });
      await expect.poll(() => line.innerText()).toMatch(/25\.0\s%[\s\S]*for \(unsigned long/);
      await press(page, "Enter");
      await expect.poll(() => readFile(seen(), "utf8").catch(() => "")).toBe(`${home}/hot-lines.c:6`);
    });

    it("has its instructions, with what each cost", async () => {
      await press(page, "]", "v", "v");
      const assembly = page.getByTestId("assembly");
      await assembly.waitFor();
      await expect.poll(() => assembly.getByRole("row", { name: /75\.0\s%/ }).count()).toBe(1);
      await expect.poll(() => assembly.getByRole("row", { name: /25\.0\s%/ }).count()).toBe(1);
      await inspect(bench, "assembly");
    });

    it("has nothing to complain about", () => expect(bench.complaints).toEqual([]));
  });
