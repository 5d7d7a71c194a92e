import { type FormEvent, useEffect, useId, useMemo, useState } from "react";
import { type Problem, toProblem } from "#core/base/result.ts";
import type { Recipe } from "#core/contract.ts";
import type { RecordTarget } from "#core/model/recording.ts";
import { bestRecipe } from "../../app/actions/targets.ts";
import { parseDuration } from "../../app/store/targets.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { CheckList } from "../../widgets/check-list.tsx";
import { Dialog } from "../../widgets/dialog.tsx";
import { Field, TextInput } from "../../widgets/field.tsx";
import { OptionForm, optionsAreGood } from "../../widgets/option-form.tsx";
import { ProblemBox } from "../../widgets/status.tsx";
import "./launch.css";

const noOptions = {};
const processes = (count: number): string => (count === 1 ? "1 process" : `${count} processes`);

/** All processes of the machine at once, or those that were picked from the list. */
export function SystemDialog({ pids }: { readonly pids: readonly number[] }) {
  const target = useMemo<RecordTarget>(() => {
    const [first, ...others] = pids;
    return first === undefined ? { kind: "system" } : { kind: "pid", pid: first, pids: others };
  }, [pids]);
  const { actions, client, store } = useApp();
  const close = useAppState((state) => state.closeDialog);
  const formId = useId();
  const [recipe, setRecipe] = useState<Recipe | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const durationText = useAppState((state) => state.durationText);
  const duration = parseDuration(durationText);
  const { setDurationText, setOption } = store.getState();
  const options = useAppState(
    (state) => state.registry.profilers.find((each) => each.id === recipe?.profiler)?.options,
  );
  const values = useAppState((state) => state.optionsOf[recipe?.profiler ?? ""]) ?? noOptions;

  useEffect(() => {
    const abort = new AbortController();
    client.call("targets.recipes", { target }, { signal: abort.signal }).then(
      (recipes) =>
        setRecipe(
          bestRecipe(pids.length > 1 ? recipes.filter(({ profiler }) => profiler === "perf") : recipes),
        ),
      (error: unknown) => {
        if (!abort.signal.aborted) setProblem(toProblem(error));
      },
    );
    return () => abort.abort();
  }, [client, target, pids.length]);

  const good = recipe !== null && typeof duration !== "string" && optionsAreGood(options ?? [], values);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!good || typeof duration === "string") return;
    setBusy(true);
    const started = await actions.record(
      { profiler: recipe.profiler, target, options: { ...values }, durationS: duration },
      pids.length === 0 ? "the whole system" : processes(pids.length),
    );
    setBusy(false);
    if (started) setProblem(started);
    else {
      store.getState().clearPicked();
      close();
    }
  };
  const standing = recipe?.checks.filter((check) => check.status !== "ok") ?? [];

  return (
    <Dialog
      title={pids.length === 0 ? "Record the whole system" : `Record ${processes(pids.length)}`}
      description={
        pids.length === 0
          ? "Every process of the machine, and the kernel, at once."
          : `In one recording: ${pids.join(", ")}.`
      }
      onClose={close}
      width={600}
      testId="system-dialog"
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" icon="record" type="submit" form={formId} disabled={!good} busy={busy}>
            Record
          </Button>
        </>
      }
    >
      <form id={formId} className="launch-form" onSubmit={(event) => void submit(event)}>
        <Field
          label="Stop after"
          help="Empty: until it is stopped."
          error={typeof duration === "string" ? duration : ""}
        >
          {(wiring) => (
            <TextInput
              {...wiring}
              autoFocus
              placeholder="until stopped"
              value={durationText}
              onChange={(event) => setDurationText(event.target.value)}
            />
          )}
        </Field>
        {recipe === null && problem === null ? (
          <p className="muted" role="status">
            Looking at what this machine allows…
          </p>
        ) : null}
        {recipe && recipe.cost !== "" ? <p className="muted">Cost: {recipe.cost}</p> : null}
        {recipe?.problem ? <ProblemBox problem={recipe.problem} tone="warn" /> : null}
        {standing.length > 0 ? <CheckList label="What stands in the way" checks={standing} /> : null}
        {recipe && options ? (
          <details className="recipe-more">
            <summary>Options of {recipe.title}</summary>
            <OptionForm
              options={options}
              values={values}
              onChange={(id, value) => setOption(recipe.profiler, id, value)}
            />
          </details>
        ) : null}
        {problem ? <ProblemBox problem={problem} /> : null}
      </form>
    </Dialog>
  );
}
