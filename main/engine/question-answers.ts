import type { Recipe, RecipeAnswer } from "#core/contract.ts";
import { findProfiler } from "#core/profilers/index.ts";
import { type Check, type Question, questions } from "#core/profilers/profiler.ts";

interface Asked {
  readonly question: Question;
  readonly recipe: Recipe;
}

/**
 * Which way answers each question, and what it costs: the best that works and does not slow the target down, as
 * `record --profiler QUESTION` chooses. Recipes come best first.
 */
export function answersOf(recipes: readonly Recipe[]): ReadonlyMap<string, readonly RecipeAnswer[]> {
  const answers = new Map<string, RecipeAnswer[]>();
  for (const question of questions) {
    const able = recipes.filter((recipe) => optionsFor({ question, recipe }) !== undefined);
    const working = able.filter((recipe) => obstacleOf(recipe) === null);
    const [first] = able;
    const best = working.find((recipe) => costOf(recipe) === null) ?? working[0];
    if (!first || !best) continue;
    const passedOver = best === first ? null : (obstacleOf(first) ?? costOf(first)?.found ?? null);
    const cost = rateOf(best);
    const why = [
      ...(passedOver === null ? [] : [`${first.title} is not taken: ${passedOver}`]),
      ...(cost === null ? [] : [`${best.title} is: ${cost.found}`]),
    ]
      .map((text) => text.replace(/\.?$/, "."))
      .join(" ");
    const list = answers.get(best.profiler) ?? [];
    answers.set(best.profiler, list);
    list.push({ question, options: optionsFor({ question, recipe: best }) ?? {}, why });
  }
  return answers;
}

const optionsFor = ({ question, recipe }: Asked) => findProfiler(recipe.profiler)?.answers?.[question];

/** What root's rights clear is offered before the start, and stands in nobody's way. */
const obstacleOf = ({ problem, checks }: Recipe): string | null =>
  problem?.message ??
  checks.find(({ status, clearedBy }) => status === "fail" && clearedBy !== "root")?.found ??
  null;

/** What it costs at the rate that was counted; null where that is not known. */
const rateOf = ({ checks }: Recipe): Check | null => checks.find(({ id }) => id === "event-rate") ?? null;

const costOf = (recipe: Recipe): Check | null => {
  const cost = rateOf(recipe);
  return cost === null || cost.status === "ok" ? null : cost;
};
