import {
  type ClipboardEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { formatCount } from "#core/base/numbers.ts";
import type { TopTable } from "#core/model/tables.ts";
import type { TopSort, TopViewProps } from "../../app/view-props.ts";
import { Button } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { rowOfFunction } from "../../widgets/function-rows.ts";
import { Grid } from "../../widgets/grid.tsx";
import { tableAsText } from "./table-as-text.ts";
import { topColumns } from "./top-columns.tsx";
import "./top.css";

const rowHeightPx = 24;
/** The grid's heading, which sticks over the rows. */
const headHeightPx = 28;
const noteForMs = 2_500;
const sorts: readonly string[] = ["self", "total", "name"] satisfies readonly TopSort[];

/** The functions of a selection by weight. */
export function TopView(props: TopViewProps) {
  const { table, filter } = props;
  if (table === null) {
    return (
      <EmptyState busy title="Preparing the table">
        The profile is being read.
      </EmptyState>
    );
  }
  if (table.length > 0) return <TopGrid {...props} table={table} />;
  if (filter !== "" && table.totalSamples > 0) {
    return (
      <EmptyState icon="search" title="No function matches">
        No name, file or binary matches the filter: change it or clear it.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon="search" title="No samples yet">
      The target has not been seen running, or the selection holds no samples: widen the time range, choose
      other threads, or remove a filter.
    </EmptyState>
  );
}

function TopGrid(props: TopViewProps & { readonly table: TopTable }) {
  const { table, selectedFunction } = props;
  const panel = useRef<HTMLElement>(null);
  const [note, setNote] = useState("");
  const rows = useMemo(() => Array.from({ length: table.length }, (_, row) => row), [table.length]);
  const columns = useMemo(() => topColumns(table), [table]);
  const selectedRow = rowOfFunction(table, selectedFunction);
  useFollowedRow(panel, selectedRow, selectedFunction);

  useEffect(() => {
    if (note === "") return;
    const timer = setTimeout(() => setNote(""), noteForMs);
    return () => clearTimeout(timer);
  }, [note]);

  const functionOf = (row: number): number => table.function[row] ?? -1;

  const onCopy = (event: ClipboardEvent) => {
    if (selectedRow < 0 || (document.getSelection()?.toString() ?? "") !== "") return;
    event.clipboardData.setData("text/plain", tableAsText(table, [selectedRow]));
    event.preventDefault();
    setNote("Row copied");
  };
  const copyAll = () => {
    navigator.clipboard.writeText(tableAsText(table)).then(
      () => setNote(`${formatCount(table.length)} rows copied`),
      () => setNote("The clipboard is not available here"),
    );
  };

  return (
    <section className="top" ref={panel} aria-label="Top functions" onCopy={onCopy}>
      <Grid
        label="Functions by weight"
        columns={columns}
        rows={rows}
        rowKey={(row) => String(functionOf(row))}
        rowHeight={rowHeightPx}
        selectedKey={selectedRow < 0 ? null : String(selectedFunction)}
        onSelect={(row) => props.select(functionOf(row))}
        onActivate={(row) => props.activate(functionOf(row))}
        onMenu={(row, x, y) => props.openMenu({ x, y }, row)}
        rowClass={(row) => (table.matched[row] === 1 ? "function-matched" : "")}
        sort={{ column: props.sort, descending: props.descending }}
        onSort={(column) => {
          if (isTopSort(column)) props.onSort(column);
        }}
      />
      <footer className="top-foot">
        <span>{countText(table)}</span>
        <span className="top-note" role="status">
          {note}
        </span>
        <Button
          look="quiet"
          small
          icon="copy"
          onClick={copyAll}
          title="The whole table as tab-separated text"
        >
          Copy table
        </Button>
      </footer>
    </section>
  );
}

function isTopSort(column: string): column is TopSort {
  return sorts.includes(column);
}

/** A selected row that is in view stays in view when a live update moves it; one that is not stays where it is. */
function useFollowedRow(
  panel: RefObject<HTMLElement | null>,
  selectedRow: number,
  selectedFunction: number,
): void {
  const before = useRef({ row: -1, function: -1 });
  useLayoutEffect(() => {
    const last = before.current;
    before.current = { row: selectedRow, function: selectedFunction };
    if (last.function !== selectedFunction || last.row < 0 || selectedRow < 0 || selectedRow === last.row)
      return;
    const view = panel.current?.querySelector(".grid");
    if (!view) return;
    const inView = (row: number) =>
      row * rowHeightPx >= view.scrollTop &&
      (row + 1) * rowHeightPx <= view.scrollTop + view.clientHeight - headHeightPx;
    if (!inView(last.row) || inView(selectedRow)) return;
    view.scrollTop += (selectedRow - last.row) * rowHeightPx;
  }, [panel, selectedRow, selectedFunction]);
}

function countText(table: TopTable): string {
  const all = formatCount(table.rowsInAll);
  const noun = table.rowsInAll === 1 ? "function" : "functions";
  return table.length < table.rowsInAll
    ? `the first ${formatCount(table.length)} of ${all} ${noun}`
    : `${all} ${noun}`;
}
