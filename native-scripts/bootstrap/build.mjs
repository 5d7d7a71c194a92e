// Bundles page, preload script and Node entries with Vite, when their sources changed.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { capture, inRoot, requireNode, say, withLock } from "./project.mjs";

const stampFile = inRoot("out", ".build-stamp.json");
const sourceFolders = ["main", "renderer", "preload", join("test", "bench"), join("test", "fuzz")];
const sourceFiles = [
  "package.json",
  "package-lock.json",
  "vite.config.ts",
  "vite.node.config.ts",
  "vite.preload.config.ts",
];

/** Changes when a source is added, removed or written: names, sizes and times, without reading them. */
function fingerprint() {
  const hash = createHash("sha256");
  const add = (file) => {
    const { size, mtimeMs } = statSync(inRoot(file));
    hash.update(`${file}\0${size}\0${mtimeMs}\n`);
  };
  const walk = (folder) => {
    for (const entry of readdirSync(inRoot(folder), { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile() && !entry.name.endsWith(".mjs")) add(path);
    }
  };
  for (const file of sourceFiles) add(file);
  for (const folder of sourceFolders) if (existsSync(inRoot(folder))) walk(folder);
  return hash.digest("hex");
}

const stamped = () => {
  try {
    return JSON.parse(readFileSync(stampFile, "utf8")).sources;
  } catch {
    return "";
  }
};

export function isBuilt() {
  return stamped() === fingerprint();
}

const parts = [
  { title: "page", config: "vite.config.ts", folder: "renderer" },
  { title: "Node entries", config: "vite.node.config.ts", folder: "node" },
  { title: "preload script", config: "vite.preload.config.ts", folder: "node" },
];

async function buildAll() {
  const sources = fingerprint();
  const started = performance.now();
  const staging = mkdtempSync(inRoot("out", ".staging-"));
  try {
    const results = await Promise.all(
      parts.map(async ({ title, config, folder }) => {
        const outDir = join(staging, folder);
        const vite = inRoot("node_modules", "vite", "bin", "vite.js");
        // The folder is new: nothing to empty, and two parts share one.
        const args = [
          vite,
          "build",
          "--config",
          inRoot(config),
          "--outDir",
          outDir,
          "--emptyOutDir",
          "false",
        ];
        const env = { ...process.env, NODE_ENV: "production" };
        const { code, output } = await capture(process.execPath, args, { env });
        if (code !== 0)
          say(`${stripVTControlCharacters(output).trim()}\nThe ${title} did not build (${config}).`);
        return code === 0;
      }),
    );
    if (results.includes(false)) return false;
    // Swapped in whole: a process that starts meanwhile finds the old files or the new ones, never a mixture.
    for (const folder of new Set(parts.map((part) => part.folder))) {
      const target = inRoot("out", folder);
      const old = join(staging, `old-${folder}`);
      if (existsSync(target)) renameSync(target, old);
      renameSync(join(staging, folder), target);
    }
    writeFileSync(stampFile, `${JSON.stringify({ sources })}\n`);
    say(`Built in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
    return true;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Builds when the sources changed. Ends the process where that fails. */
export async function ensureBuilt({ force = false } = {}) {
  if (!force && isBuilt()) return;
  mkdirSync(inRoot("out"), { recursive: true });
  const done = await withLock("build", async () => {
    if (!force && isBuilt()) return true;
    say("Building ...");
    return await buildAll();
  });
  if (!done) process.exit(1);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  requireNode();
  const { ensureInstalled } = await import("./install.mjs");
  await ensureInstalled();
  await ensureBuilt({ force: process.argv.includes("--force") });
}
