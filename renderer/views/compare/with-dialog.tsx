import { type FormEvent, useId, useState } from "react";
import type { CompareWith } from "../../app/actions/compare.ts";
import { chipsOf } from "../../app/selection.ts";
import { isReadable, type ProfileDocument, threadNameOf } from "../../app/store/document.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { Dialog } from "../../widgets/dialog.tsx";

interface Choice {
  readonly id: string;
  readonly title: string;
  readonly help: string;
  readonly against: CompareWith | { readonly documentId: string };
}

/** What is selected in a profile, against something else. */
export function CompareWithDialog({ documentId }: { readonly documentId: string }) {
  const close = useAppState((state) => state.closeDialog);
  const documents = useAppState((state) => state.documents);
  const document = documents.find((each) => each.id === documentId);
  if (!document)
    return (
      <Dialog title="Compare" onClose={close}>
        This profile is not open any more.
      </Dialog>
    );
  return (
    <WithForm
      document={document}
      others={documents.filter((each) => each !== document && isReadable(each))}
    />
  );
}

function WithForm({
  document,
  others,
}: {
  readonly document: ProfileDocument;
  readonly others: readonly ProfileDocument[];
}) {
  const { actions } = useApp();
  const close = useAppState((state) => state.closeDialog);
  const held = useAppState(({ compare }) => compare.before.length === 1 && compare.after.length === 0);
  const formId = useId();
  const choices = choicesOf(document, others, held);
  const [chosen, setChosen] = useState(choices[0]?.id ?? "");
  const parts = chipsOf(document.history.present, threadNameOf(document)).map(
    ({ kind, text }) => `${kind} ${text}`,
  );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const choice = choices.find(({ id }) => id === chosen);
    if (!choice) return;
    close();
    actions.compareSelection(document.id, choice.against);
  };
  return (
    <Dialog
      title="Compare this selection with…"
      description={
        parts.length > 0 ? `Selected: ${parts.join(", ")}.` : "All of the profile: nothing is filtered."
      }
      onClose={close}
      width={480}
      testId="compare-with"
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" type="submit" form={formId}>
            Compare
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit}>
        <fieldset className="radios">
          <legend className="visually-hidden">With what</legend>
          {choices.map((choice) => (
            <label key={choice.id} className="radio">
              <input
                type="radio"
                name="with"
                checked={choice.id === chosen}
                autoFocus={choice.id === chosen}
                onChange={() => setChosen(choice.id)}
              />
              <span>
                <span className="radio-title">{choice.title}</span>
                <span className="field-help">{choice.help}</span>
              </span>
            </label>
          ))}
        </fieldset>
      </form>
    </Dialog>
  );
}

function choicesOf(
  document: ProfileDocument,
  others: readonly ProfileDocument[],
  held: boolean,
): readonly Choice[] {
  const { rangeNs, threads } = document.history.present;
  const isPart = chipsOf(document.history.present, threadNameOf(document)).length > 0;
  return [
    ...(held
      ? [
          {
            id: "later",
            title: "The selection that was kept",
            help: "It becomes the side before, this one the side after.",
            against: "later" as const,
          },
        ]
      : []),
    ...(rangeNs && rangeNs[0] > 0
      ? [
          {
            id: "time-before",
            title: "The time before it",
            help: "From the beginning of the profile to the beginning of the range.",
            against: "time-before" as const,
          },
        ]
      : []),
    ...(rangeNs
      ? [
          {
            id: "time-after",
            title: "The time after it",
            help: "From the end of the range to the end of the profile.",
            against: "time-after" as const,
          },
        ]
      : []),
    ...(threads
      ? [
          {
            id: "other-threads",
            title: "The other threads",
            help: "With the same filters.",
            against: "other-threads" as const,
          },
        ]
      : []),
    ...(isPart
      ? [{ id: "whole", title: "The whole profile", help: "Without any filter.", against: "whole" as const }]
      : []),
    ...others.map(({ id, title }) => ({
      id,
      title,
      help: "With the same functions left out; not the range and the threads, which are of this profile.",
      against: { documentId: id },
    })),
    ...(held
      ? []
      : [
          {
            id: "later",
            title: "Another selection, chosen next",
            help: "This one is kept as the side before; select something else, and compare again.",
            against: "later" as const,
          },
        ]),
  ];
}
