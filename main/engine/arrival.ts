import { type Problem, ProblemError, problemOf } from "#core/base/result.ts";

/** A file that is still being written, of which is known how long it will be: whoever reads it waits for what has not come. */
export interface Arrival {
  readonly sizeBytes: number;
  /** Resolves when so many bytes are there; rejects when they will not come. */
  upTo(bytes: number): Promise<void>;
  arrived(bytes: number): void;
  /** Nothing more comes. */
  fail(problem: Problem): void;
}

export const uploadBroken = problemOf(
  "upload-incomplete",
  "The file stopped coming before it was whole.",
  "Drop it again.",
);

export function createArrival(sizeBytes: number): Arrival {
  let hereBytes = 0;
  let broken: Problem | null = null;
  const waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const each of waiting.splice(0)) each();
  };
  return {
    sizeBytes,
    upTo: async (bytes) => {
      const wanted = Math.min(bytes, sizeBytes);
      while (hereBytes < wanted) {
        if (broken) throw new ProblemError(broken);
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    arrived: (bytes) => {
      hereBytes = Math.max(hereBytes, bytes);
      wake();
    },
    fail: (problem) => {
      broken ??= problem;
      wake();
    },
  };
}
