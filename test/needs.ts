import { describe } from "vitest";
import { problemOfTool, type ToolName } from "../native-scripts/bootstrap/tools.mjs";

/**
 * A `describe` for tests that need tools of the machine: `needs("perf", "cc")("records a native program", () => ...)`.
 * Where one is missing they are skipped, and `npm test` lists them at its end with the command that enables them;
 * with CI set it counts them as failed.
 */
export function needs(...names: readonly ToolName[]): (title: string, body: () => void) => void {
  const missing = names.filter((name) => problemOfTool(name) !== "");
  return (title, body) => {
    // npm test reads the tools' names from this title.
    if (missing.length > 0) describe.skip(`${title} (needs ${missing.join(", ")})`, body);
    else describe(title, body);
  };
}
