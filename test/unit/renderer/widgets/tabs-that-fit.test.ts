import { describe, expect, it } from "vitest";
import { fittingTabs } from "../../../../renderer/widgets/tabs-that-fit.ts";

const tabs = ["flame", "top", "tree", "chart", "log"].map((id) => ({ id }));
const widthsPx = new Map(tabs.map(({ id }) => [id, 80]));

describe("tabs for which a row has room", () => {
  const check = (active: string, rowWidthPx: number, expected: readonly string[]): void => {
    it(`${active} open, ${rowWidthPx} px: ${expected.join(" ")}`, () => {
      expect(fittingTabs(tabs, active, widthsPx, rowWidthPx).map(({ id }) => id)).toEqual(expected);
    });
  };
  check("flame", 0, ["flame", "top", "tree", "chart", "log"]);
  check("flame", 500, ["flame", "top", "tree", "chart", "log"]);
  check("flame", 425, ["flame", "top", "tree", "chart"]);
  check("flame", 300, ["flame", "top"]);
  check("log", 300, ["flame", "log"]);
  check("chart", 420, ["flame", "top", "tree", "chart"]);
  check("tree", 50, ["tree"]);

  it("draws all until their widths are known", () => {
    expect(fittingTabs(tabs, "log", new Map([["flame", 80]]), 100)).toHaveLength(5);
  });
});
