import { toProblem } from "#core/base/result.ts";
import type { DoctorReport, Recipe } from "#core/contract.ts";
import type { Recommendation, RecordRequest, RecordTarget, TargetFacts } from "#core/model/recording.ts";
import { findProfiler, profilers, recommendFor, standsIn } from "#core/profilers/index.ts";
import { type Check, type Host, isProblem, type Profiler } from "#core/profilers/profiler.ts";
import { checkTargetQuality } from "#core/profilers/shared/check-target.ts";
import { noSuchProcess, notYours, passed } from "#core/profilers/shared/checks.ts";
import { helperTools } from "#core/profilers/shared/helper-tools.ts";
import { resolveOptions } from "#core/profilers/shared/options.ts";
import { shownCommands } from "#core/profilers/shared/words.ts";
import { answersOf } from "./question-answers.ts";

/** What can be recorded on this machine, how, and what stands in the way. Nothing here changes anything. */

const requestFor = (profiler: Profiler, target: RecordTarget): RecordRequest => ({
  profiler: profiler.id,
  target,
  options: {},
  durationS: null,
  output: "",
});

/** The ways to record a target, best first. */
export async function recipesFor(host: Host, target: RecordTarget): Promise<readonly Recipe[]> {
  const info = target.kind === "pid" ? await host.target(target.pid) : null;
  const facts = await host.facts(target);
  const ranked = recommendFor(target, info, facts);
  const recipes = await Promise.all(
    ranked.map(async (fit) => {
      const profiler = findProfiler(fit.id);
      return profiler ? recipe(host, profiler, fit, target, facts) : null;
    }),
  );
  const found = recipes.filter((each) => each !== null);
  // What cannot run is not recommended where something else can.
  const [first] = found;
  const best = found.find((each) => works(each) && standsIn(first?.profiler ?? "", each.profiler)) ?? first;
  const answers = answersOf(found);
  return [...found]
    .sort((a, b) => Number(works(b)) - Number(works(a)))
    .map((each) => {
      const answered = answers.get(each.profiler);
      return { ...each, recommended: each === best, ...(answered && { answers: answered }) };
    });
}

const works = ({ problem, checks }: Recipe): boolean =>
  problem === null && checks.every((check) => check.status !== "fail");

async function recipe(
  host: Host,
  profiler: Profiler,
  fit: Recommendation,
  target: RecordTarget,
  facts: TargetFacts | null,
): Promise<Recipe> {
  const bare: Recipe = {
    profiler: profiler.id,
    title: profiler.title,
    recommended: fit.recommended,
    reason: fit.reason,
    version: "",
    cost: profiler.cost,
    checks: [],
    commands: [],
    problem: null,
  };
  try {
    const found = await profiler.detect(host);
    if (isProblem(found)) return { ...bare, problem: found };
    const request = requestFor(profiler, target);
    const options = resolveOptions(profiler.options, {});
    const checks = await profiler.preflight(host, request);
    const pid = target.kind === "pid" ? target.pid : -1;
    const plan = options.ok ? profiler.plan(request, options.value, found, pid, facts) : null;
    const said = new Set(checks.map((check) => check.id));
    // Only who walks stacks by frame pointers suffers where there are none.
    const aboutProgram = (facts === null ? [] : checkTargetQuality(facts)).filter(
      ({ id }) => !said.has(id) && (id !== "frame-pointers" || plan?.stackMethod === "fp"),
    );
    return {
      ...bare,
      version: found.version,
      cost: costOf(profiler, checks),
      checks: [...checks, ...aboutProgram],
      commands: shownCommands(plan?.commands ?? [], null),
    };
  } catch (error) {
    return { ...bare, problem: toProblem(error) };
  }
}

/** Checks that say how much slower a target would run. */
const aboutCost: ReadonlySet<string> = new Set(["slowdown", "event-rate", "call-rate", "too-many-events"]);

/** What was counted of this target says more than the rule; what stands in the way is said there. */
function costOf({ cost }: Profiler, checks: readonly Check[]): string {
  const counted = checks.find(({ id }) => aboutCost.has(id));
  return counted === undefined ? cost : counted.status === "ok" ? `${counted.found}.` : "";
}

/** Checks of what is asked for, not of the machine. */
const ofRequest: ReadonlySet<string> = new Set(["wrong-target", "system-rights", ...aboutCost]);

/** The state of the whole machine: every profiler, and every check that is not about one target. */
export async function examine(
  host: Host,
  machineChecks: readonly Check[],
  pid: number | null = null,
): Promise<DoctorReport> {
  const checks = new Map(machineChecks.map((check) => [check.id, check]));
  // All at once: each waits for the tools that it asks for their versions.
  const [helpers, examined] = await Promise.all([
    helperTools(host),
    Promise.all(
      profilers.map(async (profiler) => ({
        profiler,
        found: await profiler.detect(host),
        checks: await profiler.preflight(host, requestFor(profiler, { kind: "system" })),
      })),
    ),
  ]);
  const tools = examined.map(({ profiler, found }) => ({
    profiler: profiler.id,
    title: profiler.title,
    path: isProblem(found) ? "" : found.path,
    version: isProblem(found) ? "" : found.version,
    lacks: isProblem(found) ? "" : (profiler.lacks?.(found) ?? ""),
    problem: isProblem(found) ? found : null,
  }));
  // About no target: what is said is about the machine. What is missing was said about the tool already.
  for (const check of examined.flatMap((each) => each.checks))
    if (!ofRequest.has(check.id) && !tools.some((tool) => tool.problem?.code === check.id))
      checks.set(check.id, checks.get(check.id) ?? check);
  return {
    checks: worstFirst([...checks.values()]),
    target: pid === null ? [] : worstFirst(await targetChecks(host, pid)),
    tools,
    helpers,
  };
}

async function targetChecks(host: Host, pid: number): Promise<readonly Check[]> {
  const info = await host.target(pid);
  if (info === null) return [noSuchProcess(pid)];
  const owner = info.own ? passed("process", "The process", `${info.name} ${pid}, of ${info.user}`) : null;
  const facts = await host.facts({ kind: "pid", pid });
  return [
    owner ?? notYours(info, "Profilers may not look into other people's processes."),
    ...(facts === null ? [] : checkTargetQuality(facts)),
  ];
}

const ranks = { fail: 0, warn: 1, ok: 2 } as const;
const worstFirst = (checks: readonly Check[]): readonly Check[] =>
  [...checks].sort((a, b) => ranks[a.status] - ranks[b.status]);
