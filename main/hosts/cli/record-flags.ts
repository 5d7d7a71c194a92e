import type { OptionValues } from "#core/model/recording.ts";
import { profilers } from "#core/profilers/index.ts";
import type { OptionSpec } from "#core/profilers/profiler.ts";
import { numberFlag, type Options, type Parsed, UsageError } from "./command.ts";

/** Flags that follow from the profilers' own options: "callGraph" is --call-graph. */

const flagOf = (id: string): string => id.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const specs = new Map<string, OptionSpec>();
for (const profiler of profilers)
  for (const spec of profiler.options) specs.set(spec.id, specs.get(spec.id) ?? spec);

export const optionFlags: Options = Object.fromEntries(
  [...specs.values()].flatMap((spec): [string, Options[string]][] =>
    spec.type === "flag"
      ? [
          [flagOf(spec.id), { type: "boolean" }],
          [`no-${flagOf(spec.id)}`, { type: "boolean" }],
        ]
      : [[flagOf(spec.id), { type: "string" }]],
  ),
);

export const optionHelp: readonly (readonly [string, string])[] = [...specs.values()].map((spec) => {
  const flag = flagOf(spec.id);
  if (spec.type === "flag")
    return [`--${flag}, --no-${flag}`, `${spec.help} (default: ${spec.default ? "on" : "off"})`];
  const value =
    spec.type === "number" ? spec.unit.toUpperCase() || "N" : spec.choices.map((c) => c.value).join("|");
  return [`--${flag} ${value}`, `${spec.help} (default: ${spec.default})`];
});

/** The options that were given; what is left out takes the profiler's default. */
export function optionValues(parsed: Parsed): OptionValues {
  const values: OptionValues = {};
  for (const spec of specs.values()) {
    const flag = flagOf(spec.id);
    if (spec.type === "flag") {
      if (parsed.values[flag]) values[spec.id] = true;
      if (parsed.values[`no-${flag}`]) values[spec.id] = false;
      continue;
    }
    if (spec.type === "number") {
      const value = numberFlag(parsed, flag, spec.min);
      if (value === null) continue;
      if (value > spec.max) throw new UsageError(`--${flag} takes a number up to ${spec.max}`);
      values[spec.id] = value;
      continue;
    }
    const text = parsed.values[flag];
    if (typeof text !== "string") continue;
    if (!spec.choices.some((choice) => choice.value === text))
      throw new UsageError(
        `--${flag} takes ${spec.choices.map((choice) => choice.value).join(" or ")}, not ${text}`,
      );
    values[spec.id] = text;
  }
  return values;
}
