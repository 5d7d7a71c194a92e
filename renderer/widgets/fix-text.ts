/** A fix as people take it: what is to be done in words, and the command that does it, exactly. Either may be "". */
export interface FixParts {
  readonly words: string;
  readonly command: string;
}

/** Behind a colon a sentence may go on: only what begins like this is a command there, with the full stop that is not its own. */
const begun =
  /^([A-Z][^:]*:) ((?:sudo|python3|pipx|cargo|node|npm|go|perf|jcmd|flamewright) [^;,()]*?|-[^;,]*?)\.?$/;

/** "sudo sysctl x=1" is a command, "Start it with: node -x" words before one, and other sentences are words alone. */
export function fixParts(fix: string): FixParts {
  const [, before, behind] = begun.exec(fix) ?? [];
  if (before !== undefined && behind !== undefined && !behind.includes(". "))
    return { words: before, command: behind };
  return /^[a-z]/.test(fix) && !fix.endsWith(".") ? { words: "", command: fix } : { words: fix, command: "" };
}
