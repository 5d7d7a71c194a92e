import * as v from "valibot";
import {
  type CompareQueryInput,
  type CompareTable,
  type CompareTableOf,
  compareQuerySchema,
} from "../../model/compare.ts";
import { flame } from "./flame.ts";
import { functions } from "./functions.ts";
import type { JoinedTree } from "./joined-tree.ts";
import { oneFunction } from "./one-function.ts";
import { summary } from "./summary.ts";

/** The table that a question about a comparison asks for. Throws "bad-pattern" and "no-such-function". */
export function compared<Q extends CompareQueryInput>(
  joined: JoinedTree,
  input: Q,
): CompareTableOf<Q["view"]> {
  const query = v.parse(compareQuerySchema, input);
  const answer = (): CompareTable => {
    switch (query.view) {
      case "summary":
        return summary(joined);
      case "functions":
        return functions(joined, query);
      case "flame":
        return flame(joined, query);
      case "function":
        return oneFunction(joined, query.name, query.limit);
    }
  };
  return answer() as CompareTableOf<Q["view"]>;
}
