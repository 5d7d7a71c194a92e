import { formatBytes, formatCount } from "#core/base/numbers.ts";
import type { HeapClassRow, HeapObjectRow, HeapTable } from "#core/model/tables.ts";
import { type ProfileDocument, slotOf } from "../../app/store/document.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { plainName } from "../../widgets/function-text.ts";
import { Grid, type GridColumn } from "../../widgets/grid.tsx";
import { MemoryHeapDiff, SinceChoice } from "./memory-heap-diff.tsx";
import { changeMemory, memoryStateOf, snapshotKey } from "./memory-state.ts";

const bytes = <T,>(id: string, title: string, of: (row: T) => number): GridColumn<T> => ({
  id,
  title,
  track: "76px",
  align: "end",
  cell: (row) => formatBytes(of(row)),
});

const classColumns: readonly GridColumn<HeapClassRow>[] = [
  {
    id: "name",
    title: "Kind",
    track: "minmax(96px, 1fr)",
    cell: ({ name }) => <span className="truncate">{plainName(name)}</span>,
  },
  {
    id: "objects",
    title: "Objects",
    track: "72px",
    align: "end",
    cell: ({ objects }) => formatCount(objects),
  },
  bytes("self", "Own size", ({ selfBytes }) => selfBytes),
  bytes("retained", "Retained", ({ retainedBytes }) => retainedBytes),
];

const objectColumns: readonly GridColumn<HeapObjectRow>[] = [
  {
    id: "name",
    title: "Object",
    track: "minmax(140px, 1fr)",
    cell: ({ className, id, reference, isDetached }) => (
      <span className="truncate">
        {reference === "" ? "" : <span className="mono">{plainName(reference)} in </span>}
        {plainName(className)} <span className="muted">@{id}</span>
        {isDetached ? <span className="muted"> detached</span> : null}
      </span>
    ),
  },
  {
    id: "distance",
    title: "Distance",
    track: "72px",
    align: "end",
    fromPx: 420,
    cell: ({ distance }) => (distance < 0 ? "–" : formatCount(distance)),
  },
  bytes("retained", "Retained", ({ retainedBytes }) => retainedBytes),
];

/** The objects of a heap snapshot: by kind, the ones of a kind, and who holds one. */
export function MemoryObjects({ document }: { readonly document: ProfileDocument }) {
  const { store } = useApp();
  const { table } = slotOf(document, "heap");
  const { members, object, since } = memoryStateOf(document);
  const before = useAppState((state) => state.documents.find((each) => snapshotKey(each) === since));
  if (table === null) return <EmptyState busy title="Working out what retains what" />;
  const pickClass = ({ name }: HeapClassRow): void =>
    changeMemory(store, document.id, { members: name, object: -1 });
  const pickObject = ({ object: picked }: HeapObjectRow): void =>
    changeMemory(store, document.id, { object: picked });
  return (
    <div className="memory-objects">
      <section aria-label="Kinds of objects" className={before ? "wide" : ""}>
        <SinceChoice document={document} />
        {before ? (
          <MemoryHeapDiff document={document} before={before} filter={document.history.present.search} />
        ) : (
          <Grid
            label="Kinds of objects"
            columns={classColumns}
            rows={table.classes}
            rowKey={({ name }) => name}
            rowHeight={24}
            selectedKey={members}
            onSelect={pickClass}
            onActivate={pickClass}
            testId="memory-classes"
          />
        )}
      </section>
      <section className="memory-held" aria-label="Objects and who holds them">
        {members === null ? (
          <EmptyState icon="info" title="Choose a kind of object">
            Its objects are listed here by what they retain; of one of them, who holds it.
          </EmptyState>
        ) : (
          <>
            <Grid
              label={`Objects of the kind ${members}`}
              columns={objectColumns}
              rows={table.members}
              rowKey={(row) => String(row.object)}
              rowHeight={24}
              selectedKey={object < 0 ? null : String(object)}
              onSelect={pickObject}
              onActivate={pickObject}
              testId="memory-members"
            />
            {table.object === null ? null : <Retainers table={table} pick={pickObject} />}
          </>
        )}
      </section>
    </div>
  );
}

function Retainers({
  table,
  pick,
}: {
  readonly table: HeapTable;
  readonly pick: (row: HeapObjectRow) => void;
}) {
  return (
    <div className="memory-retainers">
      <h2>Shortest way from a root</h2>
      <ol className="memory-path">
        {table.path.toReversed().map((row) => (
          <li key={row.object} title={`${row.className} @${row.id}`}>
            {plainName(row.className)} <span className="muted mono">{plainName(row.reference)}</span>
          </li>
        ))}
      </ol>
      <Grid
        label="Who holds it"
        columns={objectColumns}
        rows={table.retainers}
        rowKey={(row) => `${row.object} ${row.reference}`}
        rowHeight={24}
        selectedKey={null}
        onSelect={pick}
        onActivate={pick}
        testId="memory-retainers"
      />
    </div>
  );
}
