// Becomes resources/default_app.asar of the Electron for tests. As Electron's own default app: runs the modules
// given with -r, then the app named on the command line. It awaits the app, so that `ready` cannot come first.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { app } from "electron";

const require = createRequire(import.meta.url);
const given = process.argv.slice(1);
const required = [];
let folder = "";
for (let i = 0; i < given.length && folder === ""; i++) {
  const word = given[i];
  if (word === "-r" || word === "--require") required.push(given[++i]);
  else if (!word.startsWith("-")) folder = resolve(word);
}
for (const module of required) require(module);
if (folder === "") throw new Error("No app is named on the command line.");
const { name, productName, version, main } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
app.setName(productName ?? name);
app.setVersion(version);
app.setAppPath(folder);
await import(pathToFileURL(join(folder, main)).href);
