import type { Page } from "playwright";
import { expect } from "vitest";

/** What a person reads off the workbench. */

/** Rows of the top table as drawn: function to its self share in percent. */
export async function shares(page: Page): Promise<Readonly<Record<string, number>>> {
  const rows = await page.getByRole("row").filter({ hasText: /%/ }).allInnerTexts();
  return Object.fromEntries(
    rows.flatMap((row) => {
      const found = /^\s*(\S+)[\s\S]*?([\d.]+)\s%/.exec(row);
      return found ? [[found[1], Number(found[2])]] : [];
    }),
  );
}

/** Of how many samples the status line speaks. */
export async function samplesSaid(page: Page): Promise<number> {
  const text = await page.getByRole("banner").innerText();
  return Number(/([\d,]+) samples/.exec(text)?.[1]?.replaceAll(",", "") ?? Number.NaN);
}

/** Opens the top table and waits until it says a program's truth, within five points. */
export const expectTop = (page: Page, truth: Readonly<Record<string, number>>): Promise<void> =>
  expectShares(page, truth, (found) => found);

/** The same of what the named functions have together: a busy machine adds its own. */
export const expectSplitOf = (page: Page, truth: Readonly<Record<string, number>>): Promise<void> =>
  expectShares(page, truth, (found) => {
    const all = Object.keys(truth).reduce((sum, name) => sum + (found[name] ?? 0), 0);
    return Object.fromEntries(Object.keys(truth).map((name) => [name, (100 * (found[name] ?? 0)) / all]));
  });

async function expectShares(
  page: Page,
  truth: Readonly<Record<string, number>>,
  of: (found: Readonly<Record<string, number>>) => Readonly<Record<string, number>>,
): Promise<void> {
  await page.getByRole("tab", { name: "Top" }).click();
  let found: Readonly<Record<string, number>> = {};
  const isTrue = async (): Promise<boolean> => {
    found = of(await shares(page));
    return Object.entries(truth).every(([name, share]) => Math.abs((found[name] ?? 0) - share) <= 5);
  };
  await expect
    .poll(isTrue, { timeout: 30_000 })
    .toBe(true)
    .catch(() => expect(found).toEqual(truth));
}
