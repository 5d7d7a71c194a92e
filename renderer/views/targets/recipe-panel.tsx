import type { Recipe } from "#core/contract.ts";
import { parseDuration } from "../../app/store/targets.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { CheckList } from "../../widgets/check-list.tsx";
import { Field, TextInput } from "../../widgets/field.tsx";
import { Icon } from "../../widgets/icon.tsx";
import { OptionForm, optionsAreGood } from "../../widgets/option-form.tsx";
import { CodeLine, ProblemBox, StatusMark } from "../../widgets/status.tsx";

const noOptions = {};

/** One way to record the target, ready to go. */
export function RecipePanel({
  recipe,
  onRecord,
  onCheckAgain,
}: {
  readonly recipe: Recipe;
  readonly onRecord: () => void;
  readonly onCheckAgain: () => void;
}) {
  const { store } = useApp();
  const options = useAppState(
    (state) => state.registry.profilers.find((each) => each.id === recipe.profiler)?.options,
  );
  const values = useAppState((state) => state.optionsOf[recipe.profiler]) ?? noOptions;
  const durationText = useAppState((state) => state.durationText);
  const { setOption, resetOptions, setDurationText } = store.getState();
  const duration = parseDuration(durationText);
  const durationError = typeof duration === "string" ? duration : "";
  const good = durationError === "" && optionsAreGood(options ?? [], values);
  const obstacles = recipe.checks.filter((check) => check.status !== "ok");
  const blocked = recipe.problem !== null || obstacles.some((check) => check.status === "fail");
  const changed = Object.keys(values).length;
  return (
    <section className="recipe" aria-label={recipe.title}>
      <Button
        look={blocked ? "normal" : "primary"}
        icon="record"
        className="recipe-record"
        disabled={!good || recipe.problem !== null}
        onClick={onRecord}
        keys="Enter"
        data-testid="record"
      >
        {blocked && !recipe.problem ? "Try anyway" : "Record"} with {recipe.title}
      </Button>
      <p className="recipe-reason muted">
        {recipe.recommended && !blocked ? <b>Recommended: </b> : null}
        {recipe.reason}
      </p>
      {recipe.cost === "" ? null : <p className="recipe-reason muted">Cost: {recipe.cost}</p>}
      {recipe.problem ? (
        <ProblemBox
          problem={recipe.problem}
          tone="warn"
          actions={
            <Button small onClick={onCheckAgain}>
              Check again
            </Button>
          }
        />
      ) : null}
      {obstacles.length > 0 ? (
        <>
          <CheckList label="What stands in the way" checks={obstacles} />
          <Button small look="quiet" icon="refresh" className="recipe-again" onClick={onCheckAgain}>
            Check again
          </Button>
        </>
      ) : recipe.checks.length > 0 && !recipe.problem ? (
        <p className="recipe-ready">
          <StatusMark status="ok" word="Ready" />
          <span
            className="faint"
            title={recipe.checks.map((check) => `${check.title}: ${check.found}`).join("\n")}
          >
            {recipe.checks.length === 1 ? "1 check passed" : `${recipe.checks.length} checks passed`}
            {recipe.version ? ` · version ${recipe.version}` : ""}
          </span>
        </p>
      ) : null}
      <Field label="Stop after" error={durationError}>
        {(wiring) => (
          <TextInput
            {...wiring}
            className="duration-input"
            placeholder="until stopped"
            value={durationText}
            onChange={(event) => setDurationText(event.target.value)}
          />
        )}
      </Field>
      {options && options.length > 0 ? (
        <details className="recipe-more" open={changed > 0 || undefined}>
          <summary>Options{changed > 0 ? ` (${changed} changed)` : ""}</summary>
          <OptionForm
            options={options}
            values={values}
            onChange={(id, value) => setOption(recipe.profiler, id, value)}
          />
          {changed > 0 ? (
            <Button small look="quiet" icon="undo" onClick={() => resetOptions(recipe.profiler)}>
              Defaults
            </Button>
          ) : null}
        </details>
      ) : null}
      {recipe.commands.length > 0 ? (
        <details className="recipe-more">
          <summary>What will run</summary>
          {recipe.commands.map((command) => (
            <CodeLine key={command} text={command} />
          ))}
        </details>
      ) : null}
    </section>
  );
}

export function OtherRecipes({
  recipes,
  onChoose,
}: {
  readonly recipes: readonly Recipe[];
  readonly onChoose: (profiler: string) => void;
}) {
  if (recipes.length === 0) return null;
  return (
    <section className="other-recipes">
      <h3>Other profilers</h3>
      <ul>
        {recipes.map((recipe) => {
          const blocked = recipe.problem !== null || recipe.checks.some((check) => check.status === "fail");
          return (
            <li key={recipe.profiler}>
              <button type="button" onClick={() => onChoose(recipe.profiler)}>
                <span className="other-words">
                  <span className="other-title">{recipe.title}</span>
                  <span className="muted">{recipe.problem ? recipe.problem.message : recipe.reason}</span>
                </span>
                {blocked ? <StatusMark status="fail" word={recipe.problem ? "Missing" : "Blocked"} /> : null}
                <Icon name="right" size={14} />
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
