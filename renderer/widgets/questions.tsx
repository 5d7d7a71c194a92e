import { useId, useState } from "react";
import type { Recipe, RecipeAnswer } from "#core/contract.ts";
import type { OptionValues } from "#core/model/recording.ts";
import { Button } from "./button.tsx";
import "./questions.css";

const wordsOf = {
  waiting: "What does it wait for?",
  locks: "Which locks?",
  disks: "Who uses the disks?",
} as const satisfies Record<RecipeAnswer["question"], string>;
const order = ["waiting", "locks", "disks"] as const;

export interface Chosen {
  readonly profiler: string;
  /** That make it answer. */
  readonly options: OptionValues;
  /** Options that make it answer others. */
  readonly takeBack: readonly string[];
}

interface Answer extends Chosen {
  readonly words: string;
  readonly why: string;
}

const optionNames = (answers: readonly RecipeAnswer[] | undefined): readonly string[] =>
  (answers ?? []).flatMap(({ options }) => Object.keys(options));

/** What is wanted instead of a profiler; which is taken, and why, is said before anything starts. */
export function Questions({
  recipes,
  best,
  current,
  values,
  onChoose,
}: {
  readonly recipes: readonly Recipe[];
  /** That is recommended. */
  readonly best: Recipe | null;
  readonly current: Recipe | null;
  /** Its options, as far as they are set. */
  readonly values: OptionValues;
  readonly onChoose: (chosen: Chosen) => void;
}) {
  const labelId = useId();
  const [asked, setAsked] = useState("");
  const answers = order.flatMap((question): readonly Answer[] =>
    recipes.flatMap(({ profiler, answers: all }) =>
      (all ?? [])
        .filter((each) => each.question === question)
        .map(({ options, why }) => ({
          ...{ profiler, options, why, words: wordsOf[question] },
          takeBack: optionNames(all),
        })),
    ),
  );
  if (answers.length === 0 || best === null) return null;
  // One profiler may answer several, the recommended one among them.
  const pressed = answers.find(
    ({ profiler, options, words }) =>
      profiler === current?.profiler &&
      (words === asked || profiler !== best.profiler) &&
      Object.entries(options).every(([option, value]) => values[option] === value),
  );
  return (
    <div className="questions">
      <h3 id={labelId}>What do you want to know?</h3>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row everywhere */}
      <div role="group" aria-labelledby={labelId} className="questions-row">
        <Button
          small
          aria-pressed={pressed === undefined && current?.profiler === best.profiler}
          onClick={() => {
            setAsked("");
            onChoose({ profiler: best.profiler, options: {}, takeBack: optionNames(best.answers) });
          }}
        >
          Where does its time go?
        </Button>
        {answers.map((answer) => (
          <Button
            small
            key={answer.words}
            aria-pressed={answer === pressed}
            onClick={() => {
              setAsked(answer.words);
              onChoose(answer);
            }}
          >
            {answer.words}
          </Button>
        ))}
      </div>
      <p className="questions-why muted" aria-live="polite">
        {pressed ? pressed.why : ""}
      </p>
    </div>
  );
}
