import type { OptionValues } from "#core/model/recording.ts";
import { profilers } from "#core/profilers/index.ts";
import type { OptionSpec } from "#core/profilers/profiler.ts";
import { numberFlag, type Options, type Parsed, UsageError } from "./command.ts";

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

export const optionFlags: Options = Object.fromEntries(
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
export function optionValues(parsed: Parsed): OptionValues {
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
