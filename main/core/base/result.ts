/**
 * Expected failures are values. A Problem is what a person is shown: a stable code, what happened, and what to
 * do next. Exceptions are bugs, with one exception: ProblemError carries a Problem through code that can only
 * throw (streams, promises across a port).
 */
export interface Problem {
  /** Stable, kebab-case, e.g. "no-such-process". Tests and scripts match on it. */
  readonly code: string;
  /** One sentence: what happened. */
  readonly message: string;
  /** One sentence: what to do next. */
  readonly fix: string;
  /** The tool's or the system's own words, verbatim. Data: never HTML. */
  readonly detail?: string;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });

export const fail = (code: string, message: string, fix: string, detail?: string): Result<never> => ({
  ok: false,
  problem: problemOf(code, message, fix, detail),
});

export function problemOf(code: string, message: string, fix: string, detail?: string): Problem {
  return detail === undefined ? { code, message, fix } : { code, message, fix, detail };
}

export class ProblemError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.message, options);
    this.name = "ProblemError";
    this.problem = problem;
  }
}

/** A thrown Problem, in one line: code, what happened, what to do. */
export function throwProblem(code: string, message: string, fix: string, detail?: string): never {
  throw new ProblemError(problemOf(code, message, fix, detail));
}

export const cancelled: Problem = {
  code: "cancelled",
  message: "The work was cancelled.",
  fix: "Start it again when you need it.",
};

/** Any thrown value as a Problem; what is not a ProblemError is a bug and says so. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof Error && error.name === "AbortError") return cancelled;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    code: "internal",
    message: "Something went wrong inside Flamewright.",
    fix: "Please report it with the detail below; what was recorded is kept.",
    detail,
  };
}
