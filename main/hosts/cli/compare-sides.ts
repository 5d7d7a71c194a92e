import type { ComparisonInput } from "#core/model/compare.ts";
import { selectOpened } from "./ask-file.ts";
import { type Options, type Parsed, type Terminal, textFlag, UsageError } from "./command.ts";
import { type EngineClient, openFiles, untilRead } from "./engine-client.ts";
import { selectionOptions } from "./selection-flags.ts";

/** The two sides of a comparison in the words of a call. */

const sides = ["before", "after"] as const;
type SideName = (typeof sides)[number];

const ofSides = (options: Options): Options =>
  Object.fromEntries(
    sides.flatMap((side) => Object.entries(options).map(([flag, option]) => [`${side}-${flag}`, option])),
  );
/** Every flag that selects, for one side: `--before-until`. */
export const sideSelections: Options = ofSides(selectionOptions);
export const sideOptions: Options = { ...sideSelections, ...ofSides({ member: { type: "string" } }) };

/** The words for one side: the common ones, and those that have its name in front. */
function wordsOf(parsed: Parsed, side: SideName): Parsed {
  const own = (name: string): string | null => {
    if (!(name in sideOptions)) return name;
    return name.startsWith(`${side}-`) ? name.slice(side.length + 1) : null;
  };
  const given = parsed.given.flatMap(({ name, value }) => {
    const as = own(name);
    return as === null ? [] : [{ name: as, value }];
  });
  const values = Object.fromEntries(given.map(({ name, value }) => [name, value ?? true]));
  return { ...parsed, given, values };
}

/** Which files are on which side: those in front of `--vs` and behind it, or one each. */
export function filesOf(
  parsed: Parsed,
  beforeVs: readonly string[] | null,
): Readonly<Record<SideName, readonly string[]>> {
  const { positionals } = parsed;
  if (beforeVs !== null) {
    const after = positionals.slice(beforeVs.length);
    if (beforeVs.length === 0 || after.length === 0)
      throw new UsageError("diff A… --vs B… needs files on both sides of --vs");
    return { before: beforeVs, after };
  }
  const [first, second = first, ...more] = positionals;
  if (first === undefined || second === undefined || more.length > 0)
    throw new UsageError("diff needs one or two files; of several runs a side: diff A… --vs B…");
  if (positionals.length === 1 && !parsed.given.some(({ name }) => name in sideOptions))
    throw new UsageError("diff of one file needs --before-… or --after-… flags that say which parts");
  return { before: [first], after: [second] };
}

/** Opens the runs of both sides. A folder or an archive has as many runs as profiles, unless one of them is named. */
export async function openSides(
  client: EngineClient,
  files: Readonly<Record<SideName, readonly string[]>>,
  parsed: Parsed,
  terminal: Terminal,
): Promise<Pick<ComparisonInput, "before" | "after">> {
  const runsOf = async (side: SideName) => {
    const words = wordsOf(parsed, side);
    const runs: ComparisonInput["before"] = [];
    for (const file of files[side])
      for (const opened of await openFiles(client, file, textFlag(words, "member"))) {
        await untilRead(client, opened, terminal);
        const { profileId, selection } = await selectOpened(client, opened, words);
        runs.push({ profileId, selection });
      }
    return runs;
  };
  const before = await runsOf("before");
  const after = await runsOf("after");
  return { before, after };
}
