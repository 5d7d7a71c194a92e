import { mkdir } from "node:fs/promises";
import { dirname, join, resolve as resolvePath } from "node:path";
import { formatBytes, formatCount, formatCountOf, formatDuration } from "#core/base/numbers.ts";
import { observerWords } from "#core/model/fact-words.ts";
import type { RecordingState, RecordRequestInput } from "#core/model/recording.ts";
import { findProfiler } from "#core/profilers/index.ts";
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
import { exitCodeOf, follow } from "../follow-recording.ts";
import { elevateHelp, optionHelp, recordFlags, recordRequest } from "../record-flags.ts";
import { visible } from "../text-table.ts";

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
    elevateHelp,
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
      runs: { type: "string" },
      output: { type: "string", short: "o" },
      "ask-every": { type: "string" },
      json: { type: "boolean" },
      ...recordFlags,
    });
    const output = textFlag(parsed, "output");
    const request: RecordRequestInput = {
      ...recordRequest(parsed),
      output: output === "" ? "" : resolvePath(output),
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
  let cost = "";
  let second = -1;
  const asker = askRecording(client, recordingId, terminal, askEveryS, json);
  const end = await follow(client, recordingId, terminal, (state) => {
    asker.see(state);
    if (cost === "" && !json) {
      cost = findProfiler(state.profiler)?.cost ?? "";
      if (cost !== "") terminal.err(`${clear}cost: ${cost}\n`);
    }
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
