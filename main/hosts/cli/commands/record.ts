import { mkdir } from "node:fs/promises";
import { dirname, join, resolve as resolvePath } from "node:path";
import { formatBytes, formatCount, formatCountOf, formatDuration } from "#core/base/numbers.ts";
import { ProblemError } from "#core/base/result.ts";
import { observerWords } from "#core/model/fact-words.ts";
import {
  type ElevationWay,
  elevationWays,
  type RecordingState,
  type RecordRequestInput,
} from "#core/model/recording.ts";
import { answerPrompts } from "../answer-prompts.ts";
import { askRecording } from "../ask-recording.ts";
import {
  type Command,
  describeProblem,
  exitCodes,
  numberFlag,
  type Parsed,
  parseWords,
  type Terminal,
  textFlag,
  UsageError,
} from "../command.ts";
import { type EngineClient, withEngine } from "../engine-client.ts";
import { optionFlags, optionHelp, optionValues } from "../record-flags.ts";
import { visible } from "../text-table.ts";

/** The target that the words name: --pid, an address, or a command after `--`. */
export function recordTarget(parsed: Parsed): RecordRequestInput["target"] {
  const pids = pidList(textFlag(parsed, "pid"));
  const system = parsed.values.system === true;
  const url = textFlag(parsed, "endpoint");
  const given = [pids.length > 0, url !== "", system, parsed.rest.length > 0].filter(Boolean).length;
  if (parsed.positionals.length > 0)
    throw new UsageError(`put the command after --: record -- ${parsed.positionals.join(" ")}`);
  if (given !== 1)
    throw new UsageError("record needs one of --pid N, --system, --endpoint ADDRESS, or -- COMMAND ...");
  const [pid, ...more] = pids;
  if (pid !== undefined) return { kind: "pid", pid, ...(more.length > 0 && { pids: more }) };
  if (system) return { kind: "system" };
  if (url !== "") return { kind: "endpoint", url };
  return { kind: "launch", argv: [...parsed.rest], cwd: process.cwd() };
}

/** "4711" or "4711,4712"; empty where the flag was not given. */
function pidList(text: string): readonly number[] {
  if (text === "") return [];
  if (!/^[1-9]\d{0,8}(,[1-9]\d{0,8})*$/.test(text))
    throw new UsageError(`--pid takes a whole number, or several with commas between, not ${text}`);
  return text.split(",").map(Number);
}

function elevationWay(parsed: Parsed): ElevationWay | "" {
  const given = textFlag(parsed, "elevate");
  const way = elevationWays.find((each) => each === given);
  if (given !== "" && way === undefined)
    throw new UsageError(`--elevate takes ${elevationWays.join(" or ")}, not ${given}`);
  return way ?? "";
}

/** A line of `record --json`; one when the phase changes and one a second while it records. */
const stateJson = (state: RecordingState) => ({
  phase: state.phase,
  profiler: state.profiler,
  target: state.target,
  pid: state.pid,
  elapsedNs: state.elapsedNs,
  samples: state.samples,
  lostSamples: state.lostSamples,
  rawBytes: state.rawBytes,
  ending: state.ending,
  exitCode: state.exitCode,
  problem: state.problem,
  remarks: state.remarks,
  observer: state.observer ?? null,
  savedTo: state.savedTo,
});

const endings = {
  "": "",
  stopped: "stopped",
  duration: "time is up",
  "target-exited": "the target exited",
  failed: "failed",
} as const;

const live = (state: RecordingState): string =>
  `${state.phase} ${state.target}  ${formatDuration(state.elapsedNs)}  ${formatCountOf(state.samples, "sample")}` +
  `  ${formatCount(state.lostSamples)} lost  ${formatBytes(state.rawBytes)}` +
  (state.observer ? `  ${observerWords(state.observer)}` : "");

/** What was kept although the profiler failed is worth having, but not what was asked for. */
export const exitCodeOf = (state: RecordingState): number =>
  state.phase === "done" && state.ending !== "failed" ? exitCodes.done : exitCodes.failed;

/**
 * Follows a recording to its end. The first Ctrl-C stops it gracefully; the second ends this process at once, and
 * what had arrived is on disk for the next start.
 */
export function follow(
  client: EngineClient,
  recordingId: string,
  terminal: Terminal,
  onState: (state: RecordingState) => void,
): Promise<RecordingState> {
  return new Promise((resolve, reject) => {
    let interrupts = 0;
    const interrupt = terminal.onInterrupt(() => {
      interrupts++;
      if (interrupts > 1) {
        terminal.err(
          "\nflamewright: aborted; what had arrived is kept, and offered for recovery at the next start\n",
        );
        process.exit(exitCodes.failed);
      }
      client.call("recording.stop", { recordingId }).catch((error: unknown) => settle(() => reject(error)));
    });
    const settle = (finish: () => void): void => {
      interrupt.dispose();
      watching.dispose();
      finish();
    };
    const watching = client.stream(
      "recording.watch",
      { recordingId },
      {
        item: (state) => {
          onState(state);
          if (state.phase === "done" || state.phase === "failed") settle(() => resolve(state));
        },
        problem: (problem) => settle(() => reject(new ProblemError(problem))),
      },
    );
  });
}

export const recordCommand: Command = {
  name: "record",
  summary: "record a process or a command, until it ends, the time is up, or Ctrl-C",
  usage: [
    "record --pid N [--profiler ID] [--duration S] [-o FILE.fwp] [--json]",
    "record [--profiler ID] [--duration S] [-o FILE.fwp] [--json] -- COMMAND [ARG ...]",
    "record --pid N,N,... | --system ...",
    "record --endpoint ADDRESS ...",
  ],
  flags: [
    ["--pid N", "process to attach to; perf takes several: 4711,4712"],
    ["--system", "all processes of the machine, with perf"],
    ["--endpoint ADDRESS", "inspector to attach to: http://127.0.0.1:9229"],
    [
      "--profiler ID",
      "profiler to use, or what is asked: locks, waiting, disks (the best that answers); the recommended one when left out",
    ],
    ["--duration S", "stop after so many seconds"],
    ["--runs N", "record so many times, one after the other; then -o is a folder of runs, for `diff`"],
    ["-o, --output FILE", "session file to write; the library when left out"],
    [
      "--elevate sudo|pkexec",
      "run the profiler, and nothing else, as root; asks for the password on the terminal",
    ],
    [
      "--ask-every S",
      "ask so often for what the profiler offers while it records (leak check, snapshot); by hand: the key a",
    ],
    ["--json", "print progress as JSON lines"],
    ...optionHelp,
  ],
  examples: [
    "flamewright record --pid 4711 --duration 10 -o slow.fwp",
    "flamewright record --rate 499 --call-graph dwarf -o build.fwp -- make -j2",
    "flamewright record --runs 5 -o old/ -- ./old --work",
    "flamewright record --system --events page-faults,sched:sched_switch --duration 5",
  ],
  run: async (args, terminal) => {
    const parsed = parseWords(args, {
      pid: { type: "string" },
      system: { type: "boolean" },
      endpoint: { type: "string" },
      profiler: { type: "string" },
      duration: { type: "string" },
      runs: { type: "string" },
      output: { type: "string", short: "o" },
      elevate: { type: "string" },
      "ask-every": { type: "string" },
      json: { type: "boolean" },
      ...optionFlags,
    });
    const output = textFlag(parsed, "output");
    const request: RecordRequestInput = {
      profiler: textFlag(parsed, "profiler"),
      target: recordTarget(parsed),
      options: optionValues(parsed),
      durationS: numberFlag(parsed, "duration", 0.1),
      output: output === "" ? "" : resolvePath(output),
      elevate: elevationWay(parsed),
    };
    const json = parsed.values.json === true;
    const runs = runsOf(parsed, request);
    const askEveryS = numberFlag(parsed, "ask-every", 0.1);
    const folder = request.output ?? "";
    return withEngine(terminal, async (client) => {
      let code: number = exitCodes.done;
      for (let run = 1; run <= runs && code === exitCodes.done; run++) {
        if (runs > 1) terminal.err(`run ${run} of ${runs}\n`);
        const output = runs > 1 && folder !== "" ? runFile(folder, run) : folder;
        if (runs > 1 && output !== "") await mkdir(dirname(output), { recursive: true });
        code = exitCodeOf(await recordOne(client, { ...request, output }, terminal, json, askEveryS));
      }
      return code;
    });
  },
};

const MOST_RUNS = 100;

/** Of several runs each has an end of its own. */
function runsOf(parsed: Parsed, { target, durationS }: RecordRequestInput): number {
  const runs = numberFlag(parsed, "runs", 1) ?? 1;
  if (!Number.isInteger(runs) || runs > MOST_RUNS)
    throw new UsageError(`--runs takes a whole number from 1 to ${MOST_RUNS}`);
  if (runs > 1 && target.kind !== "launch" && durationS === null)
    throw new UsageError("--runs needs a command after --, or --duration");
  return runs;
}

/** Numbers that sort as they follow each other. */
export const runFile = (folder: string, run: number): string =>
  join(folder, `run-${String(run).padStart(2, "0")}.fwp`);

/** Records once, from start to end, with progress on the terminal. */
export async function recordOne(
  client: EngineClient,
  request: RecordRequestInput,
  terminal: Terminal,
  json: boolean,
  askEveryS: number | null = null,
): Promise<RecordingState> {
  const { recordingId } = await client.call("recording.start", { request });
  const answering = (request.elevate ?? "") === "" ? null : answerPrompts(client, recordingId, terminal);
  const clear = terminal.errIsTty && !json ? "\r\u001b[K" : "";
  const words = request.target.kind === "launch" ? passOutput(client, recordingId, terminal, clear) : null;
  let phase = "";
  let second = -1;
  const asker = askRecording(client, recordingId, terminal, askEveryS, json);
  const end = await follow(client, recordingId, terminal, (state) => {
    asker.see(state);
    const now = Math.floor(state.elapsedNs / 1e9);
    if (json && (state.phase !== phase || now !== second))
      terminal.out(`${JSON.stringify(stateJson(state))}\n`);
    if (clear !== "" && state.phase !== "authorising")
      terminal.err(`${clear}${visible(live(state)).slice(0, terminal.columns - 1)}`);
    phase = state.phase;
    second = now;
  });
  asker.dispose();
  answering?.dispose();
  await words;
  terminal.err(clear);
  for (const remark of end.remarks) terminal.err(`note: ${visible(remark)}\n`);
  if (end.problem) terminal.err(describeProblem(end.problem));
  if (end.savedTo !== "")
    terminal.err(
      `${endings[end.ending]}: ${formatCountOf(end.samples, "sample")} in ${formatDuration(end.elapsedNs)}, ` +
        `${formatCount(end.lostSamples)} lost; saved ${end.savedTo}\n`,
    );
  return end;
}

/** The launched program's own words, to stderr; resolves with the last of them. */
const passOutput = (
  client: EngineClient,
  recordingId: string,
  terminal: Terminal,
  clear: string,
): Promise<void> =>
  new Promise((resolve) => {
    client.stream(
      "recording.log",
      { recordingId },
      {
        item: (lines) => {
          for (const line of lines) if (line.source === "output") terminal.err(`${clear}${line.text}\n`);
        },
        end: resolve,
        problem: () => resolve(),
      },
    );
  });
