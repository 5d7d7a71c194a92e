import { createAnalyst } from "#core/analysis/index.ts";
import type { MemorySite, MemoryTable } from "#core/model/memory-table.ts";
import type { Profile } from "#core/model/profile.ts";
import { everything, type Selection } from "#core/model/query.ts";

/** What the Memory view says of a profile. */
export const memoryOf = (profile: Profile, selection: Partial<Selection> = {}): MemoryTable =>
  createAnalyst().answer(profile, { view: "memory", selection: { ...everything, ...selection } });

/** The place of a name, whatever the language puts around it. */
export function siteOf(table: MemoryTable, name: string): MemorySite {
  const found = table.sites.find((site) => site.name === name || site.name.endsWith(`.${name}`));
  if (found === undefined)
    throw new Error(`no site ${name} among ${table.sites.map((site) => site.name).join(", ")}`);
  return found;
}
