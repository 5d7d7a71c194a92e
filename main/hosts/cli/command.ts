import { type ParseArgsConfig, parseArgs } from "node:util";
import type { Problem } from "#core/base/result.ts";

/** Exit codes of every command. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** Results go to `out`, everything else to `err`, so that `flamewright ... | next` only ever sees results. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** stderr is a terminal: progress may be drawn there. */
  readonly errIsTty: boolean;
  readonly outIsTty: boolean;
  readonly columns: number;
  readonly rows: number;
  /** Called at each Ctrl-C (SIGINT, SIGTERM, SIGHUP) until disposed of; while one is set the process does not die of it. */
  onInterrupt(handler: () => void): { dispose(): void };
}

export type Options = NonNullable<ParseArgsConfig["options"]>;

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Without the program's name: "info FILE [--json]". */
  readonly usage: readonly string[];
  /** Flag and what it does, in the order of the help. */
  readonly flags: readonly (readonly [string, string])[];
  readonly examples: readonly string[];
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

/** The words of a call were wrong: exit code 2. */
export class UsageError extends Error {}

export interface Parsed {
  /** Of a flag that was given several times, see `given`. */
  readonly values: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  /** Every flag in the order of the words. */
  readonly given: readonly { readonly name: string; readonly value: string | undefined }[];
  readonly positionals: readonly string[];
  /** What stood after `--`. */
  readonly rest: readonly string[];
}

/** Flags and positionals of one command; words after `--` are kept apart. Throws UsageError. */
export function parseWords(args: readonly string[], options: Options): Parsed {
  const cut = args.indexOf("--");
  const own = cut === -1 ? args : args.slice(0, cut);
  try {
    const parsed = parseArgs({ args: [...own], options, allowPositionals: true, strict: true, tokens: true });
    return {
      values: parsed.values as Parsed["values"],
      given: parsed.tokens.flatMap((token) =>
        token.kind === "option" ? [{ name: token.name, value: token.value }] : [],
      ),
      positionals: parsed.positionals,
      rest: cut === -1 ? [] : args.slice(cut + 1),
    };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The one file a command is about. */
export function onlyFile(parsed: Parsed, command: string): string {
  const [file, ...more] = parsed.positionals;
  if (file === undefined) throw new UsageError(`${command} needs a file`);
  if (more.length > 0) throw new UsageError(`${command} takes one file, not ${more.length + 1}`);
  return file;
}

export function numberFlag(parsed: Parsed, flag: string, least: number): number | null {
  const text = parsed.values[flag];
  if (text === undefined) return null;
  const value = typeof text === "string" && text.trim() !== "" ? Number(text) : Number.NaN;
  if (!Number.isFinite(value) || value < least)
    throw new UsageError(`--${flag} takes a number${Number.isFinite(least) ? ` from ${least} up` : ""}`);
  return value;
}

export function textFlag(parsed: Parsed, flag: string): string {
  const value = parsed.values[flag];
  return typeof value === "string" ? value : "";
}

export const describeProblem = (problem: Problem): string =>
  [
    `flamewright: ${problem.message} [${problem.code}]`,
    ...(problem.fix ? [`  ${problem.fix}`] : []),
    ...(problem.detail ? problem.detail.split("\n").map((line) => `  | ${line}`) : []),
    "",
  ].join("\n");

export const printJson = (terminal: Terminal, value: unknown): void =>
  terminal.out(`${JSON.stringify(value, null, 2)}\n`);
