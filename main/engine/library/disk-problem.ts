import { type Problem, ProblemError, problemOf } from "#core/base/result.ts";

export const errnoOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Why something could not be written, for a person. */
function writeProblem(error: unknown, path: string): Problem {
  if (error instanceof ProblemError) return error.problem;
  const words = wordsOf(error);
  switch (errnoOf(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return problemOf(
        "disk-full",
        `There is no room left to write ${path}.`,
        "Free some space, or choose a folder on another disk; what was written before is kept.",
        words,
      );
    case "EACCES":
    case "EPERM":
      return problemOf(
        "not-writable",
        `You are not allowed to write ${path}.`,
        "Choose another folder, or change its permissions.",
        words,
      );
    case "EROFS":
      return problemOf(
        "not-writable",
        `${path} is on a file system that is read-only.`,
        "Choose another folder.",
        words,
      );
    case "ENOENT":
    case "ENOTDIR":
      return problemOf(
        "no-such-folder",
        `The folder of ${path} does not exist.`,
        "Make the folder first, or choose another one.",
        words,
      );
    case "EISDIR":
      return problemOf("is-a-directory", `${path} is a folder.`, "Add a file name to it.", words);
    case "EMFILE":
    case "ENFILE":
      return problemOf(
        "too-many-files",
        "Too many files are open.",
        "Close some profiles or recordings and try again.",
        words,
      );
    default:
      return problemOf(
        "write-failed",
        `${path} could not be written.`,
        "Check the disk, and try another folder.",
        words,
      );
  }
}

/** Why something could not be read, for a person. */
export function readProblem(error: unknown, path: string): Problem {
  if (error instanceof ProblemError) return error.problem;
  const words = wordsOf(error);
  switch (errnoOf(error)) {
    case "ENOENT":
    case "ENOTDIR":
    case "ELOOP":
    case "ENAMETOOLONG":
      return problemOf(
        "no-such-file",
        `There is no file ${path}.`,
        "Check the path; the file may have been moved or deleted.",
        words,
      );
    case "EACCES":
    case "EPERM":
      return problemOf(
        "not-readable",
        `You are not allowed to read ${path}.`,
        "Change its permissions, or copy it to where you can read it.",
        words,
      );
    case "EISDIR":
      return directoryProblem(path);
    default:
      return problemOf(
        "read-failed",
        `${path} could not be read.`,
        "Check the disk, and try a copy of the file.",
        words,
      );
  }
}

export const directoryProblem = (path: string): Problem =>
  problemOf("is-a-directory", `${path} is a folder, not a profile.`, "Open one of the files in it.");

/** Runs a write; what it throws becomes a ProblemError. */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new ProblemError(writeProblem(error, path), { cause: error });
  }
}

/** Runs a read; what it throws becomes a ProblemError. */
export async function reading<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new ProblemError(readProblem(error, path), { cause: error });
  }
}
