import { formatCount, formatCountOf, formatDuration } from "#core/base/numbers.ts";
import type { QueryInput } from "#core/model/query.ts";
import type { RecordingState, RecordRequestInput } from "#core/model/recording.ts";
import type { TableOf, ViewTable } from "#core/model/tables.ts";
import { answerPrompts } from "./answer-prompts.ts";
import { everyRow } from "./ask-file.ts";
import {
  describeProblem,
  numberFlag,
  type Options,
  type Parsed,
  printJson,
  type Terminal,
} from "./command.ts";
import { ask, withEngine } from "./engine-client.ts";
import { exitCodeOf, follow } from "./follow-recording.ts";
import { elevateHelp, optionHelp, recordFlags } from "./record-flags.ts";
import { openScreen } from "./screen.ts";
import { visible } from "./text-table.ts";

type View = ViewTable["view"];

/** What a command shows of a process while it is recorded. */
export interface LiveTable<V extends View> {
  readonly request: RecordRequestInput;
  readonly view: V;
  readonly query: (limit: number) => Extract<QueryInput, { view: V }>;
  readonly lines: (table: TableOf<V>, width?: number) => readonly string[];
  readonly json: (table: TableOf<V>) => unknown;
  /** With --json a line each second of it, and one at the end; null: the end alone, over several lines. */
  readonly elapsedNs: ((table: TableOf<V>) => number) | null;
  /** Only the end, unless it is watched. */
  readonly isGlance?: boolean;
  /** Rows of the end where no --limit says how many; of JSON all. */
  readonly rows?: number;
}

export const liveFlags: Options = recordFlags;

/** `profiler`: which one it is when left out. */
export const liveHelp = (profiler: string): readonly (readonly [string, string])[] => [
  ["--pid N", "process to watch live"],
  ["--profiler ID", `profiler to use (default: ${profiler})`],
  ["--duration S", "end after so many seconds"],
  elevateHelp,
  ...optionHelp,
];

/** The words name something that runs, or is to run, and not a file. */
export const isLive = ({ values, rest }: Parsed): boolean =>
  values.pid !== undefined || values.endpoint !== undefined || values.system === true || rest.length > 0;

const headOf = (state: RecordingState): string =>
  `${visible(state.target)}  ${state.phase}  ${formatDuration(state.elapsedNs)}  ` +
  (state.samples > 0 ? `${formatCountOf(state.samples, "sample")}  ` : "") +
  (state.lostSamples > 0 ? `${formatCount(state.lostSamples)} lost  ` : "") +
  "(Ctrl-C ends)";

/**
 * Records, shows and does not keep: redrawn in place on a terminal until Ctrl-C, --duration or the target's end, and then
 * printed as it was last. Gives the exit code.
 */
export function showLive<V extends View>(
  parsed: Parsed,
  terminal: Terminal,
  live: LiveTable<V>,
): Promise<number> {
  const json = parsed.values.json === true;
  const limit = numberFlag(parsed, "limit", 1);
  const isWatched = live.isGlance !== true && (terminal.outIsTty || (json && live.elapsedNs !== null));
  return withEngine(terminal, async (client) => {
    const { recordingId } = await client.call("recording.start", { request: live.request });
    const answering =
      (live.request.elevate ?? "") === "" ? null : answerPrompts(client, recordingId, terminal);
    // A password is asked for on the terminal as it was.
    let screen: ReturnType<typeof openScreen> | null = null;
    let head = "";
    let body: readonly string[] = [];
    let watching: { dispose(): void } | null = null;
    let second = -1;
    const draw = (): void => {
      if (json) return;
      screen ??= openScreen(terminal);
      screen.draw([head, "", ...body]);
    };
    const see = (table: TableOf<V>): void => {
      body = live.lines(table, terminal.columns);
      if (!json || live.elapsedNs === null) return;
      const now = Math.floor(live.elapsedNs(table) / 1e9);
      if (now !== second) terminal.out(`${JSON.stringify(live.json(table))}\n`);
      second = now;
    };
    const watch = (profileId: string): void => {
      const query = live.query(limit ?? terminal.rows);
      watching = client.stream(
        "profile.watch",
        { profileId, query },
        {
          item: ({ table, problem }) => {
            if (table?.view === live.view) see(table as TableOf<V>);
            else if (problem) body = describeProblem(problem).split("\n");
            draw();
          },
        },
      );
    };
    const end = await follow(client, recordingId, terminal, (state) => {
      head = headOf(state);
      if (!isWatched || state.profileId === "") return;
      draw();
      if (watching === null) watch(state.profileId);
    }).finally(() => {
      watching?.dispose();
      answering?.dispose();
      screen?.close();
    });
    if (end.problem) terminal.err(describeProblem(end.problem));
    if (end.phase === "done") {
      const query = live.query(limit ?? (json ? everyRow : (live.rows ?? 30)));
      const table = (await ask(client, end.profileId, query)) as TableOf<V>;
      if (!json)
        terminal.out(`${live.lines(table, terminal.outIsTty ? terminal.columns : undefined).join("\n")}\n`);
      else if (live.elapsedNs === null) printJson(terminal, live.json(table));
      else terminal.out(`${JSON.stringify(live.json(table))}\n`);
    }
    if (end.savedTo !== "") await client.call("sessions.delete", { sessionId: end.sessionId });
    return exitCodeOf(end);
  });
}
