import { formatBytes, formatCount } from "#core/base/numbers.ts";
import type { Problem } from "#core/base/result.ts";
import { factWords } from "#core/model/fact-words.ts";
import type { TargetFacts } from "#core/model/recording.ts";
import { bestRecipe } from "../../app/actions/targets.ts";
import type { TargetRow } from "../../app/store/target-order.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { IconButton } from "../../widgets/button.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { type Chosen, Questions } from "../../widgets/questions.tsx";
import { ProblemBox } from "../../widgets/status.tsx";
import { fullMoment } from "../../widgets/time-words.ts";
import { OtherRecipes, RecipePanel } from "./recipe-panel.tsx";
import { cpuText, RuntimeBadge } from "./target-columns.tsx";

const noOptions = {};

/** The selected process: what it is, what would record it, what stands in the way. */
export function TargetDetail({
  target,
  chosen,
  onChoose,
  problem,
  onRecord,
}: {
  readonly target: TargetRow;
  readonly chosen: string | null;
  readonly onChoose: (profiler: string) => void;
  readonly problem: Problem | null;
  readonly onRecord: (profiler: string) => void;
}) {
  const { actions, store } = useApp();
  const recipes = useAppState((state) => state.recipes);
  const best = bestRecipe(recipes?.recipes ?? []);
  const recipe = recipes?.recipes.find((each) => each.profiler === chosen) ?? best;
  const values = useAppState((state) => state.optionsOf[recipe?.profiler ?? ""]) ?? noOptions;
  const choose = ({ profiler, options, takeBack }: Chosen): void => {
    store.getState().answerWith(profiler, options, takeBack);
    onChoose(profiler);
  };
  return (
    <aside className="target-detail" aria-label={`${target.name} ${target.pid}`} data-testid="target-detail">
      <header>
        <h2 className="truncate" title={target.name}>
          {target.name} <span className="muted">{target.pid}</span>
        </h2>
        <IconButton label="Close" icon="close" small onClick={() => store.getState().selectTarget(null)} />
      </header>
      <div className="target-detail-body">
        {target.command ? (
          <p className="target-command mono selectable" title={target.command}>
            {target.command}
          </p>
        ) : null}
        <Facts target={target} program={recipes?.facts ?? null} />
        {problem ? <ProblemBox problem={problem} /> : null}
        {target.gone ? (
          <EmptyState icon="info" title="This process has ended" />
        ) : recipes === null || recipes.phase === "loading" ? (
          <EmptyState busy title="Checking what can record it…" />
        ) : recipes.phase === "failed" && recipes.problem ? (
          <ProblemBox problem={recipes.problem} />
        ) : recipe ? (
          <>
            <Questions
              key={target.pid}
              recipes={recipes.recipes}
              best={best}
              current={recipe}
              values={values}
              onChoose={choose}
            />
            <RecipePanel
              key={recipe.profiler}
              recipe={recipe}
              onRecord={() => onRecord(recipe.profiler)}
              onCheckAgain={() => void actions.loadRecipes(target.pid)}
            />
            <OtherRecipes
              recipes={recipes.recipes.filter((each) => each.profiler !== recipe.profiler)}
              onChoose={onChoose}
            />
          </>
        ) : (
          <EmptyState icon="info" title="No profiler can record this process">
            {target.runtime === "kernel"
              ? "It is a thread of the kernel."
              : "The Doctor says which profilers are installed and what they need."}
          </EmptyState>
        )}
      </div>
    </aside>
  );
}

function Facts({ target, program }: { readonly target: TargetRow; readonly program: TargetFacts | null }) {
  const words = program === null ? [] : factWords(program);
  const facts: readonly (readonly [string, React.ReactNode])[] = [
    ["Runtime", <RuntimeBadge key="runtime" runtime={target.runtime} />],
    ["CPU", cpuText(target.cpuPercent)],
    ["Memory", formatBytes(target.rssBytes)],
    ["Threads", formatCount(target.threads)],
    ["User", target.user],
    ["Started", fullMoment(target.startedAtMs)],
    ...(words.length > 0 ? [["Program", words.join(" · ")] as const] : []),
    ...(target.container ? [["Container", target.container] as const] : []),
  ];
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="selectable">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
