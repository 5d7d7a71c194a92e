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
  load: async (source) => (await readSession(source)).profile,
};
