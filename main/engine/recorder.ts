import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Problem, ProblemError, toProblem } from "#core/base/result.ts";
import { deviceCategory } from "#core/model/block-requests.ts";
import { descriptorArgs, descriptorCategory } from "#core/model/descriptors.ts";
import type { RecordingState, RecordRequest } from "#core/model/recording.ts";
import { profilers as everyProfiler } from "#core/profilers/index.ts";
import type { Host, ProfileKind, Profiler } from "#core/profilers/profiler.ts";
import { flagOption } from "#core/profilers/shared/options.ts";
import { startDeadlockWatch } from "./deadlock-watch.ts";
import { cancelled } from "./exec/elevate-problems.ts";
import type { SourceEnd } from "./exec/source-run.ts";
import { blockDevices } from "./io/block-devices.ts";
import { watchDescriptors } from "./io/descriptor-watch.ts";
import { startMemorySampler } from "./memory-sampler.ts";
import { startObserver } from "./observer-cost.ts";
import type { LiveProfile, Recording, RecordingStore, SessionDraft } from "./parts.ts";
import { createAsk } from "./recorder-ask.ts";
import { type ElevatedDeps, openElevated } from "./recorder-elevated.ts";
import { headerOf, nameOfTarget, recordedFacts, titleOf } from "./recorder-header.ts";
import { createLateTelling } from "./recorder-late.ts";
import { createRecordingLog } from "./recorder-log.ts";
import { type Prepared, prepare, RightsMissing, sentences } from "./recorder-prepare.ts";
import { endedByItself, noSamples, stoppedEarly, withWords } from "./recorder-problems.ts";
import { createPrompts } from "./recorder-prompts.ts";
import { createSink, type RecordingSink } from "./recorder-sink.ts";
import { type OpenEvents, type OpenSource, openSource } from "./recorder-source.ts";
import { createState } from "./recorder-state.ts";
import { startRuntimeCounters } from "./runtime-counters.ts";
import type { Targets } from "./targets/index.ts";

export interface RecorderDeps {
  readonly host: Host;
  readonly targets: Pick<Targets, "get">;
  readonly store: RecordingStore;
  /** Path of native-scripts/hold-and-exec.sh; the other scripts lie beside it. */
  readonly holdScript: string;
  /** All of them where left out. */
  readonly profilers?: readonly Profiler[];
  readonly timeouts?: Partial<Timeouts>;
}

interface Timeouts {
  /** A graceful stop may take so long, then SIGTERM; as long again, then SIGKILL. */
  readonly stopMs: number;
  /** Without a sample after so long a remark says so. */
  readonly silenceMs: number;
  /** A launched program may take so long to end when it is told to. */
  readonly programMs: number;
}

const defaultTimeouts: Timeouts = { stopMs: 8000, silenceMs: 5000, programMs: 3000 };
const tickMs = 200;
/** A tool may notice the target's end before the system has cleared it away. */
const goneTimeoutMs = 1000;
const keptWords = 6;
/** Runs any profiler's plan, from the first check to the saved session. */
export function startRecording(deps: RecorderDeps, request: RecordRequest): Recording {
  const timeouts = { ...defaultTimeouts, ...deps.timeouts };
  const askedAtNs = process.hrtime.bigint();
  /** Time zero of the profile: when sampling begins. Until then, when it was asked for. */
  let originNs = askedAtNs;
  const now = (): number => Number(process.hrtime.bigint() - originNs);
  // The log begins with what comes before the first sample.
  const log = createRecordingLog(() => Number(process.hrtime.bigint() - askedAtNs));
  const holder = createState(randomUUID(), titleOf(request), Date.now());
  const { update } = holder;
  const prompts = createPrompts(holder.state.recordingId);
  const script: ElevatedDeps["script"] = (name) => join(dirname(deps.holdScript), name);

  const lastWords: string[] = [];
  let stderrProblem: Problem | null = null;
  let toolLost = 0;
  let firstProblem: Problem | null = null;
  let why: "" | "stopped" | "duration" | "failed" = "";
  let targetGone = false;
  let hasDeadlock = false;
  let source: OpenSource | null = null;
  let sink: RecordingSink | null = null;
  let live: LiveProfile | null = null;
  let draft: SessionDraft | null = null;
  let escalation: NodeJS.Timeout | undefined;
  /** What is read beside the source: it ends when the source is asked to, or the recording would outlast its samples. */
  let endBeside = (): void => undefined;

  const remark = (text: string): void => {
    log.write("workbench", text);
    if (!holder.state.remarks.includes(text)) update({ remarks: [...holder.state.remarks, text] });
  };

  const endSource = (reason: "stopped" | "duration" | "failed"): void => {
    if (why !== "") return;
    why = reason;
    if (holder.state.phase !== "recording" || source === null) return;
    update({ phase: "stopping" });
    log.write("workbench", reason === "duration" ? "The time is over." : "Stopping.");
    askSourceToEnd(source);
  };

  const askSourceToEnd = ({ run, plan }: OpenSource): void => {
    endBeside();
    late.whenTold(plan, () => {
      run.stop();
      escalation = setTimeout(() => {
        remark("The profiler did not end when asked to: it was ended by force.");
        run.kill("SIGTERM");
        escalation = setTimeout(() => run.kill("SIGKILL"), timeouts.stopMs);
      }, timeouts.stopMs);
    });
  };

  const late = createLateTelling();

  const note = (problem: Problem): void => {
    firstProblem ??= problem;
    log.write("workbench", `${problem.message} ${problem.fix}`);
  };

  const readStderr = (line: string): void => {
    log.write("stderr", line);
    lastWords.push(line);
    if (lastWords.length > keptWords) lastWords.shift();
    const finding = source?.plan.readStderr(line) ?? earlyFinding(line);
    if (finding?.type === "problem") stderrProblem ??= finding.problem;
    else if (finding?.type === "lost") toolLost += finding.samples;
    else if (finding?.type === "note") {
      remark(finding.text);
      live?.note(finding.text);
    }
  };

  /** While the source is being opened there is no plan to ask yet; its lines are kept and asked about later. */
  const early: string[] = [];
  const earlyFinding = (line: string): null => {
    early.push(line);
    return null;
  };

  const countersOf: OpenEvents["counters"] = (rows) => {
    const timeNs = now();
    sink?.counters(rows.map((row) => ({ ...row, timeNs })));
  };
  const spanOf: NonNullable<OpenEvents["span"]> = ({ category, name, startedNs, durationNs }) => {
    const timeNs = Number(startedNs - originNs);
    if (timeNs >= 0) sink?.happened(timeNs, name, { category, args: "", endNs: timeNs + durationNs });
  };

  const open = async (prepared: Prepared): Promise<OpenSource> => {
    const events: OpenEvents = {
      command: (text) => log.write("command", text),
      output: (line) => log.write("output", line),
      stderr: readStderr,
      remark,
      counters: countersOf,
      span: spanOf,
    };
    const opened = await openAs(prepared, events);
    for (const line of early.splice(0)) {
      const finding = opened.plan.readStderr(line);
      if (finding?.type === "problem") stderrProblem ??= finding.problem;
    }
    if (prepared.instead !== null)
      remark(`Recorded with ${prepared.profiler.title}: ${prepared.instead.message}`);
    for (const text of opened.plan.remarks) remark(text);
    const { commands, ask } = opened.plan;
    update({ commands, ...(ask && { ask }) });
    return opened;
  };

  const openAs = async (prepared: Prepared, events: OpenEvents): Promise<OpenSource> => {
    const way = prepared.request.elevate ?? "";
    if (way === "") return openSource(prepared, deps.holdScript, events);
    if (deps.host.uid === 0) {
      remark("This workbench is root's own: nothing had to be elevated.");
      return openSource(prepared, deps.holdScript, events);
    }
    update({ phase: "authorising" });
    const opened = await openElevated(prepared, way, { host: deps.host, script, prompts }, events);
    update({ phase: "starting" });
    return opened;
  };

  const record = async (prepared: Prepared, opened: OpenSource): Promise<RecordingState> => {
    const { run, plan, terminal } = opened;
    try {
      await run.ready;
    } catch (error) {
      // What the tool said is the better explanation, and may arrive after its exit.
      await run.ended;
      throw new ProblemError(withWords(stderrProblem ?? toProblem(error), lastWords));
    }
    if (why !== "") throw new ProblemError(stoppedEarly);

    originNs = run.beganAtNs;
    const header = headerOf(prepared, opened, originNs, Date.now() - now() / 1e6);
    const begun = await deps.store.begin(header);
    live = begun.live;
    draft = begun.draft;
    const kept = createSink(begun.draft, begun.live, (problem) => {
      note(problem);
      if (problem.code !== "internal") endSource("failed");
    });
    sink = kept;
    log.persist((line) => kept.log(line));
    update({
      phase: "recording",
      profileId: live.profileId,
      sessionId: header.sessionId,
      target: header.target,
      pid: run.pid,
    });

    const endpoint = prepared.request.target.kind === "endpoint";
    const isCounters = plan.source.type === "counters";
    const system = prepared.request.target.kind === "system";
    const watch =
      endpoint || isCounters || system
        ? null
        : startMemorySampler({
            pid: run.pid,
            now,
            emit: (rows) => kept.counters(rows),
            remark,
            gone: () => {
              targetGone = true;
              if (plan.source.type === "pipeline" && plan.source.outlivesTarget)
                late.whenTold(plan, () => run.stop());
              if (flagOption(prepared.options, "children")) {
                log.write("workbench", "The target ended; children of it may still be recorded.");
              }
            },
          });
    const runtime = system
      ? null
      : startRuntimeCounters(prepared, endpoint ? -1 : run.pid, { counters: countersOf, span: spanOf });
    const deadlocks =
      watch !== null && prepared.profiler.kinds.includes("locks")
        ? startDeadlockWatch(run.pid, (name) => {
            hasDeadlock = true;
            void kept.mark(now(), name).catch((error) => note(toProblem(error)));
          })
        : null;
    const descriptors = plan.descriptors
      ? watchDescriptors({
          pid: run.pid,
          changed: (each) =>
            kept.happened(now(), each.name, { category: descriptorCategory, args: descriptorArgs(each) }),
        })
      : null;
    endBeside = () => {
      for (const each of [watch, runtime, deadlocks, descriptors]) each?.dispose();
      endBeside = () => undefined;
    };
    if (plan.blockDevices)
      for (const { name, number } of blockDevices())
        kept.happened(now(), name, { category: deviceCategory, args: number });
    const timers = startTimers(kept, begun.live, !isCounters);
    const tellCost = (): void => begun.live.meta({ recorded: recordedFacts(prepared, observer.mean()) });
    const observer = startObserver({
      changed: (cost) => {
        update({ observer: cost });
        tellCost();
      },
    });
    let end: SourceEnd = { problem: null };
    try {
      await opened.release();
      if (why !== "") askSourceToEnd(opened);
      for await (const bytes of run.output) {
        late.came();
        await kept.raw(bytes);
      }
      end = await run.ended;
    } catch (error) {
      // Whatever it is, what had arrived is finished and saved below.
      note(toProblem(error));
      endSource("failed");
      run.kill("SIGKILL");
    } finally {
      clearTimeout(escalation);
      late.dispose();
      timers();
      endBeside();
      observer.dispose();
      update({ observer: observer.mean() });
      tellCost();
    }
    await kept.settled();

    const ending = await endingOf(prepared, opened, end);
    if (ending === "failed" && firstProblem === null) {
      firstProblem = withWords(stderrProblem ?? end.problem ?? endedByItself, lastWords);
    }
    if (terminal !== null && ending !== "target-exited") await endProgram(opened);
    return finish(
      begun.draft,
      begun.live,
      ending,
      terminal?.exit?.exitCode ?? null,
      isCounters ? null : prepared.profiler.kinds,
    );
  };

  const startTimers = (kept: RecordingSink, profile: LiveProfile, hasSamples: boolean): (() => void) => {
    const recordingSinceMs = performance.now();
    const silence = `No sample in the first ${timeouts.silenceMs / 1000} seconds: the target may be idle.`;
    const ticker = setInterval(() => {
      const { samples, lostSamples } = profile.counts();
      const silent = hasSamples && samples === 0 && performance.now() - recordingSinceMs > timeouts.silenceMs;
      const remarks = holder.state.remarks.filter((text) => text !== silence);
      update({
        elapsedNs: now(),
        samples,
        lostSamples: Math.max(lostSamples, toolLost),
        rawBytes: kept.rawBytes,
        remarks: silent ? [...remarks, silence] : remarks,
      });
    }, tickMs);
    const limitMs = request.durationS === null ? null : request.durationS * 1000;
    const limit = limitMs === null ? undefined : setTimeout(() => endSource("duration"), limitMs);
    return () => {
      clearInterval(ticker);
      clearTimeout(limit);
    };
  };

  /** Nobody asked for the end: did the target end, or the tool? */
  const endingOf = async (
    prepared: Prepared,
    { run, terminal }: OpenSource,
    { targetExited: toldSo = false, problem }: SourceEnd,
  ): Promise<Exclude<RecordingState["ending"], "">> => {
    if (why !== "") return why;
    if (prepared.request.target.kind === "system") return "failed";
    if (prepared.request.target.kind === "endpoint")
      return problem === null || toldSo ? "target-exited" : "failed";
    if (terminal !== null) {
      // The tool may see the end before the terminal does.
      await Promise.race([terminal.exited, delay(goneTimeoutMs)]);
      return terminal.exit === null && !toldSo ? "failed" : "target-exited";
    }
    if (toldSo) return "target-exited";
    const deadlineMs = performance.now() + goneTimeoutMs;
    while (!targetGone && performance.now() < deadlineMs) {
      const there = await deps.targets.get(run.pid);
      if (there === null || there.startedAtMs !== prepared.info?.startedAtMs) return "target-exited";
      await delay(20);
    }
    return targetGone ? "target-exited" : "failed";
  };

  /** What we launched ends with its recording. */
  const endProgram = async ({ terminal }: OpenSource): Promise<void> => {
    if (terminal === null || terminal.exit !== null) return;
    log.write("workbench", "The launched program is told to end.");
    terminal.signal("SIGCONT");
    terminal.signal("SIGTERM");
    const force = setTimeout(() => terminal.signal("SIGKILL"), timeouts.programMs);
    await terminal.exited;
    clearTimeout(force);
  };

  const finish = async (
    draft: SessionDraft,
    profile: LiveProfile,
    ending: Exclude<RecordingState["ending"], "">,
    exitCode: number | null,
    /** Of what there should be samples; null for counters. */
    kinds: readonly ProfileKind[] | null,
  ): Promise<RecordingState> => {
    update({ phase: "importing", ending, exitCode, elapsedNs: now(), rawBytes: sink?.rawBytes ?? 0 });
    let savedTo = "";
    try {
      if (toolLost > profile.counts().lostSamples) profile.meta({ lostSamples: toolLost });
      const counts = await profile.end();
      update({ samples: counts.samples, lostSamples: Math.max(counts.lostSamples, toolLost) });
      await sink?.settled();
      savedTo = (await deps.store.finish(draft, profile, request.output)).path;
    } catch (error) {
      note(toProblem(error));
    }
    const { samples } = holder.state;
    // Of threads that wait for each other from before the recording no wait begins or ends in it.
    if (kinds !== null && samples === 0 && !hasDeadlock) firstProblem ??= noSamples(ending, exitCode, kinds);
    const phase = savedTo !== "" && (samples > 0 || ending !== "failed") ? "done" : "failed";
    update({ phase, savedTo, problem: firstProblem });
    return holder.state;
  };

  const run = async (): Promise<RecordingState> => {
    try {
      const prepared = await prepare(
        deps.host,
        { helper: script("flamewright-elevate") },
        deps.profilers ?? everyProfiler,
        request,
      );
      update({ phase: "starting", profiler: prepared.profiler.id, profilerTitle: prepared.profiler.title });
      if (prepared.info !== null)
        update({ target: nameOfTarget(request, prepared.info.name, prepared.info.pid) });
      for (const check of prepared.warnings) log.write("workbench", sentences(check));
      if (why !== "") throw new ProblemError(stoppedEarly);
      source = await open(prepared);
      return await record(prepared, source);
    } catch (error) {
      const problem = toProblem(error);
      log.write("workbench", `${problem.message} ${problem.fix}`);
      clearTimeout(escalation);
      source?.run.kill("SIGKILL");
      source?.terminal?.signal("SIGKILL");
      update({
        phase: "failed",
        ending: why === "stopped" ? "stopped" : "failed",
        exitCode: source?.terminal?.exit?.exitCode ?? null,
        problem,
        ...(error instanceof RightsMissing ? { elevation: error.offers } : {}),
        elapsedNs: now(),
      });
      return holder.state;
    }
  };

  const mark = async (name: string): Promise<void> => {
    const timeNs = now();
    log.write("workbench", `Mark: ${name}`);
    await sink?.mark(timeNs, name);
  };

  // In a later turn, so that the caller can listen from the first change on.
  const finished = Promise.resolve().then(run);
  return {
    recordingId: holder.state.recordingId,
    get state() {
      return holder.state;
    },
    onState: holder.onState,
    prompts,
    get logged() {
      return log.lines;
    },
    onLog: log.onLines,
    mark,
    ask: createAsk(() => ({
      run: holder.state.phase === "recording" ? (source?.run ?? null) : null,
      draft,
      store: deps.store,
      mark,
    })),
    stop() {
      endSource("stopped");
      // Before there is anything to ask gracefully, nothing is lost by force.
      if (holder.state.phase === "authorising") prompts.cancel(cancelled);
      if (holder.state.phase === "starting") source?.run.kill("SIGKILL");
      return finished;
    },
    finished,
  };
}
