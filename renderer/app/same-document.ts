import type { ProfileDocument } from "./store/document.ts";

/** What changes ten times a second while a profile grows. */
const growing: ReadonlySet<keyof ProfileDocument> = new Set(["tables", "profileState", "log", "logSkipped"]);

function isSameRecording({ recording: a }: ProfileDocument, { recording: b }: ProfileDocument): boolean {
  return (
    a === b ||
    (a?.phase === b?.phase &&
      a?.ending === b?.ending &&
      a?.problem === b?.problem &&
      a?.remarks.length === b?.remarks.length)
  );
}

const keysOf = (document: ProfileDocument) => Object.keys(document) as (keyof ProfileDocument)[];

/** Whether views of both show the same: what the recorder counts is shown in the bar at the top alone. */
export const isAlike = (a: ProfileDocument, b: ProfileDocument): boolean =>
  isSameRecording(a, b) && keysOf(b).every((key) => key === "recording" || a[key] === b[key]);

interface WithDocument {
  readonly document: ProfileDocument;
}

/** For `memo`, where a control shows nothing of what grows with the profile; `slots`: the tables that it does read. */
export const isSameControl =
  (...slots: readonly string[]) =>
  (before: WithDocument, after: WithDocument): boolean => {
    const [a, b] = [before.document, after.document];
    return (
      isSameRecording(a, b) &&
      keysOf(b).every((key) => key === "recording" || growing.has(key) || a[key] === b[key]) &&
      slots.every((slot) => a.tables[slot] === b.tables[slot])
    );
  };
