import { spawn } from "node:child_process";
import { fail, ok, type Result } from "#core/base/result.ts";
import { splitWords } from "#core/base/shell-words.ts";

/** The words of the editor's command, with the file and the line in their places. No shell ever sees them. */
export function editorArguments(template: string, file: string, line: number): Result<readonly string[]> {
  const words = splitWords(template);
  if (!words.ok) return words;
  if (words.value.length === 0)
    return fail(
      "no-editor",
      "No editor is set.",
      'Set its command under Settings, Editor: for example "code --goto {file}:{line}".',
    );
  return ok(
    words.value.map((word) =>
      word.replace(/\{(file|line)\}/g, (_, what) => (what === "file" ? file : String(Math.max(1, line)))),
    ),
  );
}

const SETTLE_MS = 500;

/** Starts the editor and leaves it running; a problem where it could not be started, or ended at once with one. */
export function startEditor(argv: readonly string[]): Promise<Result<null>> {
  const [program = "", ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(program, args, { detached: true, stdio: "ignore" });
    const settled = setTimeout(() => resolve(ok(null)), SETTLE_MS);
    child.once("error", (error) => {
      clearTimeout(settled);
      resolve(
        fail(
          "editor-failed",
          `${program} could not be started.`,
          "Check the command under Settings, Editor.",
          error.message,
        ),
      );
    });
    child.once("exit", (code, signal) => {
      clearTimeout(settled);
      resolve(
        code === 0
          ? ok(null)
          : fail(
              "editor-failed",
              `${program} ended at once (${signal ?? `exit code ${code}`}).`,
              "Check the command under Settings, Editor.",
            ),
      );
    });
    child.unref();
  });
}
