import type { Problem } from "#core/base/result.ts";
import type { ProfileState } from "#core/contract.ts";
import type { LogLine, RecordingState, RecordRequestInput } from "#core/model/recording.ts";
import type {
  FlameTable,
  InfoTable,
  TableOf,
  TimelineTable,
  TopTable,
  ViewTable,
} from "#core/model/tables.ts";
import { newHistory, type SelectionHistory } from "../selection.ts";
import type { TopSort } from "../view-props.ts";

/** The newest table of one view; it stays while a newer one is on its way. */
export interface TableSlot<T extends ViewTable> {
  readonly table: T | null;
  /** The query could not be answered. */
  readonly problem: Problem | null;
  /** JSON of the query that the table answers; "" for none. */
  readonly key: string;
}

type ViewName = ViewTable["view"];
/** The name of the engine's view, with a suffix where there are several of it: "flame", "top/picked". */
export type SlotName = ViewName | `${ViewName}/${string}`;
type ViewOfSlot<S extends SlotName> = S extends `${infer V}/${string}` ? V : S;

const emptySlot = { table: null, problem: null, key: "" };

/** The newest table of a slot. The document itself has "info", "timeline" and "top/picked"; each view has its own. */
export function slotOf<S extends SlotName>(
  { tables }: ProfileDocument,
  slot: S,
): TableSlot<TableOf<ViewOfSlot<S> & ViewName>> {
  // What is put into a slot was held against its name.
  return (tables[slot] ?? emptySlot) as TableSlot<TableOf<ViewOfSlot<S> & ViewName>>;
}

/** A call node by the names that lead to it, as transforms take it. */
export interface CallPath {
  /** From the root on; with `inverted`, from the innermost function on. */
  readonly names: readonly string[];
  readonly inverted: boolean;
}

/** One open profile: a recording, a session or a file. */
export interface ProfileDocument {
  readonly id: string;
  readonly title: string;
  /** "" for a recording and an upload. */
  readonly path: string;
  /** "" until there is a profile to ask. */
  readonly profileId: string;
  readonly recordingId: string;
  readonly sessionId: string;
  readonly recording: RecordingState | null;
  /** What was asked for in this window, to ask for it again. */
  readonly request: RecordRequestInput | null;
  readonly log: readonly LogLine[];
  /** Lines that were left out at the front of `log`. */
  readonly logSkipped: number;
  readonly profileState: ProfileState | null;
  /** Why it could not be opened or lost its engine. */
  readonly problem: Problem | null;
  readonly upload: { readonly sentBytes: number; readonly sizeBytes: number } | null;
  readonly tables: Readonly<Record<string, TableSlot<ViewTable>>>;

  readonly history: SelectionHistory;
  /** Id of the view on the screen. */
  readonly tab: string;
  readonly selectedFunction: number;
  readonly selectedNode: number;
  readonly selectedName: string;
  /** Of the selected call node, where the view that it was chosen in has one. */
  readonly selectedPath: CallPath | null;
  readonly zoomRoot: number;
  readonly inverted: boolean;
  readonly sort: TopSort;
  readonly descending: boolean;
  /** The display stands still while the recording goes on; `atNs` is the end of what it shows. */
  readonly paused: { readonly atNs: number } | null;
  readonly flameWidthPx: number;
  readonly timelineBins: number;
  /** Words of a view that is to be shown as soon as the profile is known; "" for none. */
  readonly wantedView: string;
  /** The recording was asked for something, and is still at it. */
  readonly asking: boolean;
  /** What views remember, by their ids. */
  readonly viewState: Readonly<Record<string, object>>;
  /** The problem that was read and put away, by its code. */
  readonly dismissedProblem: string;
}

export function newDocument(
  id: string,
  part: Partial<
    Pick<ProfileDocument, "title" | "path" | "profileId" | "recordingId" | "sessionId" | "upload" | "request">
  >,
): ProfileDocument {
  return {
    id,
    title: "",
    path: "",
    profileId: "",
    recordingId: "",
    sessionId: "",
    recording: null,
    request: null,
    log: [],
    logSkipped: 0,
    profileState: null,
    problem: null,
    upload: null,
    tables: {},
    history: newHistory(),
    tab: "flame",
    selectedFunction: -1,
    selectedNode: -1,
    selectedName: "",
    selectedPath: null,
    zoomRoot: -1,
    inverted: false,
    sort: "self",
    descending: true,
    paused: null,
    flameWidthPx: 0,
    timelineBins: 240,
    asking: false,
    viewState: {},
    wantedView: "",
    dismissedProblem: "",
    ...part,
  };
}

/** Still growing: the recorder has not come to an end. */
export const isRecording = (document: ProfileDocument): boolean =>
  document.recordingId !== "" &&
  document.recording?.phase !== "done" &&
  document.recording?.phase !== "failed";

/** There is nothing to look at, and never will be. */
export const isBroken = (document: ProfileDocument): boolean =>
  !isReadable(document) &&
  (document.problem !== null ||
    document.recording?.phase === "failed" ||
    document.profileState?.phase === "failed");

/** It has been read so far that it can be looked at, exported and saved. */
export const isReadable = (document: ProfileDocument): boolean => slotOf(document, "info").table !== null;

/** What a view remembers of this document: `initial` with what was changed. */
export const viewStateOf = <S extends object>({ viewState }: ProfileDocument, id: string, initial: S): S => ({
  ...initial,
  ...viewState[id],
});

/** The target is being sampled right now: it can be marked and stopped. */
export const isSampling = (document: ProfileDocument): boolean => document.recording?.phase === "recording";

export const threadNameOf = (document: ProfileDocument): ((thread: number) => string) =>
  threadNames(slotOf(document, "info").table?.threads ?? [], slotOf(document, "timeline").table?.lanes ?? []);

export const threadNames =
  (threads: InfoTable["threads"], lanes: TimelineTable["lanes"] = []) =>
  (index: number): string => {
    const found = threads.find((each) => each.index === index) ?? lanes.find((each) => each.thread === index);
    return found ? `${found.name || "thread"} ${found.tid}` : `#${index}`;
  };

/** Index of a function's row in a table, -1 for none. */
export const rowOfFunction = (table: TopTable | FlameTable, functionIndex: number): number =>
  table.function.subarray(0, table.length).indexOf(functionIndex);

export const nameOfRow = (table: Pick<TopTable, "strings" | "name">, row: number): string =>
  table.strings[table.name[row] ?? -1] ?? "";
