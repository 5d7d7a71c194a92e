import type { ByteSource } from "../bytes/source.ts";
import type { ProfileBuilder } from "../model/builder.ts";
import type { Profile } from "../model/profile.ts";
import { collapsed } from "./collapsed.ts";
import { importWith } from "./import-with.ts";
import type { ImportContext, Importer } from "./importer.ts";
import { perfScript } from "./perf-script.ts";
import { session } from "./session.ts";

/** One line a format. */
export const importers: readonly Importer[] = [session, perfScript, collapsed].sort(
  (a, b) => a.order - b.order,
);

/** Who reads a file that begins like this; null when nobody does. */
export const pickImporter = (head: Uint8Array, name: string): Importer | null =>
  importers.find((each) => each.sniff(head, name)) ?? null;

export const findImporter = (id: string): Importer | null => importers.find((each) => each.id === id) ?? null;

/** Reads a file of any known format; see `importWith`. */
export const importProfile = (
  source: ByteSource,
  context: ImportContext,
  out?: ProfileBuilder,
): Promise<Profile> => importWith(pickImporter, source, context, out);
