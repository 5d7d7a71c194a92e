import { useEffect, useMemo, useRef, useState } from "react";
import { type GraphLayout, layoutRequest, shortName } from "#core/model/graph-layout.ts";
import type { GraphTable } from "#core/model/tables.ts";
import { plainName } from "../../widgets/function-text.ts";
import { shapeOf } from "./graph-layout.ts";

export interface LaidOut {
  /** The table that the layout is of; it stays while a newer one is being laid out. */
  readonly table: GraphTable;
  readonly layout: GraphLayout;
}

/** The graph as the worker laid it out. Costs that change within the same shape need no new layout. */
export function useLayout(table: GraphTable | null): {
  readonly laidOut: LaidOut | null;
  readonly failed: boolean;
} {
  const [laidOut, setLaidOut] = useState<(LaidOut & { readonly shape: string }) | null>(null);
  const [failed, setFailed] = useState(false);
  const worker = useRef<Worker | null>(null);
  const newest = useRef(0);
  const shape = useMemo(() => (table ? shapeOf(table) : ""), [table]);
  useEffect(() => {
    const own = new Worker(new URL("./layout-worker.ts", import.meta.url), { type: "module" });
    worker.current = own;
    return () => {
      own.terminate();
      worker.current = null;
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the shape says whether another layout is needed
  useEffect(() => {
    const own = worker.current;
    if (!own || !table || table.length === 0) return;
    const id = ++newest.current;
    const take = ({ data }: MessageEvent<GraphLayout>): void => {
      if (data.id !== id) return;
      setLaidOut({ table, layout: data, shape });
      setFailed(false);
    };
    const fail = (): void => setFailed(true);
    own.addEventListener("message", take);
    own.addEventListener("error", fail);
    own.postMessage(layoutRequest(table, id, (row) => shownName(table, row)));
    return () => {
      own.removeEventListener("message", take);
      own.removeEventListener("error", fail);
    };
  }, [shape]);
  // The same shape with other costs is drawn at once.
  return { laidOut: laidOut && table && laidOut.shape === shape ? { ...laidOut, table } : laidOut, failed };
}

export const shownName = ({ strings, name }: GraphTable, row: number): string =>
  shortName(plainName(strings[name[row] ?? -1] ?? ""));
