import { bpfFolder } from "#core/profilers/profiler.ts";
import { onceAProgram } from "#core/profilers/shared/once-a-program.ts";
import { runnerNumbers } from "#core/profilers/shared/piece-runner.ts";
import { pySpyRunner } from "#core/profilers/shared/py-spy-runner.ts";
import { rbspyRunner } from "#core/profilers/shared/rbspy-runner.ts";
import { baseName } from "#core/profilers/shared/words.ts";

/** What native-scripts/flamewright-elevate knows how to run: program and subcommand to its verb. */
const verbs: readonly { readonly words: readonly string[]; readonly verb: string }[] = [
  { words: ["perf", "record"], verb: "perf-record" },
  { words: ["strace"], verb: "strace" },
  { words: ["austin"], verb: "austin" },
  { words: ["bpftrace"], verb: "bpftrace" },
];

/** A word that, with the one after it, the helper says itself: where perf is told what to do, where strace writes to. */
const ownWords: Readonly<Record<string, string>> = { "perf-record": "--control", strace: "-o" };

/**
 * The verb and arguments that run a stage of a pipeline as root; null where the helper has no verb for it. What the
 * helper does by itself is left out: it makes perf's control channel, and lets the tool die with itself.
 */
export function elevatedArguments(argv: readonly string[]): readonly string[] | null {
  const words = withoutPrefix(argv);
  const run = runnerArguments(words);
  if (run !== null) return run;
  for (const { words: known, verb } of verbs) {
    const [program = "", ...others] = words;
    const said = [baseName(program), ...others.slice(0, known.length - 1)];
    if (!known.every((word, index) => said[index] === word)) continue;
    const own = ownWords[verb] ?? "";
    return [verb, ...withProgram(without(own, words.slice(known.length)))];
  }
  return null;
}

const runners = [
  { text: pySpyRunner, verb: "py-spy" },
  { text: rbspyRunner, verb: "rbspy" },
] as const;

/** The helper has the runner, and finds its tool itself: the runner's numbers and the tool's words are left. */
function runnerArguments(words: readonly string[]): readonly string[] | null {
  const [, flag, text, ...others] = words;
  const runner = flag === "-c" ? runners.find((each) => each.text === text) : undefined;
  if (runner === undefined) return null;
  return [runner.verb, ...others.slice(0, runnerNumbers), ...others.slice(runnerNumbers + 1)];
}

/** What lets a tool die with the workbench, give its lines at once and wait for its target: the helper sees to all. */
function withoutPrefix(argv: readonly string[]): readonly string[] {
  const program = baseName(argv[0] ?? "");
  if (program === "setpriv") return withoutPrefix(argv.slice(argv.indexOf("--") + 1));
  if (argv[2] === onceAProgram) return withoutPrefix(argv.slice(4));
  return program === "stdbuf" && argv[1] === "-oL" ? argv.slice(2) : argv;
}

/** The helper takes the text of a program, not the name of a file: what stands for the file is replaced when it runs. */
const withProgram = (words: readonly string[]): readonly string[] =>
  words.flatMap((word) => (word.startsWith(`${bpfFolder}/`) ? ["-e", word] : [word]));

function without(word: string, words: readonly string[]): readonly string[] {
  const at = words.indexOf(word);
  return at < 0 ? words : [...words.slice(0, at), ...words.slice(at + 2)];
}
