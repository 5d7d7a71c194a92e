// npm run package [-- --dir] [electron-builder's own flags]: packages into dist/, as electron-builder.yml says.
import { inRoot, requireNode, run, say } from "./project.mjs";

requireNode();
const { ensureInstalled, ensurePty } = await import("./install.mjs");
const { ensureBuilt } = await import("./build.mjs");
const { findElectron, overrideFolder } = await import("./electron.mjs");

await ensureInstalled();
if (!(await ensurePty())) {
  say("A package without node-pty's native part would be incomplete.");
  process.exit(1);
}
await ensureBuilt();

const args = process.argv.slice(2);
const onlyFolder = args.includes("--dir");

/** Flags that name the Electron to pack; null where there is none. */
async function electronFlags() {
  const { electron, problem } = await findElectron();
  if (electron && overrideFolder() === "") return [];
  let local = electron;
  if (!local && onlyFolder) {
    // Good enough to try the packaged app out, too old to hand on: never for a package that leaves this machine.
    const { cachedTestElectron } = await import("../../test/electron/obtain.mjs");
    const { tryElectron } = await import("./electron.mjs");
    if (cachedTestElectron() !== "") local = (await tryElectron(cachedTestElectron())).electron;
    if (local) say(`${problem}; packing the Electron for tests (${local.version}), to try out only.`);
  }
  if (!local) {
    say(`Cannot package: ${problem}. Set ELECTRON_OVERRIDE_DIST_PATH to the folder of an Electron.`);
    return null;
  }
  return [`-c.electronDist=${local.folder}`, `-c.electronVersion=${local.version}`];
}

const flags = await electronFlags();
if (flags === null) process.exitCode = 1;
else {
  const builder = inRoot("node_modules", "electron-builder", "cli.js");
  process.exitCode = await run(process.execPath, [builder, "--publish", "never", ...flags, ...args]);
}
