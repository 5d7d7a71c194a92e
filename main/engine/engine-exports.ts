import { isAbsolute } from "node:path";
import { throwProblem } from "#core/base/result.ts";
import { writeAtomically } from "./library/atomic-file.ts";
import type { ExportWriter } from "./profile-handle.ts";

/** Reports are made to be handed on, unlike sessions. */
const SHARED_FILE = 0o644;

/** A path that came over a port has no folder to be relative to. */
export function absolutePath(path: string): string {
  if (isAbsolute(path) && !path.includes("\0")) return path;
  return throwProblem(
    "bad-path",
    `${JSON.stringify(path)} is not the full path of a file.`,
    "Give the path from the root: /home/you/report.svg.",
  );
}

/** Whoever exports: gives each chunk to be written, and waits. */
type Exporting = (write: ExportWriter, signal: AbortSignal) => Promise<void>;

export const writeChunks = (path: string, exporting: Exporting, signal: AbortSignal): Promise<number> =>
  writeAtomically(absolutePath(path), exportChunks(exporting, signal), SHARED_FILE);

/** The export as something to loop over: each chunk is asked for when the one before is written. */
async function* exportChunks(exporting: Exporting, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const abort = new AbortController();
  const given: Uint8Array[] = [];
  let written = (): void => undefined;
  let arrived = (): void => undefined;
  let over = false;
  let failure: { readonly error: unknown } | null = null;
  exporting(
    (chunk) => {
      given.push(chunk);
      arrived();
      return new Promise((resolve) => {
        written = resolve;
      });
    },
    AbortSignal.any([signal, abort.signal]),
  )
    .catch((error: unknown) => {
      failure = { error };
    })
    .finally(() => {
      over = true;
      arrived();
    });
  try {
    for (;;) {
      const chunk = given.shift();
      if (chunk) {
        yield chunk;
        written();
      } else if (over) break;
      else
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
    }
    rethrow(failure);
  } finally {
    abort.abort();
  }
}

/** A parameter, because the compiler cannot see that a callback sets the variable. */
function rethrow(failure: { readonly error: unknown } | null): void {
  if (failure) throw failure.error;
}
