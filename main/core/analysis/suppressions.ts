import { compilePattern } from "../model/pattern.ts";

/**
 * What is known and not to be shown among leaks, as LeakSanitizer and valgrind take it, and as a plain expression a line:
 *
 *     leak:libfontconfig                          LeakSanitizer: part of a function, file or module; * ^ $
 *     ^g_type_init$                               an expression on the names of functions
 *     {                                           valgrind: from the innermost call outwards
 *        a name
 *        Memcheck:Leak
 *        fun:malloc
 *        ...
 *        obj:*libX11*
 *     }
 *
 * https://github.com/google/sanitizers/wiki/AddressSanitizerLeakSanitizer#suppressions
 * https://valgrind.org/docs/manual/manual-core.html#manual-core.suppress
 */
export interface SuppressionFrame {
  readonly name: string;
  readonly file: string;
  readonly binary: string;
}

export interface Suppression {
  readonly name: string;
  /** Frames from the innermost outwards. */
  matches(frames: readonly SuppressionFrame[]): boolean;
}

/** Rules about other things than leaks are passed over, as the tools do. */
export function parseSuppressions(text: string): readonly Suppression[] {
  const rules: Suppression[] = [];
  let block: string[] | null = null;
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    if (block !== null) {
      if (line === "}") {
        const rule = valgrindRule(block);
        if (rule !== null) rules.push(rule);
        block = null;
      } else block.push(line);
    } else if (line === "{") block = [];
    else {
      const typed = /^([a-z_]+):(\S.*)$/.exec(line);
      if (typed?.[1] === "leak") rules.push(sanitizerRule(typed[2] ?? ""));
      else if (typed === null || line.includes("::")) rules.push(plainRule(line));
    }
  }
  return rules;
}

function plainRule(pattern: string): Suppression {
  const expression = compilePattern(pattern);
  return { name: pattern, matches: (frames) => frames.some(({ name }) => expression.test(name)) };
}

function sanitizerRule(template: string): Suppression {
  const starts = template.startsWith("^");
  const ends = template.endsWith("$");
  const inner = template.slice(starts ? 1 : 0, ends ? -1 : undefined);
  const expression = new RegExp(`${starts ? "^" : ""}${globbed(inner, "*")}${ends ? "$" : ""}`, "s");
  return {
    name: `leak:${template}`,
    matches: (frames) =>
      frames.some(({ name, file, binary }) => [name, file, binary].some((text) => expression.test(text))),
  };
}

/** Plain text with wildcards as the source of an expression. */
const globbed = (text: string, wildcards: "*" | "*?"): string =>
  text.replace(/[\\^$.*+?()[\]{}|]/g, (character) => {
    if (character === "*") return ".*";
    return character === "?" && wildcards === "*?" ? "." : `\\${character}`;
  });

function valgrindRule([name = "", kind = "", ...lines]: readonly string[]): Suppression | null {
  if (!/^Memcheck:.*\bLeak\b|^Memcheck,.*:Leak$/.test(kind)) return null;
  type Step = "any" | ((frame: SuppressionFrame) => boolean);
  const steps: Step[] = lines.flatMap((line): Step[] => {
    if (line === "...") return ["any"];
    const [, where = "", pattern = ""] = /^(fun|obj|src):(.*)$/.exec(line) ?? [];
    const expression = new RegExp(`^${globbed(pattern, "*?")}$`, "s");
    if (where === "fun") return [(frame) => expression.test(frame.name)];
    if (where === "obj") return [(frame) => expression.test(frame.binary)];
    if (where === "src") return [(frame) => expression.test(frame.file)];
    return [];
  });
  if (steps.length === 0) return null;
  return { name, matches: (frames) => followed(steps, frames) };
}

/** Which frames may come next, after each step: no backtracking, however many "..." there are. */
function followed(
  steps: readonly ("any" | ((frame: SuppressionFrame) => boolean))[],
  frames: readonly SuppressionFrame[],
): boolean {
  let places = new Set([0]);
  for (const step of steps) {
    const next = new Set<number>();
    if (step === "any") {
      for (let place = Math.min(...places); place <= frames.length; place++) next.add(place);
    } else {
      for (const place of places) {
        const frame = frames[place];
        if (frame !== undefined && step(frame)) next.add(place + 1);
      }
    }
    if (next.size === 0) return false;
    places = next;
  }
  return true;
}
