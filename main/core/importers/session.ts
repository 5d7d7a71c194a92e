import { isSession, readSession } from "../model/session.ts";
import type { LoadImporter } from "./importer.ts";

/** The workbench's own sessions. */
export const session: LoadImporter = {
  kind: "load",
  id: "flamewright",
  title: "Flamewright session",
  extensions: ["fwp"],
  order: 0,
  sniff: isSession,
  load: async (source, { signal }) => {
    const { profile, damage } = await readSession(source, signal);
    if (damage === null) return profile;
    const note = `The session file is damaged: ${damage}. The samples are whole; save it again under another name.`;
    return { ...profile, meta: { ...profile.meta, notes: [...profile.meta.notes, note] } };
  },
};
