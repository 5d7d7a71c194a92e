#!/usr/bin/env node
// The command. In a checkout it first brings installation and build up to date (told on stderr); an installed package
// carries both. Node built-ins alone until then.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
const bootstrap = join(root, "native-scripts", "bootstrap");

if (existsSync(join(root, "vite.node.config.ts")) && existsSync(bootstrap)) {
  const load = (name) => import(pathToFileURL(join(bootstrap, name)).href);
  const { requireNode } = await load("project.mjs");
  requireNode();
  const { ensureInstalled, ensurePty } = await load("install.mjs");
  const { ensureBuilt } = await load("build.mjs");
  await ensureInstalled();
  await ensurePty();
  await ensureBuilt();
}
await import(pathToFileURL(join(root, "out", "node", "cli.js")).href);
