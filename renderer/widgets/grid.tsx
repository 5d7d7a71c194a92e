import {
  type KeyboardEvent,
  type MouseEvent,
  memo,
  type ReactNode,
  type Ref,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { GridMenu } from "./grid-menu.ts";
import { Icon } from "./icon.tsx";
import { tabbed, textOfNode, useTableText } from "./table-text.ts";
import { scaledTrack, textScale } from "./text-scale.ts";
import { useFixedRows } from "./use-fixed-rows.ts";
import { useWidth } from "./use-width.ts";
import "./grid.css";

export interface GridColumn<T> {
  readonly id: string;
  readonly title: string;
  /** What the heading says under the pointer, where its one word may be taken otherwise. */
  readonly hint?: string;
  /** A CSS grid track: "72px", "minmax(160px, 1fr)". */
  readonly track: string;
  readonly align?: "end";
  /** Left out where the grid is narrower than so many px. */
  readonly fromPx?: number;
  readonly sortable?: boolean;
  readonly cell: (row: T) => ReactNode;
}

export interface GridSort {
  readonly column: string;
  readonly descending: boolean;
}

/** Rows that open and close, as in a file tree. */
export interface GridTree<T> {
  /** From 1. */
  readonly level: (row: T) => number;
  /** null for a row that has nothing below it. */
  readonly isOpen: (row: T) => boolean | null;
  readonly setOpen: (row: T, open: boolean) => void;
  readonly parent: (row: T) => T | undefined;
}

interface GridProps<T> {
  readonly label: string;
  readonly columns: readonly GridColumn<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
  /** They take each other's places while they are watched: then elements stay, and only what they say changes. */
  readonly trades?: boolean;
  readonly selectedKey: string | null;
  /** Where the selected row is, of tables too long to look for it; -1 for none. */
  readonly selectedIndex?: number;
  /** The rows that are on the screen, when they have changed. */
  readonly onRange?: (first: number, last: number) => void;
  readonly onSelect: (row: T) => void;
  /** Enter or double click. */
  readonly onActivate: (row: T) => void;
  readonly sort?: GridSort;
  readonly onSort?: (column: string) => void;
  readonly rowHeight?: number;
  readonly rowClass?: (row: T) => string;
  readonly onDelete?: (row: T) => void;
  readonly onMenu?: (row: T, x: number, y: number) => void;
  /** Rows that were picked beside the selected one, and what picks: Space, and a click with Control or Command. */
  readonly picked?: ReadonlySet<string>;
  readonly onPick?: (row: T) => void;
  /** From the selected row to another one: a click with Shift, and Shift with an arrow key. */
  readonly onPickRange?: (rows: readonly T[]) => void;
  /** The whole table as text, where it is more or other than what its cells say. */
  readonly allAsText?: () => string | Promise<string | null>;
  /** Right opens a row or goes to its first child, Left closes it or goes to its parent. */
  readonly tree?: GridTree<T>;
  readonly gridRef?: Ref<HTMLDivElement>;
  readonly testId?: string;
}

/** As in the style sheet, for texts of the size that is the default. */
const HEAD_PX = 28;

const idOf = (base: string, key: string): string => `${base}-${key.replace(/[^\w-]/g, "_")}`;

/**
 * A long table of which only the visible rows are drawn. One tab stop: the arrow keys move the selection, which
 * assistive technology follows through aria-activedescendant.
 */
export function Grid<T>(props: GridProps<T>) {
  const { rows, rowKey, selectedKey, onPick, sort, label, tree } = props;
  const [scale] = useState(textScale);
  const rowHeight = Math.round((props.rowHeight ?? 28) * scale);
  const headHeight = Math.round(HEAD_PX * scale);
  const scroller = useRef<HTMLDivElement | null>(null);
  const [widthRef, widthPx] = useWidth();
  const [base] = useState(() => `grid-${label.toLowerCase().replace(/\W+/g, "-")}`);
  const columns = useMemo(
    () => props.columns.filter((column) => (column.fromPx ?? 0) * scale <= widthPx),
    [props.columns, widthPx, scale],
  );
  const template = columns.map((column) => scaledTrack(column.track, scale)).join(" ");
  const selectedIndex =
    props.selectedIndex ?? (selectedKey === null ? -1 : rows.findIndex((row) => rowKey(row) === selectedKey));

  const shown = useFixedRows({
    scroller,
    count: rows.length,
    rowHeightPx: rowHeight,
    headHeightPx: headHeight,
  });

  const lastShown = useRef<string | null>(null);
  useEffect(() => {
    if (selectedKey === lastShown.current) return;
    lastShown.current = selectedKey;
    if (selectedIndex >= 0) shown.scrollTo(selectedIndex);
  });

  const asText = (some: readonly T[]): string =>
    tabbed([
      props.columns.map(({ title }) => title),
      ...some.map((row) => props.columns.map(({ cell }) => textOfNode(cell(row)))),
    ]);
  useTableText(scroller, {
    selected: () => (selectedIndex < 0 ? "" : asText(rows.slice(selectedIndex, selectedIndex + 1))),
    all: props.allAsText ?? (() => asText(rows)),
  });

  const { onRange, gridRef } = props;
  // The same function for every drawing: a new one would be called again, and measure again, with each row scrolled.
  const attach = useCallback(
    (element: HTMLDivElement | null) => {
      widthRef(element);
      scroller.current = element;
      if (typeof gridRef === "function") gridRef(element);
      else if (gridRef) gridRef.current = element;
    },
    [widthRef, gridRef],
  );
  const { first, last } = shown;
  useEffect(() => onRange?.(first, last), [onRange, first, last]);

  const openRowMenu = useContext(GridMenu);
  const menuOf = (row: T, x: number, y: number): void => {
    if (props.onMenu) props.onMenu(row, x, y);
    else
      openRowMenu?.({
        at: { x, y },
        heading: label,
        activate: () => props.onActivate(row),
        rowAsText: asText([row]),
      });
  };

  const move = (index: number): void => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (row !== undefined) props.onSelect(row);
  };

  const { onPickRange } = props;
  /** The selected row stays: the next range begins there too. */
  const pickTo = (row: T): void => {
    const to = rows.indexOf(row);
    const from = selectedIndex < 0 ? to : selectedIndex;
    if (to >= 0) onPickRange?.(rows.slice(Math.min(from, to), Math.max(from, to) + 1));
  };
  const pickNext = (by: number): void => {
    const next = rows[selectedIndex + by];
    if (next === undefined) return;
    pickTo(next);
    props.onSelect(next);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2);
    const selected = rows[selectedIndex];
    const from = selectedIndex;
    const openMenuOfSelected = (): void => {
      if (selected === undefined) return;
      const box = event.currentTarget.getBoundingClientRect();
      const top = from * rowHeight - (scroller.current?.scrollTop ?? 0) + rowHeight * 2;
      menuOf(selected, box.left + 48, box.top + top);
    };
    const right = (row: T): void => {
      if (tree?.isOpen(row) === false) tree.setOpen(row, true);
      else if (tree?.isOpen(row) === true) move(from + 1);
    };
    const left = (row: T): void => {
      const parent = tree?.parent(row);
      if (tree?.isOpen(row) === true) tree.setOpen(row, false);
      else if (parent !== undefined) props.onSelect(parent);
    };
    const sideways: readonly (readonly [string, () => void])[] = tree
      ? [
          ["ArrowRight", () => selected !== undefined && right(selected)],
          ["ArrowLeft", () => selected !== undefined && left(selected)],
        ]
      : [];
    const keys = new Map<string, () => void>([
      ...sideways,
      ["ArrowDown", () => move(from + 1)],
      ["ArrowUp", () => move(from < 0 ? 0 : from - 1)],
      ["PageDown", () => move(from + page)],
      ["PageUp", () => move(from - page)],
      ["Home", () => move(0)],
      ["End", () => move(rows.length - 1)],
      ["Enter", () => selected !== undefined && props.onActivate(selected)],
      ["Delete", () => selected !== undefined && props.onDelete?.(selected)],
      ["ContextMenu", openMenuOfSelected],
      ...(onPick ? [[" ", () => selected !== undefined && onPick(selected)] as const] : []),
    ]);
    if (onPickRange && event.shiftKey) {
      keys.set("ArrowDown", () => pickNext(1));
      keys.set("ArrowUp", () => pickNext(-1));
    }
    const run = keys.get(event.key);
    if (!run) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  };

  const openMenu = (event: MouseEvent, row: T): void => {
    event.preventDefault();
    props.onSelect(row);
    menuOf(row, event.clientX, event.clientY);
  };

  // What rows call: the same object for every drawing, so that scrolling draws only the rows that come into view.
  const actions = {
    select: props.onSelect,
    activate: props.onActivate,
    pick: onPick ?? props.onSelect,
    pickTo: onPickRange ? pickTo : props.onSelect,
    openMenu,
  };
  const latest = useRef(actions);
  latest.current = actions;
  const act = useRef<RowActions<T>>({
    select: (row) => latest.current.select(row),
    activate: (row) => latest.current.activate(row),
    pick: (row) => latest.current.pick(row),
    pickTo: (row) => latest.current.pickTo(row),
    openMenu: (event, row) => latest.current.openMenu(event, row),
  });

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it is a grid or a treegrid
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: see above
    <div
      ref={attach}
      className="grid"
      role={tree ? "treegrid" : "grid"}
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      aria-activedescendant={selectedIndex >= 0 && selectedKey !== null ? idOf(base, selectedKey) : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      data-testid={props.testId}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: the grid is the tab stop */}
      <div
        className="grid-head"
        role="row"
        aria-rowindex={1}
        style={{ gridTemplateColumns: template, height: headHeight }}
      >
        {columns.map((column) => {
          const sorted = sort?.column === column.id;
          return (
            // biome-ignore lint/a11y/useSemanticElements: a virtual table cannot be a table element
            // biome-ignore lint/a11y/useFocusableInteractive: the button inside is
            <div
              key={column.id}
              role="columnheader"
              className={column.align === "end" ? "end" : ""}
              title={column.hint}
              aria-sort={sorted ? (sort.descending ? "descending" : "ascending") : undefined}
            >
              {column.sortable && props.onSort ? (
                <button type="button" onClick={() => props.onSort?.(column.id)}>
                  <span className="truncate">{column.title}</span>
                  {sorted ? <Icon name={sort.descending ? "down" : "up"} size={12} /> : null}
                </button>
              ) : (
                <span className="truncate">{column.title}</span>
              )}
            </div>
          );
        })}
      </div>
      <div className="grid-space" role="presentation" style={{ height: shown.heightPx }}>
        {rows.slice(first, last + 1).map((row, place) => {
          const key = rowKey(row);
          return (
            <GridRow
              key={props.trades ? first + place : key}
              row={row}
              index={first + place}
              id={idOf(base, key)}
              columns={columns}
              template={template}
              heightPx={rowHeight}
              isSelected={key === selectedKey}
              isPicked={props.picked?.has(key) === true}
              level={tree?.level(row)}
              isOpen={tree?.isOpen(row) ?? undefined}
              className={props.rowClass?.(row) ?? ""}
              act={act.current}
            />
          );
        })}
      </div>
    </div>
  );
}

interface RowActions<T> {
  readonly select: (row: T) => void;
  readonly activate: (row: T) => void;
  readonly pick: (row: T) => void;
  readonly pickTo: (row: T) => void;
  readonly openMenu: (event: MouseEvent, row: T) => void;
}

interface GridRowProps<T> {
  readonly row: T;
  readonly index: number;
  readonly id: string;
  readonly columns: readonly GridColumn<T>[];
  readonly template: string;
  readonly heightPx: number;
  readonly isSelected: boolean;
  readonly isPicked: boolean;
  readonly level: number | undefined;
  readonly isOpen: boolean | undefined;
  readonly className: string;
  readonly act: RowActions<T>;
}

function PlainRow<T>({ row, index, columns, act, ...props }: GridRowProps<T>) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a virtual table cannot be a table element
    // biome-ignore lint/a11y/useFocusableInteractive: the grid is the tab stop
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid listens to the keys
    <div
      id={props.id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={props.isSelected || props.isPicked}
      aria-level={props.level}
      aria-expanded={props.isOpen}
      className={`grid-row ${props.className}${props.isPicked ? " grid-picked" : ""}`}
      style={{
        gridTemplateColumns: props.template,
        height: props.heightPx,
        top: index * props.heightPx,
      }}
      onClick={(event) => {
        if (event.shiftKey) act.pickTo(row);
        else if (event.ctrlKey || event.metaKey) act.pick(row);
        else act.select(row);
      }}
      onDoubleClick={() => act.activate(row)}
      onContextMenu={(event) => act.openMenu(event, row)}
    >
      {columns.map((column) => (
        // biome-ignore lint/a11y/useSemanticElements: a virtual table cannot be a table element
        // biome-ignore lint/a11y/useFocusableInteractive: the grid is the tab stop
        <div key={column.id} role="gridcell" className={column.align === "end" ? "end" : ""}>
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
}

const GridRow = memo(PlainRow) as typeof PlainRow;
