import { toProblem } from "#core/base/result.ts";
import type { Recipe } from "#core/contract.ts";
import type { ListedTarget, RecordRequestInput } from "#core/model/recording.ts";
import { parseDuration } from "../store/targets.ts";
import type { ActionContext } from "./context.ts";

export interface TargetActions {
  /** Asks what could record the process and what stands in the way. */
  loadRecipes(pid: number): Promise<void>;
  /** What would be recorded, with the options as they are set; a text where the duration is not one. */
  requestFor(target: ListedTarget, profiler: string): RecordRequestInput | string;
}

/** The one to offer first: recommended by the engine and to be had. */
export const bestRecipe = (recipes: readonly Recipe[]): Recipe | null =>
  recipes.find((recipe) => recipe.recommended && !recipe.problem) ??
  recipes.find((recipe) => !recipe.problem) ??
  recipes[0] ??
  null;

export function targetActions({ store, client }: ActionContext): TargetActions {
  return {
    loadRecipes: async (pid) => {
      const { setRecipes } = store.getState();
      setRecipes(pid, { phase: "loading", recipes: [], problem: null });
      try {
        const target = { kind: "pid", pid } as const;
        const [recipes, facts] = await Promise.all([
          client.call("targets.recipes", { target }),
          client.call("targets.facts", { target }),
        ]);
        setRecipes(pid, { phase: "ready", recipes, problem: null, facts });
      } catch (error) {
        setRecipes(pid, { phase: "failed", recipes: [], problem: toProblem(error) });
      }
    },
    requestFor: (target, profiler) => {
      const { optionsOf, durationText } = store.getState();
      const durationS = parseDuration(durationText);
      if (typeof durationS === "string") return durationS;
      return {
        profiler,
        target: { kind: "pid", pid: target.pid },
        options: { ...optionsOf[profiler] },
        durationS,
      };
    },
  };
}
