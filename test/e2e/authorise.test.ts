import { readFileSync } from "node:fs";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { needs } from "../needs.ts";
import { buildProgram, type RunningProgram } from "../programs/build.ts";
import { startAmongOwnPids } from "../programs/container.ts";
import { openPath } from "../reachable.ts";
import { filesBelow, makeSudoUser, type SudoUser } from "../real/sudo-users.ts";
import { openAsUser, type UserWorkbench } from "./user-workbench.ts";
import { hostNames, inspect, needsOf } from "./workbench.ts";

/** Caches of an app that runs come and go. */
function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}

for (const host of hostNames)
  needs(
    ...needsOf[host],
    "perf",
    "cc",
    "sudo",
  )(`permission for root's rights in ${host}`, () => {
    let user: SudoUser;
    let target: RunningProgram;
    let bench: UserWorkbench;
    let page: Page;

    beforeAll(async () => {
      user = makeSudoUser(["ALL=(root) ALL"]);
      target = await startAmongOwnPids([openPath(await buildProgram("split")), "0", "2"]);
      bench = await openAsUser(host, user);
      page = bench.page;
      // The smallest window that is promised.
      if (host === "chromium") await page.setViewportSize({ width: 1024, height: 640 });
    });
    afterAll(async () => {
      await bench?.close();
      await target?.stop();
      user?.remove();
    });

    const dialog = () => page.getByRole("dialog", { name: "Record with root's rights?" });
    const password = () => dialog().getByLabel(`Password of ${user.name}`);
    const look = (name: string): Promise<void> => inspect({ host, page }, name);

    it("is offered where only rights are missing", async () => {
      await page.getByRole("searchbox", { name: "Search processes" }).fill(String(target.pid));
      await page.getByRole("row", { name: /^split / }).click();
      await page.getByTestId("record").click();
      await page.locator("[data-problem=not-yours]").waitFor();
      await page.getByRole("button", { name: "Record with sudo…" }).waitFor();
      await look("authorise-offer");
    });

    it("is asked for with the command, the reason, whose process it is and where it runs, before a password", async () => {
      await page.getByRole("button", { name: "Record with sudo…" }).click();
      await dialog().waitFor();
      await dialog()
        .getByText(/flamewright-elevate perf-record .* -p \d+/)
        .waitFor();
      await dialog()
        .getByText(/perf may not look into other people's processes/)
        .waitFor();
      await dialog()
        .getByText(/belongs to root, not to you/)
        .waitFor();
      await dialog()
        .getByText(/It runs in a container/)
        .waitFor();
      await expect.poll(() => password().evaluate((field) => field === document.activeElement)).toBe(true);
      await look("authorise");
    });

    it("cancelled by Escape starts nothing", async () => {
      await page.keyboard.press("Escape");
      await dialog().waitFor({ state: "detached" });
      await page.locator("[data-problem=elevation-cancelled]").waitFor();
      await look("authorise-cancelled");
    });

    it("says when a password was wrong, and how many tries are left", async () => {
      await page.getByRole("button", { name: "Try again" }).click();
      await password().fill("not-this-one");
      await page.keyboard.press("Enter");
      await dialog().getByText("2 tries are left").waitFor();
      expect(await password().inputValue()).toBe("");
      await expect.poll(() => password().evaluate((field) => field === document.activeElement)).toBe(true);
      await look("authorise-wrong");
    });

    it("given, records what belongs to root", async () => {
      await password().fill(user.password);
      await page.keyboard.press("Enter");
      await page.getByRole("application", { name: /Flame graph, \d+ frames/ }).waitFor();
      expect(await dialog().count()).toBe(0);
      await page.getByRole("tab", { name: "Log" }).click();
      await page
        .getByText(/flamewright-elevate perf-record .*-p \d+/)
        .first()
        .waitFor();
      await page.getByRole("button", { name: "Stop", exact: true }).click();
      await page.getByRole("button", { name: "Record again" }).waitFor();
    });

    it("leaves the password nowhere: not on the page, in its stores, the log, the session or the settings", async () => {
      const seen = await page.evaluate(() => [
        document.documentElement.outerHTML,
        ...[...document.querySelectorAll("input")].map((field) => field.value),
        JSON.stringify(localStorage),
        JSON.stringify(sessionStorage),
        JSON.stringify(history.state),
        location.href,
      ]);
      expect(seen.join("\n")).not.toContain(user.password);
      const files = bench.folders.flatMap(filesBelow);
      expect(files.some((file) => file.endsWith(".fwp"))).toBe(true);
      for (const file of files) expect(bytesOf(file).includes(user.password), file).toBe(false);
    });
  });
