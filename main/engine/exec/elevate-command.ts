import { baseName } from "#core/profilers/shared/words.ts";

/** What native-scripts/flamewright-elevate knows how to run: program and subcommand to its verb. */
const verbs: readonly { readonly words: readonly string[]; readonly verb: string }[] = [
  { words: ["perf", "record"], verb: "perf-record" },
  { words: ["strace"], verb: "strace" },
];

/**
 * The verb and arguments that run a stage of a pipeline as root; null where the helper has no verb for it. What the
 * helper does by itself is left out: it makes perf's control channel, and lets the tool die with itself.
 */
export function elevatedArguments(argv: readonly string[]): readonly string[] | null {
  const words = withoutPrefix(argv);
  for (const { words: known, verb } of verbs) {
    const [program = "", ...others] = words;
    const said = [baseName(program), ...others.slice(0, known.length - 1)];
    if (!known.every((word, index) => said[index] === word)) continue;
    return [verb, ...withoutControl(words.slice(known.length))];
  }
  return null;
}

function withoutPrefix(argv: readonly string[]): readonly string[] {
  if (baseName(argv[0] ?? "") !== "setpriv") return argv;
  return argv.slice(argv.indexOf("--") + 1);
}

function withoutControl(words: readonly string[]): readonly string[] {
  const at = words.indexOf("--control");
  return at < 0 ? words : [...words.slice(0, at), ...words.slice(at + 2)];
}
