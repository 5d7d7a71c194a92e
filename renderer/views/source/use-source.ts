import { useEffect, useState } from "react";
import { type Problem, toProblem } from "#core/base/result.ts";
import type { SourceText } from "#core/contract.ts";
import { type Assembly, fileOfAssembly } from "#core/model/assembly.ts";
import type { SourceTable } from "#core/model/tables.ts";
import type { ProfileDocument } from "../../app/store/document.ts";
import { useApp } from "../../app/use-app.ts";
import type { SourceInput } from "./source-state.ts";

export interface Answer<T> {
  readonly value: T | null;
  readonly problem: Problem | null;
  /** It is being worked out for the first time. */
  readonly busy: boolean;
}

const nothing = { value: null, problem: null, busy: false } as const;

/**
 * Answers of the engine to a question that may change while it is being worked out; the answer before stays as long as it
 * is of the same `subject`. Nothing is asked where the key is "".
 */
function useAnswer<T>(key: string, subject: string, ask: (signal: AbortSignal) => Promise<T>): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T> & { readonly key: string; readonly subject: string }>({
    ...nothing,
    key: "",
    subject: "",
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all that is asked
  useEffect(() => {
    if (key === "") return;
    const abort = new AbortController();
    const take = (part: Partial<Answer<T>>): void => {
      if (!abort.signal.aborted) setAnswer({ ...nothing, ...part, key, subject });
    };
    ask(abort.signal).then(
      (value) => take({ value }),
      (error: unknown) => take({ problem: toProblem(error) }),
    );
    return () => abort.abort();
  }, [key]);
  if (key === "") return nothing;
  return answer.subject === subject ? answer : { ...nothing, busy: true };
}

/** The instructions, asked for where they are shown, or where only they can tell the lines. */
export function useAssembly(
  document: ProfileDocument,
  query: SourceInput,
  table: SourceTable | null,
  isWanted: boolean,
): Answer<Assembly> {
  const { client } = useApp();
  const { profileId } = document;
  const subject = JSON.stringify([profileId, query.function, query.file, table?.binary]);
  // Of a live recording: again where the costs have changed.
  const key =
    isWanted && table !== null && table.function === query.function
      ? JSON.stringify([subject, query.selection, table.totalSamples, table.self, table.total])
      : "";
  return useAnswer(key, subject, (signal) =>
    client.call("source.assembly", { profileId, query }, { signal }),
  );
}

/** The file that is to be read, and its text. `revision` changes when the settings that say where it is have. */
export function useText(
  document: ProfileDocument,
  query: SourceInput,
  table: SourceTable | null,
  assembly: Assembly | null,
  revision: string,
): Answer<SourceText> & { readonly file: string } {
  const { client } = useApp();
  const { profileId } = document;
  const isOfFunction = table !== null && table.function === query.function;
  const file = !isOfFunction ? "" : table.file || (assembly ? query.file || fileOfAssembly(assembly) : "");
  const key = file === "" ? "" : JSON.stringify([profileId, query.function, file, revision]);
  const answer = useAnswer(key, key, (signal) =>
    client.call("source.text", { profileId, query: { ...query, file } }, { signal }),
  );
  return { ...answer, file };
}
