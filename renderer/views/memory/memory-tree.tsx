import { useMemo } from "react";
import { formatBytes } from "#core/base/numbers.ts";
import type { TreeTable } from "#core/model/tables.ts";
import { openFunctionMenu, subjectOfRow } from "../../app/function-menu.ts";
import { nameOfRow, type ProfileDocument, slotOf } from "../../app/store/document.ts";
import { useApp } from "../../app/use-app.ts";
import { IconButton } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FunctionCell, ShareCell } from "../../widgets/function-cells.tsx";
import { placeOf } from "../../widgets/function-rows.ts";
import { Grid, type GridColumn, type GridTree } from "../../widgets/grid.tsx";
import { changeMemory, memoryStateOf } from "./memory-state.ts";

const INDENT_PX = 14;
/** Deeper levels are not moved in any more: names must stay readable. */
const MOST_INDENTED = 30;

/** Who allocated it, as calls from the top down: bytes of a call and of all that it called. */
export function MemoryTree({
  document,
  label,
}: {
  readonly document: ProfileDocument;
  readonly label: string;
}) {
  const app = useApp();
  const { id } = document;
  const { table } = slotOf(document, "tree/memory");
  const { node } = memoryStateOf(document);
  const rows = useMemo(() => Array.from({ length: table?.length ?? 0 }, (_, row) => row), [table?.length]);
  const tree = useMemo<GridTree<number> | null>(
    () =>
      table && {
        level: (row) => (table.depth[row] ?? 0) + 1,
        isOpen: (row) => (table.state[row] === 0 ? null : table.state[row] === 2),
        setOpen: (row, open) => changeMemory(app.store, id, opened(table, row, open)),
        parent: (row) => {
          const parent = table.parent[row] ?? -1;
          return parent < 0 ? undefined : parent;
        },
      },
    [app, id, table],
  );
  if (table === null || tree === null) return <EmptyState busy title="Preparing the tree" />;
  if (table.length === 0)
    return (
      <EmptyState icon="info" title="Nothing is there">
        In what is selected nothing was allocated that counts here.
      </EmptyState>
    );
  const select = (row: number): void => {
    changeMemory(app.store, id, { node: table.node[row] ?? -1 });
    app.actions.pick(id, table.function[row] ?? -1, -1, nameOfRow(table, row));
  };
  return (
    <Grid
      label={label}
      columns={columnsOf(table, tree)}
      rows={rows}
      rowKey={(row) => String(table.node[row])}
      rowHeight={24}
      selectedKey={table.node.includes(node) ? String(node) : null}
      onSelect={select}
      onActivate={(row) => tree.setOpen(row, table.state[row] !== 2)}
      onMenu={(row, x, y) => openFunctionMenu(app, document, { x, y }, subjectOfRow(table, row, false))}
      rowClass={(row) => (table.matched[row] === 1 ? "function-matched" : "")}
      tree={tree}
      testId="memory-tree"
    />
  );
}

/** What is open on the screen, the heaviest path included, is the person's own choice from now on. */
function opened(table: TreeTable, row: number, open: boolean) {
  const node = table.node[row] ?? -1;
  const shown = Array.from(table.node).filter((_, each) => table.state[each] === 2);
  return { node, follow: null, open: open ? [...shown, node] : shown.filter((each) => each !== node) };
}

function columnsOf(table: TreeTable, tree: GridTree<number>): readonly GridColumn<number>[] {
  const bytes = (id: string, title: string, values: Float64Array): GridColumn<number> => ({
    id,
    title,
    track: "84px",
    align: "end",
    cell: (row) => formatBytes(values[row] ?? 0),
  });
  return [
    {
      id: "name",
      title: "Calls",
      track: "minmax(200px, 1fr)",
      cell: (row) => {
        const isOpen = tree.isOpen(row);
        return (
          <span
            className="memory-tree-cell"
            style={{ paddingInlineStart: Math.min(table.depth[row] ?? 0, MOST_INDENTED) * INDENT_PX }}
          >
            {isOpen === null ? (
              <span className="memory-tree-leaf" />
            ) : (
              <IconButton
                label={isOpen ? "Close" : "Open"}
                icon={isOpen ? "down" : "right"}
                tabIndex={-1}
                onClick={() => tree.setOpen(row, !isOpen)}
              />
            )}
            <FunctionCell place={placeOf(table, row)} />
          </span>
        );
      },
    },
    {
      id: "share",
      title: "Share",
      track: "minmax(88px, 120px)",
      align: "end",
      fromPx: 560,
      cell: (row) => (
        <ShareCell
          value={table.value[row] ?? 0}
          whole={table.totalValue}
          sampleSize={table.sampleSize}
          kind="total"
        />
      ),
    },
    bytes("total", "Total", table.value),
    bytes("self", "Its own", table.self),
  ];
}
