import { useCallback } from "react";
import type { Selection } from "#core/model/query.ts";
import type { TopTable } from "#core/model/tables.ts";
import type { DocumentView } from "../../app/document-view.ts";
import { openFunctionMenu, subjectOfRow } from "../../app/function-menu.ts";
import { ViewFrame } from "../../app/layout/view-frame.tsx";
import {
  nameOfRow,
  type ProfileDocument,
  rowOfFunction,
  slotOf,
  viewStateOf,
} from "../../app/store/document.ts";
import { useApp } from "../../app/use-app.ts";
import { sortWords } from "../../app/view-words.ts";
import { TopView } from "./top-view.tsx";
import { windowAround, windowRows } from "./top-window.ts";

interface TopState {
  readonly offset: number;
}
const viewId = "top";
const stateOf = (document: ProfileDocument): TopState => viewStateOf(document, viewId, { offset: 0 });

const topQuery = ({ sort, descending }: ProfileDocument, selection: Selection) =>
  ({
    view: "top",
    selection: { ...selection, search: "" },
    sort,
    descending,
    filter: selection.search,
  }) as const;

export const topDocumentView: DocumentView = {
  id: viewId,
  title: "Top",
  longTitle: "Top functions",
  search: "filter",
  weightSlot: "top",
  showsFunction: true,
  words: sortWords(
    ["self", "total", "name"],
    "self",
    (document) => document,
    (_, sort, descending) => ({ sort, descending }),
  ),
  queries: (document, selection) => ({
    top: { ...topQuery(document, selection), limit: windowRows, offset: stateOf(document).offset },
  }),
  Component: TopTab,
};

function TopTab({ document }: { readonly document: ProfileDocument }) {
  const app = useApp();
  const { id, history, sort, descending } = document;
  const { table, problem } = slotOf(document, "top");
  const { patchDocument } = app.store.getState();
  const { search } = history.present;
  const pick = (functionIndex: number): void => {
    const row = table ? rowOfFunction(table, functionIndex) : -1;
    if (table && row >= 0) app.actions.pick(id, functionIndex, -1, nameOfRow(table, row));
  };
  const rowsInAll = table?.rowsInAll ?? 0;
  const showRows = useCallback(
    (first: number, last: number) =>
      patchDocument(id, (now) => {
        const { offset } = stateOf(now);
        const next = windowAround(first, last, offset, rowsInAll);
        return next === offset ? {} : { viewState: { ...now.viewState, [viewId]: { offset: next } } };
      }),
    [id, patchDocument, rowsInAll],
  );
  const wholeTable = async (): Promise<TopTable | null> => {
    const query = { ...topQuery(document, history.present), limit: rowsInAll };
    const whole = await app.client.call("profile.query", { profileId: document.profileId, query });
    return whole.view === "top" ? whole : null;
  };
  return (
    <ViewFrame
      document={document}
      problem={problem}
      samples={search === "" ? (table?.totalSamples ?? null) : null}
    >
      <TopView
        table={table}
        selectedFunction={document.selectedFunction}
        select={pick}
        sort={sort}
        descending={descending}
        onSort={(column) =>
          patchDocument(id, {
            sort: column,
            descending: column === sort ? !descending : column !== "name",
          })
        }
        filter={search}
        openMenu={(position, row) =>
          table && openFunctionMenu(app, document, position, subjectOfRow(table, row))
        }
        showRows={showRows}
        wholeTable={wholeTable}
        activate={(functionIndex) => {
          pick(functionIndex);
          patchDocument(id, { tab: "source" });
        }}
      />
    </ViewFrame>
  );
}
