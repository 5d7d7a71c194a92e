import { graphLayout, type LayoutRequest } from "#core/model/graph-layout.ts";

/** Lays out a call graph away from the page's own thread. */
self.addEventListener("message", ({ data }: MessageEvent<LayoutRequest>) =>
  self.postMessage(graphLayout(data)),
);
