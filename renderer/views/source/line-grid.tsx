import { useEffect, useMemo } from "react";
import { formatPercent, formatValue } from "#core/base/numbers.ts";
import type { SourceLine } from "#core/model/source-lines.ts";
import type { SourceTable } from "#core/model/tables.ts";
import { patternProblem } from "../../app/selection.ts";
import type { ProfileDocument } from "../../app/store/document.ts";
import { useApp } from "../../app/use-app.ts";
import { ShareCell } from "../../widgets/function-cells.tsx";
import { Grid, type GridColumn } from "../../widgets/grid.tsx";
import { patched, sourceQuery, stateOf } from "./source-state.ts";

/** Every line of the file where its text is there, else those that cost something. */
export function LineGrid({
  document,
  table,
  lines,
  texts,
  extent,
}: {
  readonly document: ProfileDocument;
  readonly table: SourceTable;
  readonly lines: readonly SourceLine[];
  readonly texts: readonly string[] | null;
  readonly extent: readonly [first: number, last: number] | null;
}) {
  const { store, actions } = useApp();
  const { id } = document;
  const { line: chosen } = stateOf(document);
  const { search } = document.history.present;
  const costs = useMemo(() => new Map(lines.map((each) => [each.line, each])), [lines]);
  const rows = useMemo(
    () =>
      texts === null
        ? lines.map(({ line }) => line)
        : Array.from({ length: texts.length }, (_, at) => at + 1),
    [texts, lines],
  );
  const hottest = useMemo(() => hottestLine(lines), [lines]);
  const start = chosen > 0 ? chosen : (hottest ?? extent?.[0] ?? -1);
  const choose = (line: number): void =>
    store.getState().patchDocument(id, (now) => patched(now, { line, instruction: -1 }));
  // The line that cost most is what one came for.
  useEffect(() => {
    if (chosen < 0 && start > 0)
      store.getState().patchDocument(id, (now) => patched(now, { line: start, instruction: -1 }));
  }, [store, id, chosen, start]);
  const columns = useMemo(() => columnsOf(table, costs, texts), [table, costs, texts]);
  const found = search !== "" && patternProblem(search) === "" ? new RegExp(search, "iu") : null;
  const step = (by: 1 | -1): void => {
    const next = nextHot(lines, start, by);
    if (next !== null) choose(next);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys beside those of the grid inside
    <div
      className="source-grid"
      onKeyDown={(event) => {
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        if (event.key === "]" || event.key === "[") {
          event.preventDefault();
          step(event.key === "]" ? 1 : -1);
        }
      }}
    >
      <Grid
        label="Lines of the file"
        columns={columns}
        rows={rows}
        rowKey={String}
        rowHeight={20}
        selectedKey={start > 0 ? String(start) : null}
        onSelect={choose}
        onActivate={(line) =>
          void actions.openInEditor(id, { query: sourceQuery(document, document.history.present), line })
        }
        onMenu={(line, x, y) =>
          store.getState().openMenu({
            x,
            y,
            heading: `${table.file || table.function}:${line}`,
            actions: [
              {
                id: "editor",
                title: "Open this line in the editor",
                keys: "O",
                run: () =>
                  void actions.openInEditor(id, {
                    query: sourceQuery(document, document.history.present),
                    line,
                  }),
              },
              { id: "next", title: "Next line with samples", keys: "]", run: () => step(1) },
              { id: "previous", title: "Line with samples before", keys: "[", run: () => step(-1) },
              {
                id: "copy",
                title: "Copy file and line",
                icon: "copy",
                separated: true,
                run: () => actions.copy(`${table.file}:${line}`, "the place"),
              },
              {
                id: "copy-table",
                title: "Copy the lines as text",
                icon: "copy",
                run: () => actions.copy(linesAsText(table, lines, texts), "the lines"),
              },
            ],
          })
        }
        rowClass={(line) =>
          [
            "source-line",
            extent && line >= extent[0] && line <= extent[1] ? "source-own" : "",
            costs.has(line) ? "source-hot" : "",
            found?.test(texts?.[line - 1] ?? "") ? "function-matched" : "",
          ].join(" ")
        }
        allAsText={() => linesAsText(table, lines, texts)}
        testId="source-lines"
      />
    </div>
  );
}

const hottestLine = (lines: readonly SourceLine[]): number | null =>
  lines.reduce<SourceLine | null>((a, b) => (a === null || b.self > a.self ? b : a), null)?.line ?? null;

/** The next line that cost something, in the order of the file; null where there is none. */
export function nextHot(lines: readonly SourceLine[], from: number, by: 1 | -1): number | null {
  const numbers = lines.map(({ line }) => line);
  const next = by === 1 ? numbers.find((line) => line > from) : numbers.findLast((line) => line < from);
  return next ?? null;
}

/** Tab-separated, with a heading. */
export function linesAsText(
  table: SourceTable,
  lines: readonly SourceLine[],
  texts: readonly string[] | null,
): string {
  const rows = lines.map(({ line, self, total }) =>
    [line, self, total, (texts?.[line - 1] ?? "").replaceAll("\t", "    ")].join("\t"),
  );
  return `${[`line\tself (${table.unit})\ttotal (${table.unit})\tsource`, ...rows].join("\n")}\n`;
}

function columnsOf(
  table: SourceTable,
  costs: ReadonlyMap<number, SourceLine>,
  texts: readonly string[] | null,
): readonly GridColumn<number>[] {
  const cell = (line: number, kind: "self" | "total") => {
    const value = costs.get(line)?.[kind] ?? 0;
    return value > 0 ? (
      <span
        className="source-share"
        title={`line ${line}: ${kind} ${formatValue(value, table.unit)}, ${formatPercent(value, table.totalValue)} of the selection, ${formatPercent(value, table.total)} of ${table.function}`}
      >
        <ShareCell value={value} whole={table.totalValue} kind={kind} />
      </span>
    ) : null;
  };
  return [
    { id: "self", title: "Self %", track: "108px", align: "end", cell: (line) => cell(line, "self") },
    {
      id: "total",
      title: "Total %",
      track: "108px",
      align: "end",
      fromPx: 640,
      cell: (line) => cell(line, "total"),
    },
    {
      id: "line",
      title: "Line",
      track: "52px",
      align: "end",
      cell: (line) => <span className="faint">{line}</span>,
    },
    {
      id: "text",
      title: "Source",
      track: "minmax(120px, 1fr)",
      cell: (line) => <code title={texts?.[line - 1]}>{texts?.[line - 1] ?? ""}</code>,
    },
  ];
}
