// npm run fuzz [-- FLAGS]: damaged files for every importer; `--help` lists the flags.
import { inRoot, requireNode, run } from "./project.mjs";

requireNode();
const { ensureInstalled, ensurePty } = await import("./install.mjs");
const { ensureBuilt } = await import("./build.mjs");
await ensureInstalled();
await ensurePty();
await ensureBuilt();
process.exitCode = await run(process.execPath, [inRoot("out", "node", "fuzz.js"), ...process.argv.slice(2)]);
