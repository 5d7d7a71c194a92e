import { type FormEvent, useEffect, useId, useState } from "react";
import { type Problem, toProblem } from "#core/base/result.ts";
import { shellSign, splitWords } from "#core/base/shell-words.ts";
import type { Recipe } from "#core/contract.ts";
import { bestRecipe } from "../../app/actions/targets.ts";
import { parseDuration } from "../../app/store/targets.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { CheckList } from "../../widgets/check-list.tsx";
import { Dialog } from "../../widgets/dialog.tsx";
import { Field, TextInput } from "../../widgets/field.tsx";
import { OptionForm, optionsAreGood } from "../../widgets/option-form.tsx";
import { type Chosen, Questions } from "../../widgets/questions.tsx";
import { ProblemBox } from "../../widgets/status.tsx";
import { type EnvironmentRow, EnvironmentRows, environmentOf } from "./environment-rows.tsx";
import "./launch.css";

const SETTLE_MS = 250;
const noOptions = {};

/** A command instead of a running process. What is typed is split into words here; no shell ever sees it. */
export function LaunchDialog() {
  const { actions, store } = useApp();
  const close = useAppState((state) => state.closeDialog);
  const formId = useId();
  const [line, setLine] = useState("");
  const [cwd, setCwd] = useState("");
  const [rows, setRows] = useState<readonly EnvironmentRow[]>([]);
  const [profiler, setProfiler] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const durationText = useAppState((state) => state.durationText);
  const { setDurationText, setOption } = store.getState();

  const words = splitWords(line);
  const argv = words.ok ? words.value : [];
  const environment = environmentOf(rows);
  const { recipes, problem: recipesProblem } = useLaunchRecipes(argv, cwd);
  const best = bestRecipe(recipes);
  const recipe = recipes.find((each) => each.profiler === profiler) ?? best;
  const options = useAppState(
    (state) => state.registry.profilers.find((each) => each.id === recipe?.profiler)?.options,
  );
  const values = useAppState((state) => state.optionsOf[recipe?.profiler ?? ""]) ?? noOptions;
  const choose = ({ profiler: id, options: asked, takeBack }: Chosen): void => {
    store.getState().answerWith(id, asked, takeBack);
    setProfiler(id);
  };
  const duration = parseDuration(durationText);
  const good =
    argv.length > 0 &&
    typeof environment !== "string" &&
    typeof duration !== "string" &&
    optionsAreGood(options ?? [], values);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!good || typeof environment === "string" || typeof duration === "string") return;
    setBusy(true);
    const started = await actions.record(
      {
        profiler: recipe?.profiler ?? "",
        target: { kind: "launch", argv: [...argv], cwd: cwd.trim(), env: environment },
        options: { ...values },
        durationS: duration,
      },
      argv[0]?.split("/").at(-1) ?? "",
    );
    setBusy(false);
    if (started) setProblem(started);
    else close();
  };

  return (
    <Dialog
      title="Launch and record"
      description="Starts a command and records it from its first instruction."
      onClose={close}
      width={600}
      testId="launch-dialog"
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" icon="record" type="submit" form={formId} disabled={!good} busy={busy}>
            Launch and record
          </Button>
        </>
      }
    >
      <form id={formId} className="launch-form" onSubmit={(event) => void submit(event)}>
        <CommandField
          line={line}
          onChange={setLine}
          argv={argv}
          error={words.ok ? "" : words.problem.message}
        />
        <Field label="Folder" help="Where the command starts. Empty: your home folder.">
          {(wiring) => (
            <TextInput
              {...wiring}
              mono
              placeholder="/home/me/project"
              value={cwd}
              onChange={(event) => setCwd(event.target.value)}
            />
          )}
        </Field>
        <EnvironmentRows
          rows={rows}
          onChange={setRows}
          error={typeof environment === "string" ? environment : ""}
        />
        <Questions recipes={recipes} best={best} current={recipe} values={values} onChoose={choose} />
        <div className="launch-how">
          <Field label="Profiler" help={recipe?.reason ?? "Chosen by the command."}>
            {(wiring) => (
              <select
                {...wiring}
                className="select"
                value={recipe?.profiler ?? ""}
                disabled={recipes.length === 0}
                onChange={(event) => setProfiler(event.target.value)}
              >
                {recipes.length === 0 ? <option value="">Recommended</option> : null}
                {recipes.map((each) => (
                  <option key={each.profiler} value={each.profiler}>
                    {each.title}
                    {each.recommended ? " (recommended)" : each.problem ? " (missing)" : ""}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field
            label="Stop after"
            help="Empty: until it ends."
            error={typeof duration === "string" ? duration : ""}
          >
            {(wiring) => (
              <TextInput
                {...wiring}
                placeholder="until stopped"
                value={durationText}
                onChange={(event) => setDurationText(event.target.value)}
              />
            )}
          </Field>
        </div>
        {recipe && recipe.cost !== "" ? <p className="muted">Cost: {recipe.cost}</p> : null}
        {recipe?.problem ? <ProblemBox problem={recipe.problem} tone="warn" /> : null}
        {recipe && !recipe.problem && recipe.checks.some((check) => check.status !== "ok") ? (
          <CheckList
            label="What stands in the way"
            checks={recipe.checks.filter((check) => check.status !== "ok")}
          />
        ) : null}
        {options && options.length > 0 && recipe ? (
          <details className="recipe-more">
            <summary>Options of {recipe.title}</summary>
            <OptionForm
              options={options}
              values={values}
              onChange={(id, value) => setOption(recipe.profiler, id, value)}
            />
          </details>
        ) : null}
        {(problem ?? recipesProblem) ? (
          <ProblemBox problem={problem ?? recipesProblem ?? toProblem(null)} />
        ) : null}
      </form>
    </Dialog>
  );
}

function CommandField({
  line,
  onChange,
  argv,
  error,
}: {
  readonly line: string;
  readonly onChange: (line: string) => void;
  readonly argv: readonly string[];
  readonly error: string;
}) {
  const sign = shellSign(line);
  return (
    <div>
      <Field label="Command" error={error} help="Quotes and backslashes as in a shell; nothing is expanded.">
        {(wiring) => (
          <TextInput
            {...wiring}
            mono
            autoFocus
            required
            placeholder="./server --port 8080"
            value={line}
            onChange={(event) => onChange(event.target.value)}
            data-testid="launch-command"
          />
        )}
      </Field>
      {argv.length > 0 ? (
        <ol className="launch-words" aria-label="Words of the command">
          {argv.map((word, index) => (
            // The same word can come twice; its place is what it is.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <li key={index} className="mono">
              {word === "" ? "(empty)" : word}
            </li>
          ))}
        </ol>
      ) : null}
      {sign ? (
        <p className="launch-sign" role="status">
          No shell runs here: {sign} is given to the program as it is. To use a shell, write sh -c '…'.
        </p>
      ) : null}
    </div>
  );
}

/** The recipes for a command, asked for when the typing pauses. */
function useLaunchRecipes(
  argv: readonly string[],
  cwd: string,
): { readonly recipes: readonly Recipe[]; readonly problem: Problem | null } {
  const { client } = useApp();
  const [found, setFound] = useState<{ recipes: readonly Recipe[]; problem: Problem | null }>({
    recipes: [],
    problem: null,
  });
  const key = JSON.stringify([argv, cwd]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for argv and cwd
  useEffect(() => {
    if (argv.length === 0) {
      setFound({ recipes: [], problem: null });
      return;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      const target = { kind: "launch" as const, argv: [...argv], cwd: cwd.trim() };
      client.call("targets.recipes", { target }, { signal: abort.signal }).then(
        (recipes) => setFound({ recipes, problem: null }),
        (error: unknown) => {
          if (!abort.signal.aborted) setFound({ recipes: [], problem: toProblem(error) });
        },
      );
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [client, key]);
  return found;
}
