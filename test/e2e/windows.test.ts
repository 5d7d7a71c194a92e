import { rm } from "node:fs/promises";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { needs } from "../needs.ts";
import { hostNames, inspect, makeHome, needsOf, openWorkbench, type Workbench } from "./workbench.ts";

const press = async (page: Page, ...keys: readonly string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};
const stop = (page: Page) => page.getByRole("button", { name: "Stop", exact: true });
const samples = async (page: Page): Promise<number> =>
  Number(/([\d,]+) samples/.exec(await page.locator(".app-bar").innerText())?.[1]?.replaceAll(",", "") ?? 0);
const flame = (page: Page) => page.getByRole("application", { name: /Flame graph, \d+ frames/ });

for (const host of hostNames)
  needs(...needsOf[host])(`the first start and several windows in ${host}`, () => {
    let home: string;
    let bench: Workbench;
    let page: Page;
    let other: Page;

    beforeAll(async () => {
      home = await makeHome();
      bench = await openWorkbench(host, home);
      page = bench.page;
    });
    afterAll(async () => {
      await bench?.close();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    });

    it("begins with a tour, whose first step is one key away", async () => {
      const tour = page.getByTestId("tour");
      await tour.getByText("1 of 3").waitFor();
      await page.getByRole("row").nth(1).waitFor();
      await expect
        .poll(() => page.evaluate(() => document.activeElement?.textContent))
        .toBe("Record the demo");
      if (host === "chromium") await inspect(bench, "tour-start");
    });

    it("goes on to its next step while the demo is being recorded", async () => {
      const tour = page.getByTestId("tour");
      await page.getByTestId("record-demo").focus();
      await press(page, "Enter");
      await tour.getByText("Watch it while it runs").waitFor();
      await flame(page).waitFor();
      if (host === "chromium") await inspect(bench, "tour-watch");
    });

    it("shows what is recorded in another window too, whose filters and view are its own", async () => {
      other = await bench.another();
      await flame(other).waitFor();
      await press(other, "2", "/");
      await other.keyboard.type("sortRows");
      await press(other, "Escape", "n");
      await other.getByTestId("filters-dialog").waitFor();
      await press(other, "Escape");
      expect(await other.getByRole("tab", { selected: true }).innerText()).toBe("Top");
      expect(await page.getByRole("tab", { selected: true }).innerText()).toBe("Flame");
    });

    it("goes on in one window when the other lets go of it", async () => {
      await press(other, "Alt+w");
      await other.getByRole("button", { name: "Leave it running" }).click();
      await other.getByRole("heading", { name: "Targets" }).waitFor();
      const before = await samples(page);
      await expect.poll(() => samples(page), { timeout: 10_000 }).toBeGreaterThan(before);
      await stop(page).waitFor();
    });

    it("ends the tour with a session, by keyboard", async () => {
      await page.getByRole("button", { name: "Next" }).focus();
      await press(page, "Enter");
      await page.getByText("Stop, and it is kept").waitFor();
      await press(page, "Enter");
      await page.getByText(/^Saved /).waitFor();
      await expect.poll(() => page.getByTestId("tour").count()).toBe(0);
    });

    it("has the session in both windows, each at a place of its own", async () => {
      await press(other, "Alt+2");
      const sessions = other.getByTestId("sessions");
      await sessions.getByRole("row").nth(1).waitFor();
      await sessions.focus();
      await press(other, "ArrowDown", "Enter");
      await flame(other).waitFor();
      await press(other, "3");
      await other.getByTestId("call-tree").waitFor();
      expect(await page.getByRole("tab", { selected: true }).innerText()).toBe("Flame");
      await other.close();
      await press(page, "2");
      await page.getByRole("row", { name: /sortRows/ }).waitFor();
    });

    it("takes the tour again from the palette, and leaves it by Escape", async () => {
      await press(page, "Control+k");
      await page.keyboard.type("/^take the tour/");
      await page.getByTestId("palette").getByText("1 found").waitFor();
      await press(page, "Enter");
      await page.getByTestId("tour").getByText("1 of 3").waitFor();
      await page.getByRole("button", { name: "Skip the tour" }).click();
      await expect.poll(() => page.getByTestId("tour").count()).toBe(0);
    });

    it("has nothing to complain about", () => expect(bench.complaints).toEqual([]));
  });
