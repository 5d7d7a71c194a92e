import { ProblemError, toProblem } from "#core/base/result.ts";
import { type Command, describeProblem, exitCodes, type Terminal, UsageError } from "./command.ts";
import { calleesCommand, callersCommand } from "./commands/callers.ts";
import { diffCommand } from "./commands/diff.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { exportCommand } from "./commands/export.ts";
import { formatsCommand } from "./commands/formats.ts";
import { infoCommand } from "./commands/info.ts";
import { ioCommand } from "./commands/io.ts";
import { listCommand } from "./commands/list.ts";
import { locksCommand } from "./commands/locks.ts";
import { memoryCommand } from "./commands/memory.ts";
import { openCommand } from "./commands/open.ts";
import { recordCommand } from "./commands/record.ts";
import { serveCommand } from "./commands/serve.ts";
import { settingsCommand } from "./commands/settings.ts";
import { sourceCommand } from "./commands/source.ts";
import { timelineCommand } from "./commands/timeline.ts";
import { topCommand } from "./commands/top.ts";
import { treeCommand } from "./commands/tree.ts";
import { version } from "./version.ts";

const commands: readonly Command[] = [
  listCommand,
  recordCommand,
  topCommand,
  treeCommand,
  timelineCommand,
  callersCommand,
  calleesCommand,
  locksCommand,
  ioCommand,
  memoryCommand,
  sourceCommand,
  diffCommand,
  infoCommand,
  exportCommand,
  formatsCommand,
  openCommand,
  serveCommand,
  doctorCommand,
  settingsCommand,
];

const overview = (): string =>
  [
    "flamewright: a profiler workbench",
    "",
    ...commands.map((command) => `  flamewright ${command.name.padEnd(8)} ${command.summary}`),
    "",
    "`flamewright COMMAND --help` has the flags and examples. Exit codes: 0 done, 1 failed, 2 usage.",
    "",
  ].join("\n");

const help = (command: Command): string => {
  const width = Math.max(...command.flags.map(([flag]) => flag.length), 0);
  return [
    `flamewright ${command.name}: ${command.summary}`,
    "",
    ...command.usage.map((usage) => `  flamewright ${usage}`),
    ...(command.flags.length > 0 ? [""] : []),
    ...command.flags.map(([flag, what]) => `  ${flag.padEnd(width)}  ${wrapped(what, width + 4)}`),
    "",
    "Examples:",
    ...command.examples.map((example) => `  ${example}`),
    "",
  ].join("\n");
};

const HELP_COLUMNS = 100;

/** Words in lines, all but the first indented. */
function wrapped(text: string, indent: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > HELP_COLUMNS) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${" ".repeat(indent)}`);
}

/** Runs one call; the exit code. Never throws. */
async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args;
  const own = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    const about = commands.find((command) => command.name === own[0]);
    (name === undefined ? terminal.err : terminal.out)(about ? help(about) : overview());
    return name === undefined ? exitCodes.usage : exitCodes.done;
  }
  if (name === "--version" || name === "-v") {
    terminal.out(`${version}\n`);
    return exitCodes.done;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) {
    terminal.err(`flamewright: there is no command ${JSON.stringify(name)}\n\n${overview()}`);
    return exitCodes.usage;
  }
  if (own.includes("--help") || own.includes("-h")) {
    terminal.out(help(command));
    return exitCodes.done;
  }
  try {
    return await command.run(rest, terminal);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(
        `flamewright ${name}: ${error.message}\n\n${command.usage.map((usage) => `  flamewright ${usage}\n`).join("")}`,
      );
      return exitCodes.usage;
    }
    if (isBrokenPipe(error)) return exitCodes.done;
    terminal.err(
      error instanceof ProblemError ? describeProblem(error.problem) : describeProblem(toProblem(error)),
    );
    return exitCodes.failed;
  }
}

const isBrokenPipe = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "EPIPE";

/** SIGHUP: the terminal was closed. What is being recorded is saved then too. */
const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const interruptHandlers = new Set<() => void>();
const onSignal = (): void => {
  for (const handler of [...interruptHandlers]) handler();
};

const terminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  errIsTty: process.stderr.isTTY === true,
  outIsTty: process.stdout.isTTY === true,
  get columns() {
    return process.stdout.columns ?? process.stderr.columns ?? 120;
  },
  get rows() {
    return process.stdout.rows ?? 40;
  },
  onInterrupt: (handler) => {
    if (interruptHandlers.size === 0) for (const name of endingSignals) process.on(name, onSignal);
    interruptHandlers.add(handler);
    return {
      dispose: () => {
        interruptHandlers.delete(handler);
        if (interruptHandlers.size === 0) for (const name of endingSignals) process.off(name, onSignal);
      },
    };
  },
};

/** A reader that has gone away (`flamewright top f | head`) is no failure. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(exitCodes.done);
  throw error;
});
/** Words that nobody hears must not end a recording. */
process.stderr.on("error", () => undefined);

/** Ends by itself once stdout is flushed: process.exit would cut a pipe short. */
process.exitCode = await run(process.argv.slice(2), terminal);
