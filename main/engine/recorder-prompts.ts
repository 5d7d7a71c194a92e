import { randomUUID } from "node:crypto";
import { type Disposable, disposable } from "#core/base/disposable.ts";
import { type Problem, ProblemError, problemOf } from "#core/base/result.ts";
import type { AuthorisationPrompt } from "#core/model/recording.ts";
import { type ElevatedProcess, secretProblem } from "./exec/elevate.ts";

type Question = Omit<AuthorisationPrompt, "promptId" | "recordingId" | "triesLeft">;

/** sudo's default; where it is set up otherwise, it says so itself by asking again. */
const mostTries = 3;

/** The questions of one recording, one at a time. An answer goes to who asked, and is kept nowhere. */
export interface Prompts {
  readonly current: AuthorisationPrompt | null;
  onChange(handler: () => void): Disposable;
  /** From here on answers go to this process. */
  open(asker: ElevatedProcess): void;
  ask(question: Question): void;
  answer(promptId: string, secret: Uint8Array): void;
  /** Ends the authorisation; also where nothing asks yet. */
  cancel(why: Problem): void;
  close(): void;
}

export function createPrompts(recordingId: string): Prompts {
  let current: AuthorisationPrompt | null = null;
  let asker: ElevatedProcess | null = null;
  let asked = 0;
  let refused: Problem | null = null;
  const handlers = new Set<() => void>();
  const show = (prompt: AuthorisationPrompt | null): void => {
    if (current === prompt) return;
    current = prompt;
    for (const handler of [...handlers]) handler();
  };
  return {
    get current() {
      return current;
    },
    onChange(handler) {
      handlers.add(handler);
      return disposable(() => handlers.delete(handler));
    },
    open(process) {
      asker = process;
      if (refused !== null) process.cancel(refused);
    },
    ask(question) {
      asked++;
      const triesLeft = Math.max(1, mostTries + 1 - asked);
      show({ ...question, promptId: randomUUID(), recordingId, triesLeft });
    },
    answer(promptId, secret) {
      const problem = current?.promptId === promptId ? secretProblem(secret) : noSuchPrompt;
      if (problem !== null) {
        secret.fill(0);
        throw new ProblemError(problem);
      }
      show(null);
      asker?.answer(secret);
    },
    cancel(why) {
      refused = why;
      show(null);
      asker?.cancel(why);
    },
    close() {
      asker = null;
      show(null);
    },
  };
}

export const noSuchPrompt = problemOf(
  "no-such-prompt",
  "That prompt is over.",
  "Answer the newest one, or start the recording again.",
);
