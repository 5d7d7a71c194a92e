import { type Disposable, disposable } from "#core/base/disposable.ts";
import { type Problem, toProblem } from "#core/base/result.ts";
import type { Contract, ProfileState } from "#core/contract.ts";
import type { QueryInput } from "#core/model/query.ts";
import type { ViewTable } from "#core/model/tables.ts";
import type { Client } from "#core/rpc/client.ts";
import type { DocumentView } from "./document-view.ts";
import type { ProfileDocument } from "./store/document.ts";
import type { AppStore } from "./store/store.ts";
import { activeDocument } from "./store/workspace.ts";
import { frozenQuery, wantedQueries } from "./table-queries.ts";
import type { UpdatePace } from "./update-pace.ts";

/** What came for a slot of a document. */
interface Arrival {
  readonly documentId: string;
  readonly slot: string;
  readonly key: string;
  readonly table: ViewTable | null;
  readonly problem: Problem | null;
  readonly state: ProfileState | null;
}

/** A slot with what came. A table of another view is a fault of the engine and is not shown. */
function filled(
  tables: ProfileDocument["tables"],
  { slot, key, table, problem }: Arrival,
): ProfileDocument["tables"] {
  const fits = table !== null && table.view === slot.split("/")[0];
  return { ...tables, [slot]: { table: fits ? table : (tables[slot]?.table ?? null), problem, key } };
}

/**
 * Keeps the tables of the document on the screen up to date: one stream a visible view, none for what is hidden.
 * A paused display has no streams; what it newly needs it asks for once.
 */
export function watchTables(
  store: AppStore,
  client: Client<Contract>,
  views: readonly DocumentView[],
  pace: UpdatePace,
): Disposable {
  const open = new Map<string, { readonly id: string; readonly stop: Disposable }>();

  const take = (arrival: Arrival): Promise<void> => {
    const { documentId, slot, key, state } = arrival;
    const before = store.getState().documents.find(({ id }) => id === documentId)?.tables[slot];
    const isFirst = before === undefined || (before.table === null && before.problem === null);
    const show = (): void =>
      store.getState().patchDocument(documentId, (document) => ({
        tables: filled(document.tables, arrival),
        ...(state ? { profileState: state } : {}),
      }));
    if (arrival.table === null && arrival.problem === null) {
      // It says how far the reading is: what there is to see need not wait until that was drawn.
      void pace.add("count", show);
      return Promise.resolve();
    }
    return pace.add(isFirst ? "first" : before.key === key ? "update" : "awaited", show);
  };

  const stream = (document: ProfileDocument, slot: string, key: string, query: QueryInput): Disposable =>
    client.stream(
      "profile.watch",
      { profileId: document.profileId, query },
      {
        item: ({ table, problem, state }) =>
          take({ documentId: document.id, slot, key, table, problem, state }),
        problem: (problem) =>
          void take({ documentId: document.id, slot, key, table: null, problem, state: null }),
      },
    );

  const once = (document: ProfileDocument, slot: string, key: string, query: QueryInput): Disposable => {
    const abort = new AbortController();
    const bare = { documentId: document.id, slot, key, state: null };
    client.call("profile.query", { profileId: document.profileId, query }, { signal: abort.signal }).then(
      (table) => take({ ...bare, table, problem: null }),
      (error: unknown) => {
        if (!abort.signal.aborted) void take({ ...bare, table: null, problem: toProblem(error) });
      },
    );
    return disposable(() => abort.abort());
  };

  const update = (): void => {
    const state = store.getState();
    const document = state.connected ? activeDocument(state) : null;
    const wanted = document ? wantedQueries(document, views) : {};
    for (const slot of new Set([...open.keys(), ...Object.keys(wanted)])) {
      const query = wanted[slot];
      const key = query ? JSON.stringify(query) : "";
      const paused = document?.paused ?? null;
      const id = document && query ? `${document.profileId} ${paused ? "paused" : "live"} ${key}` : "";
      const running = open.get(slot);
      if (running?.id === id || (!running && id === "")) continue;
      running?.stop.dispose();
      open.delete(slot);
      if (!document || !query) continue;
      if (!paused) open.set(slot, { id, stop: stream(document, slot, key, query) });
      else if (document.tables[slot]?.key === key) open.set(slot, { id, stop: disposable(() => undefined) });
      else open.set(slot, { id, stop: once(document, slot, key, frozenQuery(query, paused.atNs)) });
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
