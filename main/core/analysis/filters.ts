import { compilePattern } from "../model/pattern.ts";
import { presets } from "../model/presets.ts";
import type { Profile } from "../model/profile.ts";
import type { FiltersTable } from "../model/tables.ts";
import type { Transform } from "../model/transform.ts";
import type { Weigher } from "./weigh.ts";

/** More texts of one label are not of use in a list to choose from. */
const MOST_TEXTS = 50;

/** What there is to filter by. */
export function filters(weigher: Weigher, profile: Profile): FiltersTable {
  return {
    view: "filters",
    presets: presets
      .map(({ id, transforms }) => ({
        id,
        functions: transforms.reduce(
          (most, transform) => Math.max(most, matchedFunctions(weigher, profile, transform)),
          0,
        ),
      }))
      .filter(({ functions }) => functions > 0),
    labels: labelsOf(profile),
  };
}

function matchedFunctions(weigher: Weigher, profile: Profile, transform: Transform): number {
  const { length } = profile.functions;
  if (transform.type === "collapse-recursion") {
    const { tree } = weigher.stackTree(profile);
    const recursive = new Set<number>();
    const functions = tree.function;
    const flags = tree.recursive;
    for (let node = 0; node < tree.length; node++) if (flags[node] === 1) recursive.add(functions[node]);
    return recursive.size;
  }
  if (!("pattern" in transform)) return 0;
  const flags =
    transform.type === "collapse-module"
      ? ofModules(profile, transform.pattern)
      : weigher.flags(profile, transform.pattern, ("where" in transform && transform.where) || "name");
  let count = 0;
  for (let func = 0; func < length; func++) count += flags[func];
  return count;
}

/** Functions of binaries, or of files where there is no binary, that match. */
function ofModules({ functions, binaries, strings }: Profile, pattern: string): Uint8Array {
  const expression = compilePattern(pattern);
  return Uint8Array.from({ length: functions.length }, (_, func) => {
    const binary = functions.binary[func];
    const name = binary === -1 ? functions.file[func] : binaries.path[binary];
    return name !== -1 && expression.test(strings[name] ?? "") ? 1 : 0;
  });
}

function labelsOf({ labels, strings }: Profile): FiltersTable["labels"] {
  const keys = new Map<number, Map<number, number>>();
  for (let row = 0; row < labels.length; row++) {
    const texts = keys.get(labels.key[row]) ?? new Map<number, number>();
    keys.set(labels.key[row], texts);
    texts.set(labels.text[row], (texts.get(labels.text[row]) ?? 0) + 1);
  }
  return [...keys].map(([key, texts]) => {
    const known = [...texts].filter(([text]) => text !== -1).sort(([, a], [, b]) => b - a);
    return {
      key: strings[key] ?? "",
      texts: known.slice(0, MOST_TEXTS).map(([text]) => strings[text] ?? ""),
      textsInAll: known.length,
      isNumber: texts.has(-1),
    };
  });
}
