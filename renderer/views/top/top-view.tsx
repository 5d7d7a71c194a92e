import {
  type ClipboardEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { formatCount, formatCountOf } from "#core/base/numbers.ts";
import type { TopTable } from "#core/model/tables.ts";
import type { TopSort, TopViewProps } from "../../app/view-props.ts";
import { Button } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { rowOfFunction } from "../../widgets/function-rows.ts";
import { Grid, type GridColumn } from "../../widgets/grid.tsx";
import { textScale } from "../../widgets/text-scale.ts";
import { tableAsText } from "./table-as-text.ts";
import { topColumns } from "./top-columns.tsx";
import "./top.css";

/** For texts of the size that is the default. */
const rowPx = 24;
/** The grid's heading, which sticks over the rows. */
const headPx = 28;
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

/** Rows are numbered over the whole table; those outside of the window that has come are on their way. */
function TopGrid(props: TopViewProps & { readonly table: TopTable }) {
  const { table, selectedFunction, select } = props;
  const panel = useRef<HTMLElement>(null);
  const [note, setNote] = useState("");
  /** A row that a key went to before it had come; -1 for none. */
  const [awaited, setAwaited] = useState(-1);
  const { rowsInAll, firstRow } = table;
  const rows = useMemo(() => Array.from({ length: rowsInAll }, (_, row) => row), [rowsInAll]);
  const columns = useMemo(() => windowed(table), [table]);
  const found = rowOfFunction(table, selectedFunction);
  const known = useRef({ function: -1, row: -1 });
  if (found >= 0) known.current = { function: selectedFunction, row: found + firstRow };
  const selectedRow = known.current.function === selectedFunction ? known.current.row : -1;
  useFollowedRow(panel, selectedRow, selectedFunction);

  useEffect(() => {
    if (note === "") return;
    const timer = setTimeout(() => setNote(""), noteForMs);
    return () => clearTimeout(timer);
  }, [note]);

  const has = (row: number): boolean => row >= firstRow && row < firstRow + table.length;
  const functionOf = (row: number): number => table.function[row - firstRow] ?? -1;
  const pick = (row: number): void => {
    setAwaited(has(row) ? -1 : row);
    if (has(row)) select(functionOf(row));
  };
  const awaitedFunction = awaited >= 0 && has(awaited) ? functionOf(awaited) : -1;
  useEffect(() => {
    if (awaitedFunction < 0) return;
    setAwaited(-1);
    select(awaitedFunction);
  }, [awaitedFunction, select]);

  const onCopy = (event: ClipboardEvent) => {
    if (found < 0 || (document.getSelection()?.toString() ?? "") !== "") return;
    event.clipboardData.setData("text/plain", tableAsText(table, [found]));
    event.preventDefault();
    setNote("Row copied");
  };
  const allAsText = async (): Promise<string | null> => {
    const whole = table.length < rowsInAll ? await props.wholeTable() : table;
    return whole === null ? null : tableAsText(whole);
  };
  const copyAll = async () => {
    const text = await allAsText();
    if (text === null) return;
    await navigator.clipboard.writeText(text).then(
      () => setNote(`${formatCountOf(rowsInAll, "row")} copied`),
      () => setNote("The clipboard is not available here"),
    );
  };
  const keyOf = (row: number): string => (has(row) ? String(functionOf(row)) : `row ${row}`);
  const shownRow = awaited >= 0 ? awaited : selectedRow;

  return (
    <section className="top" ref={panel} aria-label="Top functions" onCopy={onCopy}>
      <Grid
        label="Functions by weight"
        columns={columns}
        allAsText={allAsText}
        rows={rows}
        rowKey={keyOf}
        trades
        rowHeight={rowPx}
        selectedKey={shownRow < 0 ? null : keyOf(shownRow)}
        selectedIndex={shownRow}
        onRange={props.showRows}
        onSelect={pick}
        onActivate={(row) => {
          if (has(row)) props.activate(functionOf(row));
        }}
        onMenu={(row, x, y) => {
          if (has(row)) props.openMenu({ x, y }, row - firstRow);
        }}
        rowClass={(row) => (table.matched[row - firstRow] === 1 ? "function-matched" : "")}
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

/** Columns of the window, by rows of the whole table. */
function windowed(table: TopTable): readonly GridColumn<number>[] {
  const { firstRow, length } = table;
  return topColumns(table).map((column) => ({
    ...column,
    cell: (row) =>
      row >= firstRow && row < firstRow + length ? (
        column.cell(row - firstRow)
      ) : (
        <span className="muted">…</span>
      ),
  }));
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
    const scale = textScale();
    const [rowHeightPx, headHeightPx] = [Math.round(rowPx * scale), Math.round(headPx * scale)];
    const inView = (row: number) =>
      row * rowHeightPx >= view.scrollTop &&
      (row + 1) * rowHeightPx <= view.scrollTop + view.clientHeight - headHeightPx;
    if (!inView(last.row) || inView(selectedRow)) return;
    view.scrollTop += (selectedRow - last.row) * rowHeightPx;
  }, [panel, selectedRow, selectedFunction]);
}

function countText({ rowsInAll }: TopTable): string {
  return `${formatCount(rowsInAll)} ${rowsInAll === 1 ? "function" : "functions"}`;
}
