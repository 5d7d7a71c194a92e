// npm run bench [-- FLAGS]: throughput and memory on generated profiles; `--help` lists the flags.
import { inRoot, requireNode, run } from "./project.mjs";

requireNode();
const { ensureInstalled, ensurePty } = await import("./install.mjs");
const { ensureBuilt } = await import("./build.mjs");
await ensureInstalled();
await ensurePty();
await ensureBuilt();
// The benchmark reads its memory after a collection.
process.exitCode = await run(process.execPath, [
  "--expose-gc",
  inRoot("out", "node", "bench.js"),
  ...process.argv.slice(2),
]);
