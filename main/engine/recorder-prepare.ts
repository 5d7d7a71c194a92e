import { type Problem, ProblemError, problemOf, throwProblem } from "#core/base/result.ts";
import type {
  ElevationOffer,
  OptionValues,
  RecordRequest,
  TargetFacts,
  TargetInfo,
} from "#core/model/recording.ts";
import { recommendFor } from "#core/profilers/index.ts";
import { type Check, type Detection, type Host, isProblem, type Profiler } from "#core/profilers/profiler.ts";
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
  const profiler = chooseProfiler(profilers, request, info, facts);
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
    request,
    profiler,
    options: options.value,
    found,
    info,
    facts,
    warnings: checks.filter((check) => check.status === "warn"),
    cleared: elevated ? own.filter((check) => check.clearedBy === "root") : [],
  };
}

function chooseProfiler(
  profilers: readonly Profiler[],
  request: RecordRequest,
  info: TargetInfo | null,
  facts: TargetFacts | null,
): Profiler {
  if (request.profiler !== "") {
    const asked = profilers.find((profiler) => profiler.id === request.profiler);
    if (asked !== undefined) return asked;
    const known = profilers.map((profiler) => profiler.id).join(", ");
    return throwProblem(
      "no-such-profiler",
      `There is no profiler "${request.profiler}".`,
      `Choose one of: ${known}.`,
    );
  }
  const best = recommendFor(request.target, info, facts, profilers)[0];
  const profiler = profilers.find((each) => each.id === best?.id);
  if (profiler !== undefined) return profiler;
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
