// Which Electron to run: ELECTRON_OVERRIDE_DIST_PATH, else the one that the electron package has or can download.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { capture, inRoot, say } from "./project.mjs";

const packageFolder = inRoot("node_modules", "electron");
export const executableName =
  process.platform === "darwin" ? "Electron.app/Contents/MacOS/Electron" : "electron";

/** @typedef {{ folder: string, executable: string, version: string }} Electron */
/** @typedef {{ electron: Electron, problem: "" } | { electron: null, problem: string }} Found */

/**
 * Tries an Electron without a display: its libraries load and it tells its version.
 * @param {string} folder @returns {Promise<Found>}
 */
export async function tryElectron(folder) {
  const executable = join(folder, executableName);
  if (!existsSync(executable)) return { electron: null, problem: `there is no Electron at ${executable}` };
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: "1", NODE_OPTIONS: "" };
  const { code, output } = await capture(executable, ["-p", "process.versions.electron"], {
    env,
    timeoutMs: 20_000,
  });
  const version = output.trim().split("\n").at(-1) ?? "";
  if (code === 0 && /^\d+\./.test(version)) return { electron: { folder, executable, version }, problem: "" };
  const library = /loading shared libraries: ([^:\s]+)/.exec(output)?.[1];
  const problem = library
    ? `Electron's system library ${library} is missing (on Debian or Ubuntu: sudo native-scripts/setup-debian.sh electron)`
    : `Electron does not start (${output.trim().split("\n")[0] || `exit code ${code}`})`;
  return { electron: null, problem };
}

/** The override alone, "" where it is not set. */
export const overrideFolder = () => process.env.ELECTRON_OVERRIDE_DIST_PATH ?? "";

const isUnpacked = () => {
  try {
    const { version } = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
    const unpacked = readFileSync(join(packageFolder, "dist", "version"), "utf8")
      .replace(/^v/, "")
      .trim();
    return unpacked === version && existsSync(join(packageFolder, "dist", executableName));
  } catch {
    return false;
  }
};

/** Where the electron package's own binary lies; "" where it is not there (yet). */
export const unpackedFolder = () => (isUnpacked() ? join(packageFolder, "dist") : "");

/** Whether the place that Electron's releases come from answers at all: a quick no beats a long wait. */
async function isDownloadReachable() {
  const proxied = process.env.ELECTRON_GET_USE_PROXY || process.env.HTTPS_PROXY || process.env.https_proxy;
  const mirror = process.env.ELECTRON_MIRROR || process.env.npm_config_electron_mirror;
  if (proxied) return true;
  try {
    await fetch(mirror || "https://github.com/electron/electron/releases", {
      method: "HEAD",
      redirect: "manual",
      signal: AbortSignal.timeout(5_000),
    });
    return true;
  } catch {
    return false;
  }
}

/**
 * The electron package's own binary, downloaded by its own script where it is missing and can be had.
 * @returns {Promise<Found>}
 */
export async function officialElectron() {
  if (!isUnpacked()) {
    if (!existsSync(join(packageFolder, "install.js")))
      return { electron: null, problem: "the electron package is not installed" };
    if (!(await isDownloadReachable()))
      return { electron: null, problem: "Electron's download cannot be reached from here" };
    say("Downloading Electron (about 115 MB, once) ...");
    const { code, output } = await capture(process.execPath, [join(packageFolder, "install.js")], {
      timeoutMs: 300_000,
    });
    if (!isUnpacked()) {
      const reason = output.trim().split("\n")[0] || `exit code ${code}`;
      return { electron: null, problem: `Electron could not be downloaded (${reason})` };
    }
  }
  return await tryElectron(join(packageFolder, "dist"));
}

/** @returns {Promise<Found>} */
export async function findElectron() {
  const folder = overrideFolder();
  return folder === "" ? await officialElectron() : await tryElectron(folder);
}
