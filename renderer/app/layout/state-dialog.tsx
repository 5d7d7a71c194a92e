import { type FormEvent, useId, useState } from "react";
import type { Problem } from "#core/base/result.ts";
import { Button } from "../../widgets/button.tsx";
import { Dialog } from "../../widgets/dialog.tsx";
import { Field, TextInput } from "../../widgets/field.tsx";
import { ProblemBox } from "../../widgets/status.tsx";
import { documentOf } from "../actions/context.ts";
import { useApp, useAppState } from "../use-app.ts";
import { stateText } from "../view-state.ts";

/** The view as the words of the command line: to read, to change, to paste from a colleague. */
export function StateDialog({ documentId }: { readonly documentId: string }) {
  const { store, actions, views } = useApp();
  const close = useAppState((state) => state.closeDialog);
  const formId = useId();
  const [text, setText] = useState(() => {
    const document = documentOf(store, documentId);
    return document ? stateText(document, views) : "";
  });
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const found = await actions.applyState(documentId, text);
    if (found) setProblem(found);
    else close();
  };
  return (
    <Dialog
      title="Go to a view"
      description="What is on the screen, as flags: the same that flamewright top, tree, export and open take."
      onClose={close}
      width={640}
      testId="state-dialog"
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" type="submit" form={formId}>
            Show
          </Button>
        </>
      }
    >
      <form id={formId} className="launch-form" onSubmit={(event) => void submit(event)}>
        <Field label="View" help="Example: --view tree --from 3s --until 3.4s --focus parse">
          {(wiring) => (
            <TextInput
              {...wiring}
              mono
              autoFocus
              value={text}
              onFocus={(event) => event.currentTarget.select()}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        {problem ? <ProblemBox problem={problem} /> : null}
      </form>
    </Dialog>
  );
}
