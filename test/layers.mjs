// Holds the layers: who may import whom (.dependency-cruiser.cjs), on no fewer modules than there are source files.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cruise } from "dependency-cruiser";
import extractDepcruiseOptions from "dependency-cruiser/config-utl/extract-depcruise-options";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const folders = ["main", "renderer", "preload"];

const sources = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.d)\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name)),
);

const options = await extractDepcruiseOptions("./.dependency-cruiser.cjs");
const { output } = await cruise(folders, options, undefined, {
  tsConfig: extractTSConfig("tsconfig.base.json"),
});
const seen = new Set(output.modules.map((module) => module.source));
const unseen = sources.filter((source) => !seen.has(source));
const edges = output.modules.reduce((sum, module) => sum + module.dependencies.length, 0);

for (const violation of output.summary.violations)
  console.error(
    `${violation.rule.name}: ${violation.from} -> ${violation.cycle?.map((step) => step.name ?? step).join(" -> ") ?? violation.to}`,
  );
if (unseen.length > 0)
  console.error(
    `${unseen.length} source files were not seen, so the layers are not held: ${unseen.slice(0, 5).join(", ")} ...`,
  );
// Every file but a leaf imports something: fewer edges than files means that imports were not read.
const plausible = unseen.length === 0 && sources.length > 20 && edges > sources.length;
if (!plausible) console.error(`Implausible: ${seen.size} modules, ${edges} imports.`);
const errors = output.summary.violations.filter((violation) => violation.rule.severity === "error").length;
console.log(`${seen.size} modules, ${edges} imports, ${errors} against the layers`);
process.exitCode = errors === 0 && plausible ? 0 : 1;
