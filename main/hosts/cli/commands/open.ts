import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ProblemError, problemOf } from "#core/base/result.ts";
import { joinWords } from "#core/base/shell-words.ts";
import { compareFlags, viewFlags } from "#core/model/view-words.ts";
import {
  type Command,
  exitCodes,
  type Options,
  onlyFile,
  type Parsed,
  parseWords,
  textFlag,
} from "../command.ts";
import { filesOf, sideSelections } from "../compare-sides.ts";
import {
  compareOptions,
  selectionHelp,
  selectionOptions,
  transformsOf,
  viewOptions,
} from "../selection-flags.ts";
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

/** What goes to the page. */
const shownOptions: Options = { ...compareOptions, ...viewOptions, ...selectionOptions, ...sideSelections };
const options: Options = { browser: { type: "boolean" }, vs: { type: "boolean" }, ...shownOptions };

/** Both sides of a comparison: their paths go to the page as words, the first of them as the file as well. */
function comparedFiles(args: readonly string[], parsed: Parsed) {
  const vs = args.indexOf("--vs");
  const { before, after } = filesOf(
    parsed,
    vs === -1 ? null : parseWords(args.slice(0, vs), options).positionals,
  );
  const [first = "", ...more] = before.map((path) => resolve(path));
  const others = after.map((path) => resolve(path));
  return {
    file: first,
    all: [first, ...more, ...others],
    words: [
      "--view=compare",
      ...[first, ...more].map((path) => `--before=${path}`),
      ...others.map((path) => `--after=${path}`),
      ...parsed.given.flatMap(({ name, value }) =>
        name !== "view" && name in shownOptions
          ? [value === undefined ? `--${name}` : `--${name}=${value}`]
          : [],
      ),
    ],
  };
}

export const openCommand: Command = {
  name: "open",
  summary: "open a profile in the workbench",
  usage: [
    "open FILE [--browser] [--view ID] [--function NAME] [--search REGEX] [--last T] [FILTER...]",
    "open BEFORE AFTER --view compare",
    "open BEFORE… --vs AFTER… --view compare",
  ],
  flags: [
    ["--browser", "in the browser, also where Electron is to be had"],
    ["--view compare", "two files, or several a side"],
    ["--vs", "between the files before and those after, where a side has several"],
    [
      "--before-…, --after-…",
      "of a comparison: what is selected of one side, as `flamewright diff` takes it",
    ],
    ...[...viewFlags, ...compareFlags].map(
      ({ name, hasValue, help }) => [`--${name}${hasValue ? " …" : ""}`, help] as const,
    ),
    ...selectionHelp,
  ],
  examples: ["flamewright open slow.fwp", "flamewright open f.pb.gz --view sandwich --function parse"],
  run: async (args, terminal) => {
    const parsed = parseWords(args, options);
    transformsOf(parsed);
    const compared = textFlag(parsed, "view") === "compare" ? comparedFiles(args, parsed) : null;
    const file = compared ? compared.file : resolve(onlyFile(parsed, "open"));
    for (const each of compared?.all ?? [file])
      if (!existsSync(each))
        throw new ProblemError(problemOf("no-such-file", `There is no file ${each}.`, "Check the path."));
    const words = compared
      ? compared.words
      : parsed.given
          .filter(({ name }) => name !== "browser")
          .map(({ name, value }) => {
            if (value === undefined) return `--${name}`;
            // The page knows files by where they are, and not from where it was asked.
            return `--${name}=${name === "since" ? resolve(value) : value}`;
          });
    const view = words.length > 0 ? [`--view-words=${joinWords(words)}`] : [];
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
