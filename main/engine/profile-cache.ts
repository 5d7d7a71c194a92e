import type { Answer } from "./profile-contract.ts";

/** Answers of one profile by query: the newest of each, a bounded number of them, large ones not kept at all. */
export interface AnswerCache {
  /** `ask` is stopped once everybody who waits for it has gone: whoever gives no signal stays. */
  answer(
    key: string,
    revision: number,
    ask: (stopped: AbortSignal) => Promise<Answer>,
    signal?: AbortSignal,
  ): Promise<Answer>;
  clear(): void;
}

const MAX_ANSWERS = 32;
const MAX_ANSWER_BYTES = 4 << 20;

export function createAnswerCache(): AnswerCache {
  const kept = new Map<string, Answer>();
  /** Questions under way: the same one about the same revision waits for the same answer. */
  const asked = new Map<string, Asked>();

  return {
    answer: (key, revision, ask, signal) => {
      const known = kept.get(key);
      if (known && known.revision >= revision) {
        // Back of the row: the first in the map is the one that was not used for longest.
        kept.delete(key);
        kept.set(key, known);
        return Promise.resolve(known);
      }
      const question = `${revision} ${key}`;
      const waiting = asked.get(question);
      if (waiting) return join(waiting, signal);
      const stop = new AbortController();
      const answer = ask(stop.signal)
        .then((fresh) => {
          kept.delete(key);
          if (sizeOf(fresh.table, 0) <= MAX_ANSWER_BYTES) kept.set(key, fresh);
          for (const oldest of kept.keys()) {
            if (kept.size <= MAX_ANSWERS) break;
            kept.delete(oldest);
          }
          return fresh;
        })
        .finally(() => forget());
      const own: Asked = { answer, waiting: 0, stop: () => stop.abort(), forget };
      function forget(): void {
        if (asked.get(question) === own) asked.delete(question);
      }
      asked.set(question, own);
      return join(own, signal);
    },
    clear: () => kept.clear(),
  };
}

interface Asked {
  readonly answer: Promise<Answer>;
  waiting: number;
  stop(): void;
  /** Whoever asks from now on asks anew. */
  forget(): void;
}

function join(asked: Asked, signal: AbortSignal | undefined): Promise<Answer> {
  asked.waiting++;
  if (signal === undefined) return asked.answer;
  const leave = (): void => {
    if (--asked.waiting > 0) return;
    asked.forget();
    asked.stop();
  };
  if (signal.aborted) leave();
  else signal.addEventListener("abort", leave, { once: true });
  return asked.answer.finally(() => signal.removeEventListener("abort", leave));
}

/** Bytes of columns and characters of texts: near enough to keep a bound. */
function sizeOf(value: unknown, depth: number): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null || depth > 4) return 8;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  let sum = 0;
  for (const item of Object.values(value)) sum += sizeOf(item, depth + 1);
  return sum;
}
