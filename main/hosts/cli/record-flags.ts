import {
  type ElevationWay,
  elevationWays,
  type OptionValues,
  type RecordRequestInput,
} from "#core/model/recording.ts";
import { profilers } from "#core/profilers/index.ts";
import type { OptionSpec } from "#core/profilers/profiler.ts";
import { numberFlag, type Options, type Parsed, textFlag, UsageError } from "./command.ts";

/** Flags that follow from the profilers' own options: "callGraph" is --call-graph. */

const flagOf = (id: string): string => id.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

interface Flag {
  readonly id: string;
  /** The option of each profiler that has one of this name: they differ in bounds and defaults. */
  readonly specs: readonly { readonly profiler: string; readonly spec: OptionSpec }[];
  readonly first: OptionSpec;
}

const flags: readonly Flag[] = (() => {
  const found = new Map<string, Flag>();
  for (const { id: profiler, options } of profilers)
    for (const spec of options) {
      const known = found.get(spec.id);
      found.set(spec.id, {
        id: spec.id,
        specs: [...(known?.specs ?? []), { profiler, spec }],
        first: known?.first ?? spec,
      });
    }
  return [...found.values()];
})();

const choicesOf = (spec: OptionSpec): readonly string[] =>
  spec.type === "choice" ? spec.choices.map(({ value }) => value) : [];

const optionFlags: Options = Object.fromEntries(
  flags.flatMap(({ id, first }): [string, Options[string]][] =>
    first.type === "flag"
      ? [
          [flagOf(id), { type: "boolean" }],
          [`no-${flagOf(id)}`, { type: "boolean" }],
        ]
      : [[flagOf(id), { type: "string" }]],
  ),
);

export const optionHelp: readonly (readonly [string, string])[] = flags.map(({ id, first, specs }) => {
  const flag = flagOf(id);
  const defaults = specs.map(({ profiler, spec }) => {
    const value = spec.type === "flag" ? (spec.default ? "on" : "off") : String(spec.default) || "none";
    return `${profiler}: ${value}`;
  });
  const help = `${first.help} (default of ${defaults.join(", of ")})`;
  if (first.type === "flag") return [`--${flag}, --no-${flag}`, help];
  const value =
    first.type === "number"
      ? first.unit.toUpperCase() || "N"
      : first.type === "text"
        ? flag.toUpperCase()
        : choicesOf(first).join("|");
  return [`--${flag} ${value}`, help];
});

/** The options that were given; what is left out takes the profiler's default, and the profiler checks the bounds. */
function optionValues(parsed: Parsed): OptionValues {
  const values: OptionValues = {};
  for (const { id, first, specs } of flags) {
    const flag = flagOf(id);
    if (first.type === "flag") {
      if (parsed.values[flag]) values[id] = true;
      if (parsed.values[`no-${flag}`]) values[id] = false;
      continue;
    }
    const text = parsed.values[flag];
    if (typeof text !== "string") continue;
    if (first.type === "number") {
      values[id] = numberFlag(parsed, flag, Number.NEGATIVE_INFINITY) ?? first.default;
      continue;
    }
    if (first.type === "text") {
      values[id] = text;
      continue;
    }
    const choices = [...new Set(specs.flatMap(({ spec }) => choicesOf(spec)))];
    if (!choices.includes(text)) throw new UsageError(`--${flag} takes ${choices.join(" or ")}, not ${text}`);
    values[id] = text;
  }
  return values;
}

/** The flags of every command that records: what, by which profiler, for how long, with whose rights. */
export const recordFlags: Options = {
  pid: { type: "string" },
  system: { type: "boolean" },
  endpoint: { type: "string" },
  profiler: { type: "string" },
  duration: { type: "string" },
  elevate: { type: "string" },
  ...optionFlags,
};

export const elevateHelp = [
  "--elevate sudo|pkexec",
  "run the profiler, and nothing else, as root; asks for the password on the terminal",
] as const satisfies readonly [string, string];

/** What those flags ask for. `profiler`: which one where none is named. */
export const recordRequest = (parsed: Parsed, profiler = ""): RecordRequestInput => ({
  profiler: textFlag(parsed, "profiler") || profiler,
  target: recordTarget(parsed),
  options: optionValues(parsed),
  durationS: numberFlag(parsed, "duration", 0.1),
  elevate: elevationWay(parsed),
});

/** The target that the words name: --pid, an address, or a command after `--`. */
function recordTarget(parsed: Parsed): RecordRequestInput["target"] {
  const pids = pidList(textFlag(parsed, "pid"));
  const system = parsed.values.system === true;
  const url = textFlag(parsed, "endpoint");
  const given = [pids.length > 0, url !== "", system, parsed.rest.length > 0].filter(Boolean).length;
  if (parsed.positionals.length > 0)
    throw new UsageError(`put the command after --: record -- ${parsed.positionals.join(" ")}`);
  if (given !== 1)
    throw new UsageError("record needs one of --pid N, --system, --endpoint ADDRESS, or -- COMMAND ...");
  const [pid, ...more] = pids;
  if (pid !== undefined) return { kind: "pid", pid, ...(more.length > 0 && { pids: more }) };
  if (system) return { kind: "system" };
  if (url !== "") return { kind: "endpoint", url };
  return { kind: "launch", argv: [...parsed.rest], cwd: process.cwd() };
}

/** "4711" or "4711,4712"; empty where the flag was not given. */
function pidList(text: string): readonly number[] {
  if (text === "") return [];
  if (!/^[1-9]\d{0,8}(,[1-9]\d{0,8})*$/.test(text))
    throw new UsageError(`--pid takes a whole number, or several with commas between, not ${text}`);
  return text.split(",").map(Number);
}

function elevationWay(parsed: Parsed): ElevationWay | "" {
  const given = textFlag(parsed, "elevate");
  const way = elevationWays.find((each) => each === given);
  if (given !== "" && way === undefined)
    throw new UsageError(`--elevate takes ${elevationWays.join(" or ")}, not ${given}`);
  return way ?? "";
}
