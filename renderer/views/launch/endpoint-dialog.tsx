import { type FormEvent, useId, useState } from "react";
import type { Problem } from "#core/base/result.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { Dialog } from "../../widgets/dialog.tsx";
import { Field, TextInput } from "../../widgets/field.tsx";
import { ProblemBox } from "../../widgets/status.tsx";
import { endpointUrl } from "./endpoint-url.ts";
import "./launch.css";

/** A process that listens, here or behind a tunnel: a V8 inspector, or the profiler of a Go program. */
export function EndpointDialog() {
  const { actions } = useApp();
  const close = useAppState((state) => state.closeDialog);
  const formId = useId();
  const [text, setText] = useState("127.0.0.1:9229");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const profilers = useAppState((state) => state.registry.profilers).filter(({ targets }) =>
    targets.includes("endpoint"),
  );
  const [chosen, setChosen] = useState("");
  const url = endpointUrl(text);
  // The path of net/http/pprof says what it is.
  const guessed = text.includes("/debug/pprof") ? "go-pprof" : (profilers[0]?.id ?? "");
  const profiler = chosen || guessed;
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (url === "") return;
    setBusy(true);
    const started = await actions.record({ profiler, target: { kind: "endpoint", url } }, new URL(url).host);
    setBusy(false);
    if (started) setProblem(started);
    else close();
  };
  return (
    <Dialog
      title="Record an address"
      description="A Node program started with --inspect, a browser started with --remote-debugging-port, or a Go program with net/http/pprof; here or behind a tunnel."
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
          label="Address"
          help="Host and port, or the whole address as the program prints it."
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
        <Field label="What answers there">
          {(wiring) => (
            <select
              {...wiring}
              className="select"
              value={profiler}
              onChange={(event) => setChosen(event.target.value)}
            >
              {profilers.map(({ id, title }) => (
                <option key={id} value={id}>
                  {title}
                </option>
              ))}
            </select>
          )}
        </Field>
        {problem ? <ProblemBox problem={problem} /> : null}
      </form>
    </Dialog>
  );
}
