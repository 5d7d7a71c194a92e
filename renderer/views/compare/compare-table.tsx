import { useMemo } from "react";
import { formatCount, formatCountOf } from "#core/base/numbers.ts";
import { changeAt, isNoise } from "#core/model/compare.ts";
import { exactPattern } from "../../app/selection.ts";
import { type CompareSort, compareSlot } from "../../app/store/compare.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { Grid } from "../../widgets/grid.tsx";
import { comparisonAsText } from "./compare-as-text.ts";
import { compareColumns, nameOfRow } from "./compare-columns.tsx";

const sorts: readonly string[] = [
  "name",
  "before",
  "after",
  "change",
  "ratio",
  "certainty",
  "overweight",
] satisfies readonly CompareSort[];
const isSort = (column: string): column is CompareSort => sorts.includes(column);

/** Functions of both sides; of the overweight ranking, what grew more than its part. */
export function CompareTableView({ overweight }: { readonly overweight: boolean }) {
  const { store, actions } = useApp();
  const compare = useAppState((state) => state.compare);
  const { table } = compareSlot(compare, "functions");
  const { patchCompare, openMenu } = store.getState();
  const { of } = compare;
  const columns = useMemo(
    () => (table ? compareColumns(table, of, overweight) : []),
    [table, of, overweight],
  );
  const rows = useMemo(() => Array.from({ length: table?.length ?? 0 }, (_, row) => row), [table]);
  if (!table) return <EmptyState busy title="Comparing the functions" />;
  if (rows.length === 0)
    return (
      <EmptyState
        icon="search"
        title={compare.search === "" ? "No function is so" : "No function matches"}
        actions={
          <Button onClick={() => patchCompare({ search: "", show: "all" })}>Show all functions</Button>
        }
      >
        {compare.show === "changed" ? "Nothing changed beyond noise." : "Change the filter, or show all."}
      </EmptyState>
    );
  const sort = overweight
    ? { column: "overweight", descending: true }
    : { column: compare.sort, descending: compare.descending };
  return (
    <section className="compare-table" aria-label={overweight ? "Overweight" : "Functions"}>
      {overweight ? (
        <p className="compare-note muted">
          Overweight is what a function weighs more than if it had grown as the whole did: the first rows are
          what grew more than their part.
        </p>
      ) : null}
      <Grid
        label={overweight ? "Functions by overweight" : "Functions by change"}
        testId="compare-functions"
        columns={columns}
        allAsText={() => comparisonAsText(table)}
        rows={rows}
        rowKey={(row) => nameOfRow(table, row)}
        rowHeight={24}
        selectedKey={compare.selectedName === "" ? null : compare.selectedName}
        onSelect={(row) => actions.pickCompared(nameOfRow(table, row))}
        onActivate={(row) => actions.pickCompared(nameOfRow(table, row))}
        onMenu={(row, x, y) =>
          openMenu({
            x,
            y,
            heading: nameOfRow(table, row),
            actions: [
              {
                id: "flame",
                title: "Search it in the flame graph",
                run: () => patchCompare({ tab: "flame", search: exactPattern(nameOfRow(table, row)) }),
              },
              {
                id: "copy",
                title: "Copy the name",
                run: () => actions.copy(nameOfRow(table, row), "the name"),
              },
            ],
          })
        }
        rowClass={(row) => (isNoise(changeAt(table[of], row)) ? "compare-noise" : "")}
        sort={sort}
        onSort={(column) => {
          if (overweight || !isSort(column)) return;
          patchCompare({
            sort: column,
            descending: compare.sort === column ? !compare.descending : column !== "name",
          });
        }}
      />
      <footer className="compare-foot">
        <span>
          {table.length < table.rowsInAll
            ? `the first ${formatCount(table.length)} of ${formatCountOf(table.rowsInAll, "function")}`
            : `${formatCount(table.rowsInAll)} ${table.rowsInAll === 1 ? "function" : "functions"}`}
        </span>
        <Button
          look="quiet"
          small
          icon="copy"
          onClick={() => actions.copy(comparisonAsText(table), formatCountOf(table.length, "row"))}
          title="The whole table as tab-separated text"
        >
          Copy table
        </Button>
      </footer>
    </section>
  );
}
