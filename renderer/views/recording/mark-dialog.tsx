import { type FormEvent, useId, useState } from "react";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { Dialog } from "../../widgets/dialog.tsx";
import { Field, TextInput } from "../../widgets/field.tsx";

export function MarkDialog({ documentId }: { readonly documentId: string }) {
  const { actions } = useApp();
  const close = useAppState((state) => state.closeDialog);
  const [name, setName] = useState("");
  const formId = useId();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    close();
    void actions.mark(documentId, name.trim() || "mark");
  };
  return (
    <Dialog
      title="Mark this moment"
      onClose={close}
      width={400}
      testId="mark-dialog"
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" type="submit" form={formId}>
            Mark
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit}>
        <Field label="Name" help="Shown on the timeline and kept with the session.">
          {(wiring) => (
            <TextInput
              {...wiring}
              autoFocus
              maxLength={200}
              placeholder="deploy finished"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
