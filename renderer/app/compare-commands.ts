import type { App } from "./app.ts";
import type { Command } from "./commands.ts";
import { type CompareTab, comparisonOf, flippedCompare } from "./store/compare.ts";
import type { AppState } from "./store/types.ts";

const tabs: readonly (readonly [tab: CompareTab, title: string])[] = [
  ["flame", "Comparison: flame graph"],
  ["functions", "Comparison: functions"],
  ["overweight", "Comparison: overweight"],
];

/** What the comparison can do, by key and palette, while it is on the screen. */
export function compareCommands({ store, actions }: App): readonly Command[] {
  const state = store.getState;
  const here = ({ screen }: AppState): boolean => screen === "compare";
  const ready = (now: AppState): boolean => here(now) && comparisonOf(now.compare) !== null;
  return [
    ...tabs.map(
      ([tab, title], index): Command => ({
        id: `compare-${tab}`,
        title,
        group: "Go to",
        keys: [String(index + 1)],
        view: "compare",
        when: ready,
        run: () => state().patchCompare({ tab }),
      }),
    ),
    ...(["before", "after"] as const).map(
      (side): Command => ({
        id: `compare-add-${side}`,
        title: `Comparison: add to the side ${side}…`,
        group: "Profile",
        keys: [side === "before" ? "B" : "Shift+B"],
        view: "compare",
        when: here,
        run: () => state().openDialog({ kind: "compare-add", side }),
      }),
    ),
    {
      id: "compare-swap",
      title: "Comparison: swap the sides",
      group: "Profile",
      keys: ["W"],
      view: "compare",
      when: here,
      run: () => actions.swapSides(),
    },
    {
      id: "compare-invert",
      title: "Comparison: flip the flame graph: callers or callees first",
      group: "Profile",
      keys: ["I"],
      view: "compare",
      when: (now) => ready(now) && now.compare.tab === "flame",
      run: () => state().patchCompare(flippedCompare),
    },
    {
      id: "compare-weight",
      title: "Comparison: self or total",
      group: "Profile",
      keys: ["T"],
      view: "compare",
      when: ready,
      run: () => state().patchCompare(({ of }) => ({ of: of === "self" ? "total" : "self" })),
    },
    {
      id: "compare-runs",
      title: "Comparison: record runs of a command…",
      group: "Record",
      keys: [],
      when: ({ compare }) => compare.series === null,
      run: () => state().openDialog({ kind: "compare-runs" }),
    },
    {
      id: "compare-export",
      title: "Comparison: export…",
      group: "Profile",
      keys: ["Ctrl+E"],
      view: "compare",
      when: ready,
      run: () => state().openDialog({ kind: "compare-export" }),
    },
    {
      id: "compare-copy",
      title: "Comparison: copy it as text for the command line",
      group: "Selection",
      keys: ["Y"],
      view: "compare",
      when: ready,
      run: () => actions.copyComparison(),
    },
    {
      id: "compare-out",
      title: "Comparison: zoom out, then clear the selection",
      group: "Selection",
      keys: ["Escape"],
      view: "compare",
      when: (now) => here(now) && (now.compare.zoomRoot >= 0 || now.compare.selectedName !== ""),
      run: () =>
        state().patchCompare(({ zoomRoot }) => (zoomRoot >= 0 ? { zoomRoot: -1 } : { selectedName: "" })),
    },
  ];
}
