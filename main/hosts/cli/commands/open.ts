import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ProblemError, problemOf } from "#core/base/result.ts";
import { joinWords } from "#core/base/shell-words.ts";
import { viewFlags } from "#core/model/selection-words.ts";
import { type Command, exitCodes, onlyFile, parseWords } from "../command.ts";
import { selectionHelp, selectionOptions, transformsOf } from "../selection-flags.ts";
import { serveCommand } from "./serve.ts";

/** Present in a checkout; an installed package serves to the browser. */
const launcher = join(
  dirname(fileURLToPath(import.meta.url)),
  "..",
  "..",
  "native-scripts",
  "bootstrap",
  "start.mjs",
);

export const openCommand: Command = {
  name: "open",
  summary: "open a profile in the workbench",
  usage: ["open FILE [--browser] [--view ID] [--function NAME] [--search REGEX] [--last T] [FILTER...]"],
  flags: [
    ["--browser", "in the browser, also where Electron is to be had"],
    ["--view ID", "flame, top, tree, sandwich, chart, heatmap, info ..."],
    ["--function NAME", "select this function"],
    ["--search REGEX", "mark what matches"],
    ["--last T", "only the last so much of the time, like 10s"],
    ...selectionHelp,
  ],
  examples: ["flamewright open slow.fwp", "flamewright open f.pb.gz --view sandwich --function parse"],
  run: async (args, terminal) => {
    const parsed = parseWords(args, {
      browser: { type: "boolean" },
      ...Object.fromEntries(viewFlags.map(({ name }) => [name, { type: "string" } as const])),
      ...selectionOptions,
    });
    transformsOf(parsed);
    const words = parsed.given
      .filter(({ name }) => name !== "browser")
      .map(({ name, value }) => (value === undefined ? `--${name}` : `--${name}=${value}`));
    const view = words.length > 0 ? [`--view-words=${joinWords(words)}`] : [];
    const file = resolve(onlyFile(parsed, "open"));
    if (!existsSync(file))
      throw new ProblemError(problemOf("no-such-file", `There is no file ${file}.`, "Check the path."));
    if (parsed.values.browser || !existsSync(launcher))
      return serveCommand.run(["--open", ...view, file], terminal);
    const child = spawn(process.execPath, [launcher, ...view, file], { stdio: "inherit" });
    const interrupt = terminal.onInterrupt(() => child.kill("SIGINT"));
    return new Promise((done, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => {
        interrupt.dispose();
        done(code ?? exitCodes.failed);
      });
    });
  },
};
