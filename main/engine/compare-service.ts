import { comparedCollapsed } from "#core/analysis/compare/collapsed.ts";
import { compared } from "#core/analysis/compare/index.ts";
import { JoinedTree } from "#core/analysis/compare/joined-tree.ts";
import { TurnedRuns } from "#core/analysis/compare/turned-runs.ts";
import type { Disposable } from "#core/base/disposable.ts";
import { throwProblem } from "#core/base/result.ts";
import { comparisonExporterWith } from "#core/exporters/comparison/index.ts";
import { chooseLook } from "#core/model/look.ts";
import type { WeighedTree } from "#core/model/weighed-tree.ts";
import { decode } from "#core/rpc/codec.ts";
import type { Port } from "#core/rpc/port.ts";
import { type Handlers, serve } from "#core/rpc/server.ts";
import { type CompareContract, compareContract } from "./compare-contract.ts";

/** Comparisons that are kept for the next question, the newest last. */
const KEEP_JOINED = 4;

/** What the thread of comparisons does: trees of profiles come in, one after the other; tables of both sides go out. */
export function serveComparisons(port: Port): Disposable {
  const growing = new Map<string, JoinedTree | TurnedRuns>();
  const joined = new Map<string, JoinedTree>();

  const found = (key: string): JoinedTree | null => {
    const known = joined.get(key);
    if (!known) return null;
    joined.delete(key);
    joined.set(key, known);
    return known;
  };
  const underWay = (key: string): JoinedTree | TurnedRuns =>
    growing.get(key) ??
    throwProblem("not-joined", "The comparison is not there any more.", "Ask for it again.");

  const handlers: Handlers<CompareContract> = {
    calls: {
      begin: ({ key, by, confidence, turned }) => {
        growing.set(key, turned ? new TurnedRuns(by, confidence) : new JoinedTree(by, confidence));
        return null;
      },
      add: ({ key, side, tree, ...about }) => {
        // Written by a profile's thread of this same build.
        underWay(key).add(side, decode(tree) as WeighedTree, about);
        return null;
      },
      finish: ({ key }) => {
        const runs = underWay(key);
        joined.set(key, runs instanceof TurnedRuns ? runs.finish() : runs);
        growing.delete(key);
        for (const oldest of joined.keys()) {
          if (joined.size <= KEEP_JOINED) break;
          joined.delete(oldest);
        }
        return null;
      },
      drop: ({ key }) => {
        growing.delete(key);
        return null;
      },
      look: (look) => {
        chooseLook(look);
        return null;
      },
      answer: ({ key, query }) => {
        const known = found(key);
        return known && { table: compared(known, query) };
      },
    },
    streams: {
      export: async ({ key, turnedKey, turned, exporter, title, notes, panels }, sink) => {
        const known = found(key);
        const upsideDown = turnedKey === null ? known : found(turnedKey);
        if (!known || !upsideDown)
          return throwProblem("not-joined", "The comparison is not there any more.", "Ask for it again.");
        const chunks = comparisonExporterWith(exporter).write({
          answer: (query) =>
            compared(
              query.view === "flame" && (query.inverted === true) !== turned ? upsideDown : known,
              query,
            ),
          collapsed: () => comparedCollapsed(turned ? upsideDown : known),
          title,
          notes,
          panels,
        });
        for (const chunk of chunks) {
          if (sink.signal.aborted) return;
          await sink.send(chunk);
        }
      },
    },
  };
  return serve(port, compareContract, handlers);
}
