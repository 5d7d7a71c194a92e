import { type Disposable, disposable } from "#core/base/disposable.ts";
import type { Contract } from "#core/contract.ts";
import type { CompareQueryInput, ComparisonInput } from "#core/model/compare.ts";
import type { Client } from "#core/rpc/client.ts";
import { patternProblem } from "./selection.ts";
import { compareQueries, comparisonOf } from "./store/compare.ts";
import type { AppStore } from "./store/store.ts";

/** Keeps the tables of the comparison on the screen up to date: one stream a table, none while it is not shown. */
export function watchComparison(store: AppStore, client: Client<Contract>): Disposable {
  const open = new Map<string, { readonly key: string; readonly stop: Disposable }>();

  const stream = (slot: string, comparison: ComparisonInput, query: CompareQueryInput): Disposable =>
    client.stream(
      "compare.watch",
      { comparison, query },
      {
        item: ({ table, problem, progress, growing }) =>
          store.getState().patchCompare(({ slots }) => ({
            slots: {
              ...slots,
              // What was there stays while sides are read again.
              [slot]: {
                table: table ?? (problem ? null : (slots[slot]?.table ?? null)),
                problem,
                progress,
                growing,
              },
            },
          })),
        problem: (problem) =>
          store.getState().patchCompare(({ slots }) => ({
            slots: { ...slots, [slot]: { table: null, problem, progress: -1, growing: 0 } },
          })),
      },
    );

  const update = (): void => {
    const { compare, connected, screen } = store.getState();
    const comparison = connected && screen === "compare" ? comparisonOf(compare) : null;
    const search = patternProblem(compare.search) === "" ? compare.search : "";
    const wanted = comparison ? compareQueries(compare, search) : {};
    for (const slot of new Set([...open.keys(), ...Object.keys(wanted)])) {
      const query = wanted[slot];
      const key = query ? JSON.stringify([comparison, query]) : "";
      const running = open.get(slot);
      if ((running?.key ?? "") === key) continue;
      running?.stop.dispose();
      open.delete(slot);
      if (comparison && query) open.set(slot, { key, stop: stream(slot, comparison, query) });
    }
  };

  const unsubscribe = store.subscribe(update);
  update();
  return disposable(() => {
    unsubscribe();
    for (const { stop } of open.values()) stop.dispose();
    open.clear();
  });
}
