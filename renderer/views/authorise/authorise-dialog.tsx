import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import type { AuthorisationPrompt } from "#core/model/recording.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { Dialog } from "../../widgets/dialog.tsx";
import { Field, TextInput } from "../../widgets/field.tsx";
import { Icon } from "../../widgets/icon.tsx";
import { CodeLine } from "../../widgets/status.tsx";
import { takeSecret } from "./take-secret.ts";
import "./authorise.css";

/** Asks for what sudo asks, whichever recording it is for. */
export function AuthoriseDialog() {
  const { client, actions } = useApp();
  const [prompts, setPrompts] = useState<readonly AuthorisationPrompt[]>([]);
  const [answered, setAnswered] = useState<AuthorisationPrompt | null>(null);
  const authorising = useAppState((state) =>
    state.documents.some(
      ({ recording }) =>
        recording?.recordingId === answered?.recordingId && recording?.phase === "authorising",
    ),
  );
  useEffect(() => {
    const watching = client.stream(
      "recordings.prompts",
      {},
      {
        item: (found) => {
          setPrompts(found);
          if (found.length > 0) setAnswered(null);
        },
      },
    );
    return () => watching.dispose();
  }, [client]);

  const open = prompts[0];
  // sudo takes seconds over a wrong password: until it has decided, the dialog stays.
  const shown = open ?? (answered !== null && authorising ? answered : null);
  if (shown === null) return null;
  return (
    <Prompt
      key={shown.recordingId}
      prompt={shown}
      checking={open === undefined}
      onAnswer={(secret) => {
        setPrompts([]);
        setAnswered(shown);
        void actions.answerPrompt(shown.promptId, secret);
      }}
      onCancel={() => {
        setAnswered(null);
        setPrompts([]);
        void actions.cancelPrompt(shown);
      }}
    />
  );
}

function Prompt({
  prompt,
  checking,
  onAnswer,
  onCancel,
}: {
  readonly prompt: AuthorisationPrompt;
  readonly checking: boolean;
  readonly onAnswer: (secret: Uint8Array<ArrayBuffer>) => void;
  readonly onCancel: () => void;
}) {
  const formId = useId();
  // The field alone holds what is typed: no state of the page ever does.
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!checking) field.current?.focus();
  }, [checking]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (field.current && !checking) onAnswer(takeSecret(field.current));
  };
  return (
    <Dialog
      title="Record with root's rights?"
      onClose={onCancel}
      width={560}
      testId="authorise"
      footer={
        <>
          <Button onClick={onCancel}>Cancel</Button>
          <Button look="primary" type="submit" form={formId} disabled={checking}>
            {checking ? "Checking…" : "Allow and record"}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="authorise">
        <p>
          Only this command runs as root, for as long as the recording lasts. Flamewright itself does not.
        </p>
        <CodeLine text={prompt.command} />
        <section aria-label="Why">
          <h3>Why it needs root</h3>
          <p className="selectable">{prompt.why}</p>
        </section>
        {prompt.warnings.length > 0 ? (
          <ul className="authorise-warnings">
            {prompt.warnings.map((warning) => (
              <li key={warning}>
                <Icon name="warn" size={14} />
                <span className="selectable">{warning}</span>
              </li>
            ))}
          </ul>
        ) : null}
        <Field
          label={prompt.words}
          help="It goes to sudo and nowhere else; it is not kept."
          error={prompt.again && !checking ? notAccepted(prompt.triesLeft) : ""}
        >
          {(wiring) => (
            <TextInput
              {...wiring}
              ref={field}
              type="password"
              autoComplete="off"
              autoFocus
              readOnly={checking}
              maxLength={1024}
              data-testid="authorise-secret"
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}

const notAccepted = (triesLeft: number): string =>
  `That was not accepted. ${triesLeft === 1 ? "One try is left." : `${triesLeft} tries are left.`}`;
