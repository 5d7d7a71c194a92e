import type { DocumentView } from "../app/document-view.ts";
import { chartDocumentView } from "./chart/chart-view.tsx";
import { flameDocumentView } from "./flame/flame-tab.tsx";
import { graphDocumentView } from "./graph/graph-view.tsx";
import { heatmapDocumentView } from "./heatmap/heatmap-view.tsx";
import { infoDocumentView } from "./info/info-view.tsx";
import { ioDocumentView } from "./io/io-view.tsx";
import { locksDocumentView } from "./locks/locks-view.tsx";
import { logDocumentView } from "./log/log-view.tsx";
import { memoryDocumentView } from "./memory/memory-view.tsx";
import { sandwichDocumentView } from "./sandwich/sandwich-view.tsx";
import { sourceDocumentView } from "./source/source-view.tsx";
import { topDocumentView } from "./top/top-tab.tsx";
import { treeDocumentView } from "./tree/tree-view.tsx";

/** Every way to look at a profile, one line each, in the order of the tabs. */
export const documentViews: readonly DocumentView[] = [
  flameDocumentView,
  topDocumentView,
  treeDocumentView,
  sandwichDocumentView,
  chartDocumentView,
  heatmapDocumentView,
  graphDocumentView,
  sourceDocumentView,
  memoryDocumentView,
  locksDocumentView,
  ioDocumentView,
  logDocumentView,
  infoDocumentView,
];
