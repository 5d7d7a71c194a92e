import type { LaunchTarget } from "../../model/recording.ts";
import { baseName } from "./words.ts";

/** Switches of Python that have a value of their own behind them. */
const withValue: ReadonlySet<string> = new Set(["-W", "-X"]);

/** The interpreter with its switches, and the script (or -m and the module) with its own words; null for anything else. */
export function pythonWords({ argv }: LaunchTarget): {
  readonly interpreter: readonly string[];
  readonly script: readonly string[];
} | null {
  if (!/^(?:python|pypy)[\d.]*$/.test(baseName(argv[0] ?? ""))) return null;
  let at = 1;
  for (let word = argv[at]; word?.startsWith("-") && word !== "-m" && word !== "-c"; word = argv[at])
    at += withValue.has(word) ? 2 : 1;
  const first = argv[at];
  if (first === undefined || first === "-c" || first === "-" || (first === "-m" && argv.length < at + 2))
    return null;
  return { interpreter: argv.slice(0, at), script: argv.slice(at) };
}
