import * as v from "valibot";
import type { Profile } from "../model/profile.ts";
import { type Query, type QueryInput, querySchema, type Selection } from "../model/query.ts";
import type { TableOf, ViewTable } from "../model/tables.ts";
import type { WeighedTree } from "../model/weighed-tree.ts";
import { advice } from "./advice.ts";
import { butterfly } from "./butterfly.ts";
import { chart } from "./chart.ts";
import { filters } from "./filters.ts";
import { flame } from "./flame.ts";
import { graph } from "./graph.ts";
import { heap } from "./heap.ts";
import { heatmap } from "./heatmap.ts";
import { info } from "./info.ts";
import { io } from "./io.ts";
import { locks } from "./locks.ts";
import { memory } from "./memory.ts";
import { source } from "./source.ts";
import { allSteps, type Steps } from "./steps.ts";
import { timeline } from "./timeline.ts";
import { top } from "./top.ts";
import { tree } from "./tree.ts";
import { Weigher } from "./weigh.ts";
import { weighedTree } from "./weighed-tree.ts";

export interface Analyst {
  /**
   * The table a query asks for. The profile may be a later snapshot of the one that was asked about before: only
   * what is new is worked through. Throws the problems "bad-pattern" and "no-such-series".
   */
  answer<Q extends QueryInput>(profile: Profile, query: Q): TableOf<Q["view"]>;
  /**
   * The same in steps, between which other questions may be asked: what takes long of a large profile gives way. It may be
   * left at any step.
   */
  steps(profile: Profile, query: QueryInput): Steps<ViewTable>;
  /** What a comparison takes of it. */
  weighedTree(profile: Profile, selection: Selection): WeighedTree;
}

/** One analyst a profile. */
export function createAnalyst(): Analyst {
  const weigher = new Weigher();
  return {
    answer: <Q extends QueryInput>(profile: Profile, query: Q) =>
      allSteps(view(weigher, profile, v.parse(querySchema, query))) as TableOf<Q["view"]>,
    steps: (profile, query) => view(weigher, profile, v.parse(querySchema, query)),
    weighedTree: (profile, selection) => weighedTree(weigher, profile, selection),
  };
}

/** One line a view. */
function* view(weigher: Weigher, profile: Profile, query: Query): Steps<ViewTable> {
  switch (query.view) {
    case "flame":
      return flame(weigher, profile, query);
    case "top":
      return top(weigher, profile, query);
    case "butterfly":
      return butterfly(weigher, profile, query);
    case "chart":
      return yield* chart(weigher, profile, query);
    case "tree":
      return tree(weigher, profile, query);
    case "heatmap":
      return heatmap(weigher, profile, query);
    case "timeline":
      return timeline(weigher, profile, query);
    case "advice":
      return yield* advice(profile, query);
    case "filters":
      return filters(weigher, profile);
    case "graph":
      return graph(weigher, profile, query);
    case "source":
      return source(weigher, profile, query);
    case "info":
      return info(profile);
    case "io":
      return io(weigher, profile, query);
    case "locks":
      return locks(weigher, profile, query);
    case "heap":
      return heap(profile, query);
    case "memory":
      return memory(weigher, profile, query);
  }
}
