// Brings node_modules to what package-lock.json says, and node-pty's native part with it.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { canInstallPackages, inRoot, run, say, which, withLock } from "./project.mjs";

const stampFile = inRoot("node_modules", ".flamewright-install.json");
const lockFile = inRoot("package-lock.json");
const hiddenLockFile = inRoot("node_modules", ".package-lock.json");

function fingerprint() {
  if (!existsSync(hiddenLockFile)) return "";
  const lock = createHash("sha256").update(readFileSync(lockFile)).digest("hex");
  return `${lock} ${statSync(hiddenLockFile).mtimeMs} ${process.platform}-${process.arch}`;
}

/** Whether every package the lockfile wants is there in its version; optional ones may be missing. */
function matchesLockfile() {
  if (!existsSync(hiddenLockFile)) return false;
  const wanted = JSON.parse(readFileSync(lockFile, "utf8")).packages;
  const present = JSON.parse(readFileSync(hiddenLockFile, "utf8")).packages;
  return Object.entries(wanted).every(
    ([name, entry]) =>
      name === "" ||
      entry.link === true ||
      (present[name] === undefined ? entry.optional === true : present[name].version === entry.version),
  );
}

function isStamped() {
  try {
    return readFileSync(stampFile, "utf8") === fingerprint() && fingerprint() !== "";
  } catch {
    return false;
  }
}

const npm = (args) =>
  // npm's own output is progress here: it goes to stderr with everything else.
  run("npm", args, { stdio: ["ignore", process.stderr, process.stderr], env: npmEnvironment() });

/** node-gyp finds Node's headers beside Node itself where they are, and downloads nothing. */
function npmEnvironment() {
  const prefix = dirname(dirname(process.execPath));
  const hasHeaders = existsSync(join(prefix, "include", "node", "node_api.h"));
  if (process.env.npm_config_nodedir || !hasHeaders) return process.env;
  return { ...process.env, npm_config_nodedir: prefix };
}

/** Installs when node_modules is not what the lockfile says. Ends the process where that fails. */
export async function ensureInstalled() {
  if (isStamped()) return;
  await withLock("install", async () => {
    if (isStamped()) return;
    if (!matchesLockfile()) {
      say("Installing dependencies (npm ci) ...");
      // Install scripts are held back: the one that matters, node-pty's, is run below, where its failure can be told.
      const code = await npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
      if (code !== 0) {
        say(
          "npm ci failed (its reason is above). Check the network and the npm configuration, then try again.",
        );
        process.exit(1);
      }
    }
    mkdirSync(inRoot("node_modules"), { recursive: true });
    writeFileSync(stampFile, fingerprint());
  });
}

const ptyFolder = inRoot("node_modules", "node-pty");

export function hasPty() {
  return ["build/Release", `prebuilds/${process.platform}-${process.arch}`].some((folder) =>
    existsSync(join(ptyFolder, folder, "pty.node")),
  );
}

/**
 * Builds node-pty's native part where it is missing. Without it everything works but what needs a terminal
 * (asking for the password of an elevated recording), so a failure is told, not fatal.
 */
export async function ensurePty({ mayInstallTools = false } = {}) {
  if (hasPty()) return true;
  const missing = () => ["make", "g++", "python3"].filter((tool) => which(tool) === "");
  if (missing().length > 0 && mayInstallTools && canInstallPackages()) {
    await run("bash", [inRoot("native-scripts", "setup-debian.sh"), "build"], {
      stdio: ["ignore", process.stderr, process.stderr],
    });
  }
  if (missing().length > 0) {
    say(
      `node-pty is not built: ${missing().join(", ")} missing. Elevated recordings need it; ` +
        `on Debian or Ubuntu: sudo ${inRoot("native-scripts", "setup-debian.sh")} build && npm rebuild node-pty`,
    );
    return false;
  }
  return await withLock("install", async () => {
    if (hasPty()) return true;
    say("Building node-pty (seconds) ...");
    await npm(["rebuild", "node-pty", "--foreground-scripts", "--loglevel=error"]);
    if (hasPty()) return true;
    say("node-pty could not be built (reason above); elevated recordings will not work until it is.");
    return false;
  });
}
