import { useEffect, useState } from "react";
import { formatBytes, formatCount } from "#core/base/numbers.ts";
import { type Problem, toProblem } from "#core/base/result.ts";
import type { HeapDiffRow, HeapDiffTable } from "#core/model/tables.ts";
import type { ProfileDocument } from "../../app/store/document.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { plainName } from "../../widgets/function-text.ts";
import { Grid, type GridColumn } from "../../widgets/grid.tsx";
import { ProblemBox } from "../../widgets/status.tsx";
import { signedBytes } from "./memory-sites.tsx";
import {
  changeColumns,
  changeMemory,
  hasObjects,
  isPath,
  memoryStateOf,
  snapshotKey,
} from "./memory-state.ts";

/** Of a profile that was not looked at yet nothing is known: it is offered, and says so if it is no snapshot. */
const mayHaveObjects = (document: ProfileDocument): boolean =>
  document.profileId !== "" &&
  document.recording === null &&
  (document.tables.info === undefined || hasObjects(document));

/** Which snapshot came before this one. */
export function SinceChoice({ document }: { readonly document: ProfileDocument }) {
  const { store, actions } = useApp();
  const documents = useAppState((state) => state.documents);
  const { since } = memoryStateOf(document);
  const others = documents.filter((each) => each.id !== document.id && mayHaveObjects(each));
  const isOpen = others.some((each) => snapshotKey(each) === since);
  // A view that was given in words may name a file that is not open.
  if (!isOpen && isPath(since))
    return (
      <p className="memory-since">
        <span className="muted truncate" title={since}>
          Changes since {since.slice(since.lastIndexOf("/") + 1)}, which is not open
        </span>
        <Button small onClick={() => void actions.openPath(since)}>
          Open it
        </Button>
        <Button small look="quiet" onClick={() => changeMemory(store, document.id, { since: "" })}>
          Leave it
        </Button>
      </p>
    );
  return (
    <label className="memory-since">
      <span className="muted">Changes since</span>
      <select
        className="input"
        value={isOpen ? since : ""}
        onChange={({ target }) => changeMemory(store, document.id, { since: target.value })}
      >
        <option value="">{others.length === 0 ? "open an earlier snapshot first" : "nothing"}</option>
        {others.map((each) => (
          <option key={each.id} value={snapshotKey(each)}>
            {each.title}
          </option>
        ))}
      </select>
    </label>
  );
}

interface Answer {
  readonly key: string;
  readonly table: HeapDiffTable | null;
  readonly problem: Problem | null;
}

const number = (
  id: string,
  title: string,
  track: string,
  fromPx: number,
  cell: (row: HeapDiffRow) => string,
): GridColumn<HeapDiffRow> => ({ id, title, track, align: "end", fromPx, sortable: true, cell });

const columns: readonly GridColumn<HeapDiffRow>[] = [
  {
    id: "name",
    title: "Kind",
    track: "minmax(120px, 1fr)",
    sortable: true,
    cell: ({ name }) => <span className="truncate">{plainName(name)}</span>,
  },
  number("delta", "Change", "92px", 0, ({ deltaBytes }) => signedBytes(deltaBytes)),
  number("new", "New", "72px", 0, ({ newObjects }) => formatCount(newObjects)),
  number("newBytes", "New size", "84px", 0, ({ newBytes }) => formatBytes(newBytes)),
  number("gone", "Gone", "72px", 620, ({ goneObjects }) => formatCount(goneObjects)),
  number("goneBytes", "Gone size", "84px", 720, ({ goneBytes }) => formatBytes(goneBytes)),
  number("grown", "Grown", "84px", 820, ({ grownBytes }) => signedBytes(grownBytes)),
  number("after", "Objects now", "92px", 940, ({ objectsAfter }) => formatCount(objectsAfter)),
];

const measures: Readonly<Record<string, (row: HeapDiffRow) => number>> = {
  delta: ({ deltaBytes }) => deltaBytes,
  new: ({ newObjects }) => newObjects,
  newBytes: ({ newBytes }) => newBytes,
  gone: ({ goneObjects }) => goneObjects,
  goneBytes: ({ goneBytes }) => goneBytes,
  grown: ({ grownBytes }) => grownBytes,
  after: ({ objectsAfter }) => objectsAfter,
};

/** What came, what went and what grew between two heap snapshots, by kind of object. */
export function MemoryHeapDiff({
  document,
  before,
  filter,
}: {
  readonly document: ProfileDocument;
  readonly before: ProfileDocument;
  readonly filter: string;
}) {
  const { client, store } = useApp();
  const [answer, setAnswer] = useState<Answer>({ key: "", table: null, problem: null });
  const { members, changes: sort } = memoryStateOf(document);
  const key = JSON.stringify([before.profileId, document.profileId, filter]);
  useEffect(() => {
    let isAsked = true;
    const [from = "", to = "", pattern = ""]: string[] = JSON.parse(key);
    client.call("heap.diff", { before: from, after: to, filter: pattern }).then(
      (table) => isAsked && setAnswer({ key, table, problem: null }),
      (error: unknown) => isAsked && setAnswer({ key, table: null, problem: toProblem(error) }),
    );
    return () => {
      isAsked = false;
    };
  }, [client, key]);
  if (answer.problem !== null && answer.key === key) return <ProblemBox problem={answer.problem} />;
  const { table } = answer;
  if (table === null) return <EmptyState busy title="Looking for what came and what went" />;
  const measure = measures[sort.column];
  const sign = sort.descending ? -1 : 1;
  const changed = table.rows.filter(
    ({ newObjects, goneObjects, grownBytes }) => newObjects + goneObjects > 0 || grownBytes !== 0,
  );
  const rows = changed.sort((a, b) =>
    measure === undefined ? sign * a.name.localeCompare(b.name) : sign * (measure(a) - measure(b)),
  );
  return (
    <>
      <p className="memory-diff-words">
        {signedBytes(table.afterBytes - table.beforeBytes)}: {formatBytes(table.beforeBytes)} in{" "}
        {before.title}, {formatBytes(table.afterBytes)} here.
        {table.isOneRun
          ? ""
          : " No object is in both: they are of different runs, of which only the sums can be compared."}{" "}
        {formatCount(rows.length)} of {formatCount(table.rowsInAll)} kinds have changed.
      </p>
      <Grid
        label={`Changes since ${before.title}`}
        columns={columns}
        rows={rows}
        rowKey={({ name }) => name}
        rowHeight={24}
        selectedKey={members}
        onSelect={({ name }) => changeMemory(store, document.id, { members: name, object: -1 })}
        onActivate={({ name }) => changeMemory(store, document.id, { members: name, object: -1 })}
        sort={sort}
        onSort={(asked) => {
          const column = changeColumns.find((each) => each === asked);
          if (column)
            changeMemory(store, document.id, {
              changes: {
                column,
                descending: column === sort.column ? !sort.descending : column !== "name",
              },
            });
        }}
        testId="memory-heap-diff"
      />
    </>
  );
}
