import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ProblemError, problemOf } from "#core/base/result.ts";
import { type Command, exitCodes, onlyFile, parseWords } from "../command.ts";
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
  usage: ["open FILE [--browser]"],
  flags: [["--browser", "in the browser, also where Electron is to be had"]],
  examples: ["flamewright open slow.fwp"],
  run: async (args, terminal) => {
    const parsed = parseWords(args, { browser: { type: "boolean" } });
    const file = resolve(onlyFile(parsed, "open"));
    if (!existsSync(file))
      throw new ProblemError(problemOf("no-such-file", `There is no file ${file}.`, "Check the path."));
    if (parsed.values.browser || !existsSync(launcher)) return serveCommand.run(["--open", file], terminal);
    const child = spawn(process.execPath, [launcher, file], { stdio: "inherit" });
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
