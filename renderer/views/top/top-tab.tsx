import type { DocumentView } from "../../app/document-view.ts";
import { openFunctionMenu, subjectOfRow } from "../../app/function-menu.ts";
import { ViewFrame } from "../../app/layout/view-frame.tsx";
import { nameOfRow, type ProfileDocument, rowOfFunction, slotOf } from "../../app/store/document.ts";
import { useApp } from "../../app/use-app.ts";
import { TopView } from "./top-view.tsx";

export const topDocumentView: DocumentView = {
  id: "top",
  title: "Top",
  longTitle: "Top functions",
  search: "filter",
  weightSlot: "top",
  showsFunction: true,
  queries: ({ sort, descending }, selection) => ({
    top: {
      view: "top",
      selection: { ...selection, search: "" },
      sort,
      descending,
      filter: selection.search,
    },
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
        activate={(functionIndex) => {
          pick(functionIndex);
          patchDocument(id, { tab: "source" });
        }}
      />
    </ViewFrame>
  );
}
