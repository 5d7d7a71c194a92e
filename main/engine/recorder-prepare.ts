import { type Problem, ProblemError, problemOf, throwProblem, toProblem } from "#core/base/result.ts";
import type {
  ElevationOffer,
  OptionValues,
  RecordRequest,
  TargetFacts,
  TargetInfo,
} from "#core/model/recording.ts";
import { recommendFor } from "#core/profilers/index.ts";
import {
  type Check,
  type Detection,
  type Host,
  isProblem,
  type Profiler,
  type Question,
  questions,
} from "#core/profilers/profiler.ts";
import { resolveOptions } from "#core/profilers/shared/options.ts";
import { asRoot, type ElevationScripts, elevationOffers, withClearedBy } from "./elevation.ts";

/** Everything that a plan is made from, checked. */
export interface Prepared {
  readonly request: RecordRequest;
  readonly profiler: Profiler;
  readonly options: OptionValues;
  readonly found: Detection;
  /** The process to attach to; null for launches and addresses. */
  readonly info: TargetInfo | null;
  /** What its program is; null where that could not be read. */
  readonly facts: TargetFacts | null;
  /** Why it is not the profiler that suits best; null where it is, or was asked for. */
  readonly instead: Problem | null;
  readonly warnings: readonly Check[];
  /** What stood in the way and does not, because the profiler will run as root. */
  readonly cleared: readonly Check[];
}

/** Only rights are missing, and there are ways to them. */
export class RightsMissing extends ProblemError {
  readonly offers: readonly ElevationOffer[];
  constructor(problem: Problem, offers: readonly ElevationOffer[]) {
    super(problem);
    this.offers = offers;
  }
}

/** Throws a ProblemError with what stands in the way. */
export async function prepare(
  host: Host,
  scripts: ElevationScripts,
  profilers: readonly Profiler[],
  request: RecordRequest,
): Promise<Prepared> {
  const info = request.target.kind === "pid" ? await host.target(request.target.pid) : null;
  if (request.target.kind === "pid" && info === null) {
    throwProblem(
      "no-such-process",
      `There is no process ${request.target.pid}.`,
      "Pick a process from the list: it may have ended, or started again under another number.",
    );
  }
  const facts = await host.facts(request.target);
  let first: ProblemError | null = null;
  let dear: Prepared | null = null;
  const isOne = request.target.kind !== "pid" || (request.target.pids ?? []).length === 0;
  const question = questions.find((each) => each === request.profiler) ?? null;
  // Nobody asked for one of them: where the best cannot run, the next best may.
  for (const profiler of candidatesFor(profilers, request, info, facts)) {
    try {
      if (!isOne && profiler.severalPids !== true) throwSeveral(profiler);
      const own = question === null ? request : answering(request, profiler, question);
      const prepared = await prepareWith(host, scripts, profiler, { request: own, info, facts });
      const cost = prepared.warnings.find(({ id }) => id === "event-rate");
      // What slows the target down is for where nothing else answers.
      if (question !== null && cost !== undefined) {
        dear ??= prepared;
        first ??= new ProblemError(problemOfCheck(cost));
        continue;
      }
      return first === null ? prepared : { ...prepared, instead: toProblem(first) };
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      first ??= error;
    }
  }
  if (dear !== null) return dear;
  throw first;
}

/** With the options that make it answer, where others were not given. */
const answering = (request: RecordRequest, { id, answers }: Profiler, question: Question): RecordRequest => ({
  ...request,
  profiler: id,
  options: { ...answers?.[question], ...request.options },
});

const throwSeveral = (profiler: Profiler): never =>
  throwProblem(
    "one-process-only",
    `${profiler.title} records one process at a time.`,
    "Record several with perf (--profiler perf), or one after the other.",
  );

async function prepareWith(
  host: Host,
  scripts: ElevationScripts,
  profiler: Profiler,
  asked: Pick<Prepared, "request" | "info" | "facts">,
): Promise<Prepared> {
  const { request } = asked;
  const options = resolveOptions(profiler.options, request.options);
  if (!options.ok) throw new ProblemError(options.problem);
  const elevated = (request.elevate ?? "") !== "" && host.uid !== 0;
  const found = await profiler.detect(elevated ? asRoot(host) : host);
  if (isProblem(found)) throw new ProblemError(found);
  const own = await withClearedBy(host, profiler, request, await profiler.preflight(host, request));
  const checks = elevated ? own.filter((check) => check.clearedBy !== "root") : own;
  const failed = checks.find((check) => check.status === "fail");
  if (failed !== undefined) {
    const offers = await elevationOffers(host, scripts, profiler, request, own);
    throw offers.length === 0
      ? new ProblemError(problemOfCheck(failed))
      : new RightsMissing(withOffer(problemOfCheck(failed), offers), offers);
  }
  return {
    ...asked,
    profiler,
    options: Object.assign({}, options.value, ...checks.map((check) => check.sets ?? {})),
    found,
    instead: null,
    warnings: checks.filter((check) => check.status === "warn"),
    cleared: elevated ? own.filter((check) => check.clearedBy === "root") : [],
  };
}

/** The one that was asked for, or all that suit the target, best first. */
function candidatesFor(
  profilers: readonly Profiler[],
  request: RecordRequest,
  info: TargetInfo | null,
  facts: TargetFacts | null,
): readonly Profiler[] {
  const question = questions.find((each) => each === request.profiler);
  if (question !== undefined) {
    const answering = profilers.filter((each) => each.answers?.[question] !== undefined);
    const ranked = recommendFor(request.target, info, facts, answering);
    if (ranked.length > 0) return ranked.flatMap(({ id }) => answering.find((each) => each.id === id) ?? []);
    return throwProblem(
      "no-profiler-answers",
      `No profiler answers the question for ${question} of ${request.target.kind === "system" ? "the whole system" : "this target"}.`,
      `Those that answer it are ${answering.map(({ id }) => id).join(", ")}: name one of them to see what it lacks, or choose one process.`,
    );
  } else if (request.profiler !== "") {
    const asked = profilers.find((profiler) => profiler.id === request.profiler);
    if (asked !== undefined) return [asked];
    const known = profilers.map((profiler) => profiler.id).join(", ");
    return throwProblem(
      "no-such-profiler",
      `There is no profiler "${request.profiler}".`,
      `Choose one of: ${known}.`,
    );
  }
  const ranked = recommendFor(request.target, info, facts, profilers).flatMap(
    ({ id }) => profilers.find((each) => each.id === id) ?? [],
  );
  const [best] = ranked;
  if (best !== undefined) {
    return ranked.filter((each) => each.kinds.some((kind) => best.kinds.includes(kind)));
  }
  return throwProblem(
    "no-profiler-fits",
    info?.runtime === "kernel"
      ? `${info.name} is a thread of the kernel: there is nothing to attach to.`
      : "No profiler can record this target.",
    "Pick another process from the list.",
  );
}

/** What was found and what it prevents, as sentences. */
export const sentences = (check: Check): string =>
  [check.found, check.prevents]
    .filter(Boolean)
    .map((text) => text.replace(/\.?$/, "."))
    .join(" ");

const problemOfCheck = (check: Check): Problem => problemOf(check.id, sentences(check), check.fix);

const withOffer = (problem: Problem, offers: readonly ElevationOffer[]): Problem => ({
  ...problem,
  fix: `${problem.fix.replace(/\.?$/, ".")} Or give the profiler alone root's rights: flamewright record --elevate ${offers[0]?.way}`,
});
