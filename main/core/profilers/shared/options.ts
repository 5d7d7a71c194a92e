import { fail, ok, type Result } from "../../base/result.ts";
import type { OptionValues } from "../../model/recording.ts";
import type { OptionSpec } from "../profiler.ts";

/** The values a plan is made from: what was asked for, checked, and the defaults for the rest. */
export function resolveOptions(specs: readonly OptionSpec[], asked: OptionValues): Result<OptionValues> {
  const known = new Set(specs.map((spec) => spec.id));
  const stray = Object.keys(asked).find((id) => !known.has(id));
  if (stray !== undefined) {
    const list = [...known].join(", ");
    return bad(`There is no option "${stray}".`, list === "" ? "Leave it out." : `The options are: ${list}.`);
  }
  const values: Record<string, string | number | boolean> = {};
  for (const spec of specs) {
    const value = Object.hasOwn(asked, spec.id) ? asked[spec.id] : spec.default;
    const problem = refusal(spec, value);
    if (problem !== null) return bad(`"${String(value)}" is no value for the option "${spec.id}".`, problem);
    values[spec.id] = value ?? spec.default;
  }
  return ok(values);
}

function refusal(spec: OptionSpec, value: unknown): string | null {
  switch (spec.type) {
    case "number":
      return typeof value === "number" && value >= spec.min && value <= spec.max
        ? null
        : `Give a number from ${spec.min} to ${spec.max} ${spec.unit}.`;
    case "choice":
      return spec.choices.some((choice) => choice.value === value)
        ? null
        : `Give one of: ${spec.choices.map((choice) => choice.value).join(", ")}.`;
    case "text":
      return typeof value === "string" && new RegExp(`^(?:${spec.pattern})$`).test(value)
        ? null
        : `Give a text such as ${spec.example}.`;
    case "flag":
      return typeof value === "boolean" ? null : "Give true or false.";
  }
}

const bad = (message: string, fix: string): Result<never> => fail("bad-option", message, fix);

export function numberOption(values: OptionValues, id: string, fallback: number): number {
  const value = values[id];
  return typeof value === "number" ? value : fallback;
}

export const flagOption = (values: OptionValues, id: string): boolean => values[id] === true;

export function textOption(values: OptionValues, id: string, fallback: string): string {
  const value = values[id];
  return typeof value === "string" ? value : fallback;
}
