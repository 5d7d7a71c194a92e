import { type FormEvent, useId, useState } from "react";
import type { Problem } from "#core/base/result.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { Dialog } from "../../widgets/dialog.tsx";
import { Field, TextInput } from "../../widgets/field.tsx";
import { ProblemBox } from "../../widgets/status.tsx";
import { endpointUrl } from "./endpoint-url.ts";
import "./launch.css";

/** A process elsewhere that listens: today a V8 inspector. */
export function EndpointDialog() {
  const { actions } = useApp();
  const close = useAppState((state) => state.closeDialog);
  const formId = useId();
  const [text, setText] = useState("127.0.0.1:9229");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const url = endpointUrl(text);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (url === "") return;
    setBusy(true);
    const started = await actions.record({ target: { kind: "endpoint", url } }, new URL(url).host);
    setBusy(false);
    if (started) setProblem(started);
    else close();
  };
  return (
    <Dialog
      title="Record an address"
      description="A Node program that was started with --inspect, here or behind a tunnel."
      onClose={close}
      width={480}
      testId="endpoint-dialog"
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" icon="record" type="submit" form={formId} disabled={url === ""} busy={busy}>
            Record
          </Button>
        </>
      }
    >
      <form id={formId} className="launch-form" onSubmit={(event) => void submit(event)}>
        <Field
          label="Inspector address"
          help="Host and port, or the ws:// address that Node prints when it starts."
          error={url === "" && text.trim() !== "" ? "Write host:port, http://… or ws://…" : ""}
        >
          {(wiring) => (
            <TextInput
              {...wiring}
              mono
              autoFocus
              value={text}
              placeholder="127.0.0.1:9229"
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        {problem ? <ProblemBox problem={problem} /> : null}
      </form>
    </Dialog>
  );
}
