import { useMemo } from "react";
import { formatBytes, formatCount, formatPercent } from "#core/base/numbers.ts";
import type { MemorySite, MemoryTable } from "#core/model/memory-table.ts";
import { kindAt } from "#core/model/profile.ts";
import { type MemorySort, memorySorts } from "#core/model/query.ts";
import { openFunctionMenu } from "../../app/function-menu.ts";
import type { ProfileDocument } from "../../app/store/document.ts";
import { useApp } from "../../app/use-app.ts";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FunctionCell } from "../../widgets/function-cells.tsx";
import { Grid, type GridColumn } from "../../widgets/grid.tsx";
import { changeMemory, memoryStateOf } from "./memory-state.ts";

export const siteKey = (site: MemorySite): string => `${site.function}:${site.line}`;

export const signedBytes = (bytes: number): string => `${bytes > 0 ? "+" : ""}${formatBytes(bytes)}`;
export const growthHint = "What lives at the end, less what lived before the first moment of the range";
export const trendHint =
  "Slope of a straight line through what lived over the range: what was there at its first moment does not count";
/** Less than a byte a second is noise of the line that is laid through the points. */
export const rateText = (bytesPerS: number): string =>
  Math.abs(bytesPerS) < 1 ? "" : `${signedBytes(Math.round(bytesPerS))}/s`;

const isSort = (column: string): column is MemorySort => (memorySorts as readonly string[]).includes(column);

/** Places that allocate, the most suspicious first. */
export function MemorySites({
  document,
  table,
}: {
  readonly document: ProfileDocument;
  readonly table: MemoryTable;
}) {
  const app = useApp();
  const { id } = document;
  const { sort, descending, site } = memoryStateOf(document);
  const columns = useMemo(() => columnsOf(table), [table]);
  if (table.sites.length === 0)
    return table.source === "" ? (
      <EmptyState icon="info" title="Memory over time, without stacks">
        Who allocated it is not in this profile: record with heaptrack, or with the memory profiler of the
        program's language.
      </EmptyState>
    ) : (
      <EmptyState icon="search" title="No allocations here">
        Nothing was allocated in this range, the filter matches no site, or all of it is suppressed.
      </EmptyState>
    );
  return (
    <Grid
      label="Sites that allocate"
      columns={columns}
      rows={table.sites}
      rowKey={siteKey}
      rowHeight={24}
      selectedKey={table.sites.some((each) => siteKey(each) === site) ? site : null}
      onSelect={(row) => {
        changeMemory(app.store, id, { site: siteKey(row) });
        if (row.function >= 0) app.actions.pick(id, row.function, -1, row.name);
      }}
      onActivate={(row) => {
        changeMemory(app.store, id, { site: siteKey(row), mode: "flame", zoomRoot: -1 });
      }}
      onMenu={(row, x, y) =>
        openFunctionMenu(
          app,
          document,
          { x, y },
          {
            functionIndex: row.function,
            name: row.name,
            node: -1,
            path: null,
            file: row.file,
            module: row.binary || row.file,
            line: row.line,
          },
          [
            {
              id: "suppress",
              title: "Suppress this site",
              run: () => {
                const rule = `leak:^${row.name}$`;
                const { suppressions } = memoryStateOf(document);
                changeMemory(app.store, id, {
                  suppressions: [suppressions.trim(), rule].filter(Boolean).join("\n"),
                });
              },
            },
          ],
        )
      }
      sort={{ column: sort, descending }}
      onSort={(column) => {
        if (isSort(column))
          changeMemory(app.store, id, {
            sort: column,
            descending: column === sort ? !descending : column !== "name",
          });
      }}
      testId="memory-sites"
    />
  );
}

function columnsOf(table: MemoryTable): readonly GridColumn<MemorySite>[] {
  const hasLive = table.liveSeries !== "";
  const hasTrend = hasLive && table.timed;
  const number = (
    id: string,
    title: string,
    track: string,
    fromPx: number,
    cell: (site: MemorySite) => string,
    sortable = true,
  ): GridColumn<MemorySite> => ({ id, title, track, align: "end", sortable, fromPx, cell });
  const blocks = number(
    "blocks",
    table.sampledObjects ? "Objects" : "Blocks",
    "68px",
    900,
    ({ liveBlocks }) => formatCount(liveBlocks),
    false,
  );
  const live: readonly GridColumn<MemorySite>[] = [
    number("live", "Live", "76px", 0, ({ liveBytes }) => formatBytes(liveBytes)),
    // Not every tool counts them: V8's sampling profile tells bytes alone.
    ...(table.sites.some(({ liveBlocks }) => liveBlocks !== 0) ? [blocks] : []),
  ];
  const trend: readonly GridColumn<MemorySite>[] = [
    {
      ...number("grown", "Grown", "84px", 480, ({ grownBytes }) => signedBytes(grownBytes)),
      hint: growthHint,
    },
    { ...number("rate", "Trend", "96px", 560, ({ ratePerS }) => rateText(ratePerS)), hint: trendHint },
  ];
  const allocated: readonly GridColumn<MemorySite>[] = [
    number("allocated", "Allocated", "80px", 700, ({ allocatedBytes }) => formatBytes(allocatedBytes)),
    ...(hasLive && !table.sampledObjects
      ? [number("freed", "Freed", "80px", 820, ({ freedBytes }) => formatBytes(freedBytes))]
      : []),
  ];
  return [
    ...(hasTrend
      ? [
          number("suspicion", "Suspect", "72px", 0, ({ suspicion }) =>
            Number.isNaN(suspicion) ? "" : formatPercent(suspicion, 1),
          ),
        ]
      : []),
    {
      id: "name",
      title: "Site",
      track: "minmax(160px, 1fr)",
      sortable: true,
      cell: ({ name, kind, file, line, binary }) => (
        <FunctionCell
          place={{ name, kind: kindAt(kind), at: file !== "" && line > 0 ? `${file}:${line}` : file, binary }}
        />
      ),
    },
    ...(hasLive ? live : []),
    ...(hasTrend ? trend : []),
    ...(table.allocatedSeries === "" ? [] : allocated),
    ...(table.peakSeries === ""
      ? []
      : [number("peak", "At the peak", "92px", 960, ({ peakBytes }) => formatBytes(peakBytes))]),
    ...(table.temporary > 0
      ? [number("temporary", "Temporary", "84px", 1060, ({ temporary }) => formatCount(temporary))]
      : []),
  ];
}
