import { useCallback } from "react";
import type { QueryInput } from "#core/model/query.ts";
import { isInverted } from "#core/model/transform.ts";
import type { DocumentView } from "../../app/document-view.ts";
import { openFunctionMenu, pathOfRow, subjectOfRow } from "../../app/function-menu.ts";
import { ViewFrame } from "../../app/layout/view-frame.tsx";
import {
  isRecording,
  nameOfRow,
  type ProfileDocument,
  rowOfFunction,
  slotOf,
  viewStateOf,
} from "../../app/store/document.ts";
import { themeOf } from "../../app/store/settings.ts";
import { activeDocument } from "../../app/store/workspace.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { fieldWords } from "../../app/view-words.ts";
import { Button, IconButton } from "../../widgets/button.tsx";
import { type FlameShape, FlameView } from "../../widgets/flame/flame-view.tsx";

/** A frame thinner than this is merged: it could not be seen or hit. */
const NARROWEST_PX = 0.75;
/** The whole width is asked for in steps, so that a drag of the window edge does not ask for every pixel. */
const WIDTH_STEP_PX = 32;

/** Ten times a second; and at rest, where stacks of thousands of frames are to be scrolled through. */
const LIVE_ROWS = 2_000;
const MOST_ROWS = 12_000;
/** Of the map, in pixels of its columns on a screen with small ones. */
const MAP_PX = 200;

const isGrowing = (document: ProfileDocument): boolean =>
  isRecording(document) || document.profileState?.phase === "importing";

interface FlameState extends FlameShape {
  readonly order: "name" | "weight";
}
const initial: FlameState = { order: "name", rootOnTop: true, wantsMap: true };
const viewId = "flame";
const stateOf = (document: ProfileDocument): FlameState => viewStateOf(document, viewId, initial);
const patched = (document: ProfileDocument, part: Partial<FlameState>): Partial<ProfileDocument> => ({
  viewState: { ...document.viewState, [viewId]: { ...stateOf(document), ...part } },
});
const turned = (document: ProfileDocument): Partial<ProfileDocument> => {
  const order = stateOf(document).order === "name" ? "weight" : "name";
  return patched(document, { order });
};

const words = fieldWords(stateOf, initial, patched);
const ofDocument = fieldWords<Pick<ProfileDocument, "inverted" | "zoomRoot">>(
  (document) => document,
  { inverted: false, zoomRoot: -1 },
  (_, part) => part,
);

export const flameDocumentView: DocumentView = {
  id: viewId,
  title: "Flame",
  longTitle: "Flame graph",
  search: "search",
  words: [
    ofDocument.turned("flip", "inverted"),
    ofDocument.number("zoom", "zoomRoot"),
    words.choice("order", "order", ["name", "weight"]),
    words.turned("no-map", "wantsMap"),
    words.word(
      "root",
      "rootOnTop",
      () => ["bottom"],
      ([place]) => (place === "top" ? true : place === "bottom" ? false : null),
    ),
  ],
  weightSlot: "flame",
  showsFunction: true,
  queries: (document, selection): Readonly<Record<string, QueryInput>> => {
    const { flameWidthPx, zoomRoot, inverted } = document;
    if (flameWidthPx <= 0) return {};
    const { order } = stateOf(document);
    const all = { view: "flame", selection, inverted, order } as const;
    const flame = {
      ...all,
      widthPx: Math.ceil(flameWidthPx / WIDTH_STEP_PX) * WIDTH_STEP_PX,
      minPx: NARROWEST_PX,
      // The first picture is the small one, and what it was asked for stays the same while the file becomes ready.
      maxRows: isGrowing(document) || slotOf(document, "flame").table === null ? LIVE_ROWS : MOST_ROWS,
      root: zoomRoot,
    };
    if (zoomRoot === -1) return { flame };
    // Beside what is zoomed into, all of it in small.
    return { flame, "flame/overview": { ...all, widthPx: MAP_PX, minPx: 1, maxRows: LIVE_ROWS } };
  },
  Component: FlameTab,
  Tools: FlameTools,
  commands: ({ store }) => [
    {
      id: "invert-flame",
      title: "Flip the flame graph: callers or callees first",
      group: "Profile",
      keys: ["I"],
      when: () => true,
      run: () => {
        const { patchDocument } = store.getState();
        const document = activeDocument(store.getState());
        if (document) patchDocument(document.id, flipped(document));
      },
    },
    {
      id: "order-flame",
      title: "Flame graph: heaviest first or by name",
      group: "Profile",
      keys: ["W"],
      when: () => true,
      run: () => {
        const { patchDocument } = store.getState();
        const document = activeDocument(store.getState());
        if (document) patchDocument(document.id, turned(document));
      },
    },
  ],
};

const flipped = ({ inverted }: ProfileDocument): Partial<ProfileDocument> => ({
  inverted: !inverted,
  zoomRoot: -1,
  selectedNode: -1,
});

/**
 * Call nodes are numbered in the tree that filters leave: while the picture of the filters before is still on the screen, a frame
 * of it is none of theirs.
 */
function isOfNow({ tables, history: { present }, inverted }: ProfileDocument): boolean {
  const key = tables.flame?.key ?? "";
  if (key === "") return true;
  const shown: { readonly selection?: Partial<typeof present>; readonly inverted?: boolean } =
    JSON.parse(key);
  const isSame = (part: "series" | "transforms"): boolean =>
    JSON.stringify(shown.selection?.[part]) === JSON.stringify(present[part]);
  return shown.inverted === inverted && isSame("series") && isSame("transforms");
}

function FlameTab({ document }: { readonly document: ProfileDocument }) {
  const app = useApp();
  const theme = useAppState(themeOf);
  const { id, paused } = document;
  const inverted = isInverted(document.inverted, document.history.present.transforms);
  const { table, problem } = slotOf(document, "flame");
  const { patchDocument } = app.store.getState();
  const widthChanged = useCallback(
    (flameWidthPx: number) => patchDocument(id, { flameWidthPx }),
    [id, patchDocument],
  );
  const zoom = useCallback(
    (zoomRoot: number) => patchDocument(id, (now) => (zoomRoot === -1 || isOfNow(now) ? { zoomRoot } : {})),
    [id, patchDocument],
  );
  const select = useCallback(
    (functionIndex: number, node: number) => {
      const row = table ? rowOfFunction(table, functionIndex) : -1;
      if (functionIndex < 0 || !table || row < 0) app.actions.unpick(id);
      else {
        const at = table.node.subarray(0, table.length).indexOf(node);
        const path = at < 0 ? null : pathOfRow(table, at, inverted);
        app.actions.pick(id, functionIndex, node, nameOfRow(table, row), path);
      }
    },
    [app, id, table, inverted],
  );
  return (
    <ViewFrame document={document} problem={problem} samples={table?.totalSamples ?? null}>
      <FlameView
        table={table}
        selectedFunction={document.selectedFunction}
        live={isRecording(document) && !paused}
        widthChanged={widthChanged}
        zoomRoot={document.zoomRoot}
        zoom={zoom}
        select={select}
        openMenu={(position, row) => {
          if (!table) return;
          const subject = subjectOfRow(table, row, inverted);
          openFunctionMenu(app, document, position, subject, [
            {
              id: "zoom",
              title: "Zoom in here",
              icon: "search",
              run: () => zoom(subject.node),
            },
          ]);
        }}
        inverted={document.inverted}
        overview={document.zoomRoot === -1 ? null : slotOf(document, "flame/overview").table}
        shape={stateOf(document)}
        reshape={({ rootOnTop, wantsMap }) =>
          patchDocument(id, (now) => patched(now, { rootOnTop, wantsMap }))
        }
        tools={<OrderButton document={document} />}
        theme={theme}
      />
    </ViewFrame>
  );
}

/** What the button does next is its tip; what is shown is its text, as with the root. */
function OrderButton({ document }: { readonly document: ProfileDocument }) {
  const { store } = useApp();
  const isByName = stateOf(document).order === "name";
  return (
    <Button
      look="quiet"
      small
      onClick={() => store.getState().patchDocument(document.id, turned(document))}
      title={
        isByName
          ? "Put the heaviest callees first (W)"
          : "Put callees in the order of their names, which holds still as a recording grows (W)"
      }
    >
      {isByName ? "By name" : "Heaviest first"}
    </Button>
  );
}

function FlameTools({ document }: { readonly document: ProfileDocument }) {
  const { store } = useApp();
  return (
    <IconButton
      label={
        document.inverted ? "Show from the callers down" : "Invert: show who calls the busiest functions"
      }
      hint="I"
      icon="callers"
      aria-pressed={document.inverted}
      onClick={() => store.getState().patchDocument(document.id, flipped(document))}
    />
  );
}
