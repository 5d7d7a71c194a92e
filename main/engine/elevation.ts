import { stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Problem, ProblemError } from "#core/base/result.ts";
import type { Recipe } from "#core/contract.ts";
import {
  type ElevationOffer,
  type ElevationWay,
  elevationWays,
  type RecordRequest,
  type RecordTarget,
} from "#core/model/recording.ts";
import { findProfiler } from "#core/profilers/index.ts";
import {
  type Check,
  type Host,
  isProblem,
  type Profiler,
  type RecordingPlan,
} from "#core/profilers/profiler.ts";
import { resolveOptions } from "#core/profilers/shared/options.ts";
import { commandText, shellWord } from "#core/profilers/shared/words.ts";
import { elevatedArguments } from "./exec/elevate-command.ts";
import { helperUnsafe, missingWay } from "./exec/elevate-problems.ts";

/** What root's rights would change, and the ways to them. Nothing here runs anything as root. */

/** The machine as a profiler with root's rights would find it. */
export const asRoot = (host: Host): Host => ({
  ...host,
  uid: 0,
  target: async (pid) => {
    const target = await host.target(pid);
    return target === null ? null : { ...target, own: true };
  },
});

/** The words for the helper; null where this plan has no part that could run as root. */
export function elevatedWords({ source }: RecordingPlan): readonly string[] | null {
  if (source.type !== "pipeline" || source.stopStage !== 0) return null;
  return elevatedArguments(source.stages[0]?.argv ?? []);
}

/** Marks each check that stands in the way now and would not if the profiler ran as root. */
export async function withClearedBy(
  host: Host,
  profiler: Profiler,
  request: RecordRequest,
  checks: readonly Check[],
): Promise<readonly Check[]> {
  if (host.uid === 0 || checks.every((check) => check.status === "ok")) return checks;
  const left = await profiler.preflight(asRoot(host), request);
  const still = new Set(left.filter((check) => check.status !== "ok").map((check) => check.id));
  return checks.map((check) =>
    check.status === "ok" || still.has(check.id) ? check : { ...check, clearedBy: "root" as const },
  );
}

/** What the recorder and the list of recipes need to offer it. */
export interface ElevationScripts {
  /** native-scripts/flamewright-elevate */
  readonly helper: string;
}

/**
 * The ways to record with root's rights: none where the workbench has them, where they would not help, or where the
 * profiler cannot be run that way.
 */
export async function elevationOffers(
  host: Host,
  scripts: ElevationScripts,
  profiler: Profiler,
  request: RecordRequest,
  checks: readonly Check[],
): Promise<readonly ElevationOffer[]> {
  const failed = checks.filter((check) => check.status === "fail");
  const cleared = checks.filter((check) => check.clearedBy === "root");
  if (host.uid === 0 || cleared.length === 0 || failed.some((check) => check.clearedBy !== "root")) return [];
  const plan = await rootPlan(host, profiler, request);
  const words = plan === null ? null : elevatedWords(plan);
  if (words === null) return [];
  const ways = await Promise.all(
    elevationWays.map(async (way) => ((await trustedProgram(host, way)) === null ? null : way)),
  );
  const warnings = await targetWarnings(host, request);
  return ways
    .filter((way) => way !== null)
    .map((way) => ({
      way,
      command: commandFor(way, scripts.helper, words),
      why: whyRoot(cleared),
      warnings,
    }));
}

/** The recipes, with the ways around what only lacks rights. */
export async function withElevation(
  host: Host,
  scripts: ElevationScripts,
  target: RecordTarget,
  recipes: readonly Recipe[],
): Promise<readonly Recipe[]> {
  if (host.uid === 0) return recipes;
  return Promise.all(
    recipes.map(async (recipe) => {
      const profiler = findProfiler(recipe.profiler);
      if (recipe.problem !== null || profiler === undefined) return recipe;
      const request = { profiler: profiler.id, target, options: {}, durationS: null, output: "" };
      const checks = await withClearedBy(host, profiler, request, recipe.checks);
      const elevation = await elevationOffers(host, scripts, profiler, request, checks);
      return { ...recipe, checks, elevation };
    }),
  );
}

export const commandFor = (way: ElevationWay, helper: string, words: readonly string[]): string =>
  commandText({ argv: [way, helper, ...words] }).replace(
    /'\{bpf\}\/([\w.-]+)'/,
    (_, file: string) => `"$(cat ${shellWord(join(dirname(helper), "bpf", file))})"`,
  );

export const whyRoot = (cleared: readonly Check[]): string =>
  cleared.length === 0
    ? "It was asked for; nothing that was checked needs it."
    : cleared.map(sentencesOf).join(" ");

const sentencesOf = ({ found, prevents }: Check): string =>
  [found, prevents]
    .filter(Boolean)
    .map((text) => text.replace(/\.?$/, "."))
    .join(" ");

async function rootPlan(
  host: Host,
  profiler: Profiler,
  request: RecordRequest,
): Promise<RecordingPlan | null> {
  const found = await profiler.detect(asRoot(host));
  const options = resolveOptions(profiler.options, request.options);
  if (isProblem(found) || !options.ok) return null;
  // A launched program has no pid yet.
  const pid = request.target.kind === "pid" ? request.target.pid : 1;
  return profiler.plan(request, options.value, found, pid, await host.facts(request.target));
}

/** What a person should know of the target before they give a password. */
export async function targetWarnings(host: Host, { target }: RecordRequest): Promise<readonly string[]> {
  if (target.kind !== "pid") return [];
  const pids = [...new Set([target.pid, ...(target.pids ?? [])])];
  return (await Promise.all(pids.map((pid) => processWarnings(host, pid)))).flat();
}

async function processWarnings(host: Host, pid: number): Promise<readonly string[]> {
  const info = await host.target(pid);
  if (info === null) return [];
  const process = `Process ${pid} (${info.name})`;
  const warnings: string[] = [];
  if (!info.own) {
    warnings.push(
      `${process} belongs to ${info.user}, not to you: what is recorded of it becomes yours to read.`,
    );
  }
  if (info.container !== "" || (await isElsewhere(host, pid))) {
    const where = info.container === "" ? "a container" : `the container or unit ${info.container}`;
    warnings.push(
      `${info.own ? process : "It"} runs in ${where}: its files may be others than those of the same name here, and names may be missing.`,
    );
  }
  return warnings;
}

/** In namespaces of its own. Of somebody else's process only its numbers are there for everybody to read. */
async function isElsewhere(host: Host, pid: number): Promise<boolean> {
  const facts = await host.facts({ kind: "pid", pid });
  if (facts !== null) return facts.namespaces.mount || facts.namespaces.pid;
  const status = (await host.readText(`/proc/${pid}/status`)) ?? "";
  return /^NSpid:\s+\d+\s+\d+/m.test(status);
}

/** sudo or pkexec where it is root's own: a password is given to nothing else. */
export async function trustedProgram(host: Host, way: ElevationWay): Promise<string | null> {
  const path = await host.findTool(way);
  return path !== null && (await isUnchangeable(path, [0])) ? path : null;
}

export async function requireProgram(host: Host, way: ElevationWay): Promise<string> {
  const path = await trustedProgram(host, way);
  if (path !== null) return path;
  throw new ProblemError(missingWay[way]);
}

/** What is about to run as root must not be for others to change. */
export async function helperProblem(helper: string): Promise<Problem | null> {
  const owners = [0, process.getuid?.() ?? 0];
  const safe = (await isUnchangeable(helper, owners)) && (await isUnchangeable(dirname(helper), owners));
  return safe ? null : helperUnsafe(helper);
}

async function isUnchangeable(path: string, owners: readonly number[]): Promise<boolean> {
  try {
    const { uid, mode } = await stat(path);
    return owners.includes(uid) && (mode & 0o022) === 0;
  } catch {
    return false;
  }
}

const fuseMagic = 0x65735546;

/** An AppImage is a FUSE file system of its user: root cannot read it. */
export async function isHiddenFromRoot(path: string): Promise<boolean> {
  try {
    return (await statfs(path)).type === fuseMagic;
  } catch {
    return false;
  }
}
