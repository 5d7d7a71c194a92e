import { type FormEvent, useId, useState } from "react";
import { splitWords } from "#core/base/shell-words.ts";
import type { RunsRequest } from "../../app/actions/compare.ts";
import type { CompareSide } from "../../app/store/compare.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { Dialog } from "../../widgets/dialog.tsx";
import { Field, TextInput } from "../../widgets/field.tsx";

const MOST_RUNS = 50;

/** Records a command several times for a side, or two in turn, so that what drifts hits both. */
export function CompareRunsDialog() {
  const { actions, store } = useApp();
  const close = useAppState((state) => state.closeDialog);
  const formId = useId();
  const [lines, setLines] = useState<Readonly<Record<CompareSide, string>>>({ before: "", after: "" });
  const [cwd, setCwd] = useState("");
  const [runs, setRuns] = useState("5");
  const count = Number(runs);
  const words = { before: splitWords(lines.before), after: splitWords(lines.after) };
  const isCount = Number.isInteger(count) && count >= 1 && count <= MOST_RUNS;
  const requests = (["before", "after"] as const).flatMap((side): RunsRequest[] => {
    const own = words[side];
    return own.ok && own.value.length > 0
      ? [{ side, request: { target: { kind: "launch", argv: [...own.value], cwd: cwd.trim(), env: {} } } }]
      : [];
  });
  const good = isCount && words.before.ok && words.after.ok && requests.length > 0;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!good) return;
    close();
    store.getState().showScreen("compare");
    void actions.recordSeries(requests, count);
  };
  return (
    <Dialog
      title="Record runs"
      description="Each command is recorded from its start to its end, the sides in turn: before, after, before, after …"
      onClose={close}
      width={560}
      testId="compare-runs"
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" icon="record" type="submit" form={formId} disabled={!good}>
            Record
          </Button>
        </>
      }
    >
      <form id={formId} className="compare-form" onSubmit={submit}>
        {(["before", "after"] as const).map((side) => {
          const own = words[side];
          return (
            <Field
              key={side}
              label={`Command, ${side}`}
              help="Leave it empty to record only the other side."
              error={own.ok ? "" : own.problem.message}
            >
              {(wiring) => (
                <TextInput
                  {...wiring}
                  mono
                  autoFocus={side === "before"}
                  placeholder={side === "before" ? "./old --work" : "./new --work"}
                  value={lines[side]}
                  onChange={(event) => setLines({ ...lines, [side]: event.target.value })}
                />
              )}
            </Field>
          );
        })}
        <Field label="Folder" help="Where the commands start. Empty: your home folder.">
          {(wiring) => (
            <TextInput {...wiring} mono value={cwd} onChange={(event) => setCwd(event.target.value)} />
          )}
        </Field>
        <Field
          label="Runs of each"
          help="Five tell real from noise much better than two."
          error={isCount ? "" : `A whole number from 1 to ${MOST_RUNS}.`}
        >
          {(wiring) => (
            <TextInput
              {...wiring}
              inputMode="numeric"
              value={runs}
              onChange={(event) => setRuns(event.target.value)}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
