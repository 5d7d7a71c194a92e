import { ProblemError } from "#core/base/result.ts";
import { everything, type Selection } from "#core/model/query.ts";
import { wordsOfSelection } from "#core/model/selection-words.ts";
import type { InfoTable } from "#core/model/tables.ts";
import { chipsOf } from "../selection.ts";
import type { CompareRun } from "../store/compare.ts";
import { threadNames } from "../store/document.ts";
import type { ActionContext } from "./context.ts";

export type Part = Pick<CompareRun, "selection" | "part" | "flags">;
export const whole: Part = { selection: {}, part: "", flags: [] };

/** A part of a profile, as people and as the command line say it. */
export function partOf(
  selection: Partial<Selection>,
  info: InfoTable | null,
  nameOfThread = threadNames(info?.threads ?? []),
): Part {
  const full = { ...everything, ...selection };
  const isNamed = info !== null || (full.threads === null && full.processes === null);
  return {
    selection,
    part: chipsOf(full, nameOfThread)
      .map(({ kind, text }) => `${kind} ${text}`)
      .join(", "),
    flags: isNamed && full.lastNs === null ? wordsOfSelection(full, info) : null,
  };
}

/** What a profile has, once it is read. */
export const infoOf = (client: ActionContext["client"], profileId: string): Promise<InfoTable> =>
  new Promise((resolve, reject) => {
    const watching = client.stream(
      "profile.watch",
      { profileId, query: { view: "info" } },
      {
        item: ({ state, table }) => {
          if (state.phase === "failed" && state.problem) reject(new ProblemError(state.problem));
          else if (state.phase === "importing" || table?.view !== "info") return;
          else resolve(table);
          watching.dispose();
        },
        problem: (problem) => reject(new ProblemError(problem)),
      },
    );
  });
