import * as v from "valibot";
import type { Problem } from "./base/result.ts";
import type { ExportOption, ExportPanel } from "./exporters/exporter.ts";
import type { Assembly } from "./model/assembly.ts";
import {
  type CompareTable,
  compareQuerySchema,
  comparisonSchema,
  type WatchedComparison,
} from "./model/compare.ts";
import { querySchema, sourceQuerySchema } from "./model/query.ts";
import {
  type AuthorisationPrompt,
  type ElevationOffer,
  type ListedTarget,
  type LogLine,
  type OptionValues,
  type RecordingState,
  recordRequestSchema,
  recordTargetSchema,
  type SessionInfo,
  type TargetFacts,
} from "./model/recording.ts";
import { type Settings, settingsPatchSchema } from "./model/settings.ts";
import type { HeapDiffTable, ViewTable } from "./model/tables.ts";
import type { Check, OptionSpec, ProfileKind, Question, TargetKind } from "./profilers/profiler.ts";
import type { HelperTool } from "./profilers/shared/helper-tools.ts";
import { call, defineContract, stream } from "./rpc/define.ts";

/** Raised with every change that an older page or engine would not understand. */
export const protocolVersion = 1;

export interface EngineInfo {
  readonly protocol: number;
  readonly version: string;
  readonly host: string;
  readonly kernel: string;
  readonly user: string;
  readonly uid: number;
  readonly platform: string;
  /** Folder of the saved sessions. */
  readonly sessionFolder: string;
}

export interface ProfilerInfo {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly kinds: readonly ProfileKind[];
  readonly targets: readonly TargetKind[];
  readonly options: readonly OptionSpec[];
}

export interface FormatInfo {
  readonly id: string;
  readonly title: string;
  readonly extensions: readonly string[];
}

export interface ExporterInfo {
  readonly id: string;
  readonly title: string;
  readonly purpose: string;
  readonly extension: string;
  readonly mimeType: string;
  readonly options: readonly ExportOption[];
  /** Of a report; empty for data. */
  readonly panels: readonly ExportPanel[];
}

/** One way to record a target: the profiler, why or why not, what stands in the way. */
export interface Recipe {
  readonly profiler: string;
  readonly title: string;
  readonly recommended: boolean;
  readonly reason: string;
  /** "" where the tool is missing. */
  readonly version: string;
  /** How much slower the target runs: counted for this one, or as a rule; "" where it stands in the way and a check says it. */
  readonly cost: string;
  readonly checks: readonly Check[];
  /** The commands that would run with default options. */
  readonly commands: readonly string[];
  /** The questions for which it is the one to take. */
  readonly answers?: readonly RecipeAnswer[];
  /** Ways to record all the same, where rights are all that is missing. */
  readonly elevation?: readonly ElevationOffer[];
  readonly problem: Problem | null;
}

export interface RecipeAnswer {
  readonly question: Question;
  /** That make it answer. */
  readonly options: OptionValues;
  /** Why not one that would be better, and what this one costs; "" where neither is to be said. */
  readonly why: string;
}

export interface TargetList {
  readonly targets: readonly ListedTarget[];
  /** Processes that could not be read at all. */
  readonly hidden: number;
}

export interface OpenedProfile {
  readonly profileId: string;
  /** What to call it: a session's target or the file's name. */
  readonly title: string;
  /** Path it came from; "" for a live recording or an upload. */
  readonly path: string;
}

/** A folder or an archive has several; the first is the profile itself. */
export interface OpenedFile extends OpenedProfile {
  readonly others: readonly OpenedProfile[];
}

/** State of an import or a live profile, beside its tables. */
export interface ProfileState {
  readonly phase: "importing" | "live" | "ready" | "failed";
  /** 0 to 1; -1 where unknown. */
  readonly progress: number;
  readonly problem: Problem | null;
}

export interface WatchedTable {
  /** Grows with every change of the profile. */
  readonly revision: number;
  readonly state: ProfileState;
  /** null until there is something to show. */
  readonly table: ViewTable | null;
  /** The query itself could not be answered (a pattern that does not compile, a series that is not there). */
  readonly problem: Problem | null;
}

/** The text of a source file, or where it was looked for. */
export interface SourceText {
  /** As the profile names it. */
  readonly file: string;
  /** Where it was found; "" for nowhere. */
  readonly path: string;
  readonly text: string | null;
  readonly tried: readonly { readonly path: string; readonly why: string }[];
  /** It was changed after the recording began. */
  readonly isNewer: boolean;
}

export interface RecentFile {
  readonly path: string;
  readonly title: string;
  readonly openedAtMs: number;
  /** false: it is not there any more. */
  readonly exists: boolean;
}

export interface DoctorReport {
  readonly checks: readonly Check[];
  /** Of the process that was asked about; empty where none was. */
  readonly target: readonly Check[];
  readonly tools: readonly {
    readonly profiler: string;
    readonly title: string;
    readonly path: string;
    readonly version: string;
    /** What this version cannot do that is wanted of it; "" for nothing. */
    readonly lacks: string;
    readonly problem: Problem | null;
  }[];
  /** Programs that are no profilers, without which profilers and views have less. */
  readonly helpers: readonly HelperTool[];
}

const profile = v.object({ profileId: v.string() });
const reportChoice = {
  notes: v.optional(v.string(), ""),
  /** Ids of a report's panels; null for those that it has by itself. */
  panels: v.optional(v.nullable(v.array(v.string())), null),
};
const compareExport = { exporter: v.string(), title: v.optional(v.string(), ""), ...reportChoice };
const recording = v.object({ recordingId: v.string() });

/**
 * Every request and stream between a page (or the CLI) and the engine. Parameters are validated where they
 * arrive. `latest` streams replace an item that still waits by a newer one; `lossless` streams wait for the reader.
 */
export const contract = defineContract({
  calls: {
    "engine.hello": call<EngineInfo>()(v.object({ protocol: v.number() })),
    "engine.registry": call<{
      profilers: readonly ProfilerInfo[];
      formats: readonly FormatInfo[];
      exporters: readonly ExporterInfo[];
      /** What a comparison can be written as. */
      comparisonExporters: readonly ExporterInfo[];
    }>()(v.object({})),
    "engine.doctor": call<DoctorReport>()(
      v.object({ pid: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1))), null) }),
    ),
    /** The recipes for a target, best first. */
    "targets.recipes": call<readonly Recipe[]>()(v.object({ target: recordTargetSchema })),
    /** What the program is, from its files; null where nothing can be read. */
    "targets.facts": call<TargetFacts | null>()(v.object({ target: recordTargetSchema })),
    /** Starts the bundled demo program; it ends with the engine. */
    "targets.demo": call<{ pid: number }>()(v.object({})),

    "recording.start": call<{ recordingId: string }>()(v.object({ request: recordRequestSchema })),
    /** Graceful: what arrived is imported and saved. Resolves when it is. */
    "recording.stop": call<RecordingState>()(recording),
    "recording.mark": call<null>()(v.object({ recordingId: v.string(), name: v.string() })),
    /** Does now what the state's `ask` says; what comes of it may be a profile of its own. */
    "recording.ask": call<{ words: string; opened: OpenedProfile | null }>()(recording),
    "recording.list": call<readonly RecordingState[]>()(v.object({})),
    /** The secret is zeroed once it is typed. It is kept nowhere. */
    "recordings.answerPrompt": call<null>()(
      v.object({ promptId: v.string(), secret: v.instance(Uint8Array) }),
    ),
    "recordings.cancelPrompt": call<null>()(
      v.object({
        promptId: v.string(),
        why: v.optional(v.picklist(["cancelled", "no-terminal"]), "cancelled"),
      }),
    ),

    /**
     * Opens a path on the engine's machine: a session, any profile file, or all profiles of a folder or an archive;
     * with `member` only that one. Import goes on in the background.
     */
    "profile.open": call<OpenedFile>()(v.object({ path: v.string(), member: v.optional(v.string(), "") })),
    /** Dropped or picked in a browser: begin, chunks in order, end. */
    "profile.uploadBegin": call<{ uploadId: string }>()(
      v.object({ name: v.string(), sizeBytes: v.number() }),
    ),
    "profile.uploadChunk": call<null>()(v.object({ uploadId: v.string(), bytes: v.instance(Uint8Array) })),
    /**
     * Opens what is still being sent, once its first 64 KiB have come: it is read as it comes, and `uploadEnd` gives the same
     * profile. null where it has to be whole first, as an archive has to.
     */
    "profile.uploadOpen": call<OpenedFile | null>()(v.object({ uploadId: v.string() })),
    "profile.uploadCancel": call<null>()(v.object({ uploadId: v.string() })),
    /** `isOfFolder`: it came with others, and is refused where it is no profile instead of being opened as a failure. */
    "profile.uploadEnd": call<OpenedFile>()(
      v.object({ uploadId: v.string(), isOfFolder: v.optional(v.boolean(), false) }),
    ),
    "profile.query": call<ViewTable>()(v.object({ profileId: v.string(), query: querySchema })),
    /** What was logged while it was recorded; empty for a file that is no session. */
    "profile.log": call<readonly LogLine[]>()(profile),
    /** Reads a file that the profile (or the debug information of its code) names for a function, and no other. */
    "source.text": call<SourceText>()(v.object({ profileId: v.string(), query: sourceQuerySchema })),
    "source.assembly": call<Assembly>()(v.object({ profileId: v.string(), query: sourceQuerySchema })),
    /** Starts the editor of the settings at a line of such a file. */
    "source.openInEditor": call<null>()(
      v.object({ profileId: v.string(), query: sourceQuerySchema, line: v.number() }),
    ),
    "profile.cancelImport": call<null>()(profile),
    "profile.close": call<null>()(profile),
    /** Writes an export to a path that the person chose in a dialog. */
    "profile.exportToFile": call<{ sizeBytes: number }>()(
      v.object({
        profileId: v.string(),
        exporter: v.string(),
        query: querySchema,
        title: v.string(),
        path: v.string(),
        /** Ids of the exporter's options. */
        options: v.optional(v.array(v.string()), []),
        ...reportChoice,
      }),
    ),
    /** What became of the objects of a program between two heap snapshots, by kind; the most grown first. */
    "heap.diff": call<HeapDiffTable>()(
      v.object({ before: v.string(), after: v.string(), filter: v.optional(v.string(), "") }),
    ),
    /** A table of what changed between two sides; which runs they are is part of the question. */
    "compare.query": call<CompareTable>()(
      v.object({ comparison: comparisonSchema, query: compareQuerySchema }),
    ),
    "compare.exportToFile": call<{ sizeBytes: number }>()(
      v.object({ comparison: comparisonSchema, path: v.string(), ...compareExport }),
    ),
    /** Saves a profile as a session file. */
    "profile.save": call<{ path: string; sizeBytes: number }>()(
      v.object({ profileId: v.string(), path: v.string() }),
    ),

    "sessions.open": call<OpenedProfile>()(v.object({ sessionId: v.string() })),
    "sessions.delete": call<null>()(v.object({ sessionId: v.string() })),
    "recent.list": call<readonly RecentFile[]>()(v.object({})),
    "settings.get": call<Settings>()(v.object({})),
    /** Problem "bad-setting" where a value is none of its setting's. */
    "settings.set": call<Settings>()(settingsPatchSchema),
  },
  streams: {
    "targets.watch": stream<TargetList>("latest")(v.object({})),
    "sessions.watch": stream<readonly SessionInfo[]>("latest")(v.object({})),
    /** What sudo waits for an answer to, of every recording. */
    "recordings.prompts": stream<readonly AuthorisationPrompt[]>("latest")(v.object({})),
    "recording.watch": stream<RecordingState>("latest")(recording),
    /** Everything that was logged so far, then what comes. */
    "recording.log": stream<readonly LogLine[]>("lossless")(recording),
    /** The table at once, then again whenever the profile grows: at most 10 a second. */
    "profile.watch": stream<WatchedTable>("latest")(v.object({ profileId: v.string(), query: querySchema })),
    /** The table when both sides are read, then again whenever one has grown. */
    "compare.watch": stream<WatchedComparison>("latest")(
      v.object({ comparison: comparisonSchema, query: compareQuerySchema }),
    ),
    "compare.export": stream<Uint8Array>("lossless")(
      v.object({ comparison: comparisonSchema, ...compareExport }),
    ),
    "profile.export": stream<Uint8Array>("lossless")(
      v.object({
        profileId: v.string(),
        exporter: v.string(),
        query: querySchema,
        title: v.string(),
        options: v.optional(v.array(v.string()), []),
        ...reportChoice,
      }),
    ),
  },
});
export type Contract = typeof contract;
