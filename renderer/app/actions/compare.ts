import { type Problem, ProblemError, type Result, toProblem } from "#core/base/result.ts";
import type { OpenedProfile } from "#core/contract.ts";
import type { Selection } from "#core/model/query.ts";
import type { RecordRequestInput, SessionInfo } from "#core/model/recording.ts";
import { BadWords, type GivenWords, selectionFrom } from "#core/model/selection-words.ts";
import { type AskedComparison, compareText } from "../compare-words.ts";
import { type CompareRun, type CompareSide, comparisonOf, usesProfile } from "../store/compare.ts";
import { newDocument, type ProfileDocument, slotOf, threadNameOf } from "../store/document.ts";
import { infoOf, type Part, partOf, whole } from "./compare-part.ts";
import { type ActionContext, documentOf, nextDocumentId, told } from "./context.ts";
import { type ExportBytes, type ExportOrder, previewed, saved } from "./export-bytes.ts";
import { type ExportChoice, wordsOf } from "./exports.ts";
import { fileName } from "./files.ts";
import { uploadFile } from "./upload.ts";

/** What a selection of a document can be held against, without choosing anything else. */
export type CompareWith = "time-before" | "time-after" | "other-threads" | "whole" | "later";

/** Runs of a command on one side. */
export interface RunsRequest {
  readonly side: CompareSide;
  readonly request: RecordRequestInput;
}

export interface CompareActions {
  /** A document with what is selected of it, or all of it. */
  addDocumentTo(side: CompareSide, documentId: string, selection: "selected" | "whole"): void;
  addSessionTo(side: CompareSide, session: SessionInfo): Promise<void>;
  addPathTo(side: CompareSide, path: string): Promise<void>;
  /** The dialog of the desktop or of the browser. */
  chooseFilesFor(side: CompareSide): Promise<void>;
  removeRun(side: CompareSide, id: string): void;
  clearComparison(): void;
  swapSides(): void;
  /** The selection of a document is the side after. */
  compareSelection(documentId: string, against: CompareWith | { readonly documentId: string }): void;
  /** Opens files for both sides: `flamewright open A… --vs B…`. */
  openComparison(asked: AskedComparison): Promise<void>;
  /** Its sides and what is on the screen of it, as words of the command line. */
  copyComparison(): void;
  /** A run as a document of its own. */
  openRun(run: CompareRun): void;
  pickCompared(name: string): void;
  /** `runs` recordings of each, the sides in turn; each is added as it ends. */
  recordSeries(requests: readonly RunsRequest[], runs: number): Promise<void>;
  stopSeries(): void;
  /** "cancelled" is no problem: the person put the file dialog away. */
  exportComparison(choice: ExportChoice, signal: AbortSignal): Promise<Problem | null>;
  /** The beginning of what would be written; null where a side is empty. */
  previewComparison(choice: ExportChoice, signal: AbortSignal): Promise<Result<ExportBytes> | null>;
}

let counter = 0;
const nextRunId = (): string => `run-${++counter}`;

export function compareActions({ store, client, shell }: ActionContext): CompareActions {
  const state = store.getState;

  const add = (side: CompareSide, runs: readonly Omit<CompareRun, "id">[]): void =>
    state().patchCompare((compare) => ({
      [side]: [...compare[side], ...runs.map((run) => ({ ...run, id: nextRunId() }))],
      zoomRoot: -1,
    }));
  const addOpened = (
    side: CompareSide,
    opened: readonly OpenedProfile[],
    path = "",
    part: (opened: OpenedProfile) => Part = () => whole,
  ): void =>
    add(
      side,
      opened.map((each) => ({
        profileId: each.profileId,
        title: each.title,
        ...part(each),
        origin: path === "" ? null : { path, runs: opened.length },
      })),
    );

  /** A profile that no document and no side uses any more is closed. */
  const release = (profileId: string): void => {
    const { compare, documents } = state();
    if (usesProfile(compare, profileId) || documents.some((document) => document.profileId === profileId))
      return;
    void told(store, client.call("profile.close", { profileId }));
  };

  const runOf = (document: ProfileDocument, selection: Partial<Selection>): Omit<CompareRun, "id"> => ({
    profileId: document.profileId,
    title: document.title,
    ...partOf(selection, slotOf(document, "info").table, threadNameOf(document)),
    origin: document.path === "" ? null : { path: document.path, runs: 1 },
  });

  const orderOf = (choice: ExportChoice): ExportOrder | null => {
    const comparison = comparisonOf(state().compare);
    if (!comparison) return null;
    const { exporter, title } = choice;
    const params = { comparison, exporter: exporter.id, ...wordsOf(choice) };
    return {
      exporter,
      name: fileName(title || "comparison"),
      toFile: (path, signal) => client.call("compare.exportToFile", { ...params, path }, { signal }),
      read: (reader) => client.stream("compare.export", params, reader),
    };
  };

  const addPath = async (side: CompareSide, path: string): Promise<void> => {
    const opened = await told(store, client.call("profile.open", { path }));
    if (opened) addOpened(side, [opened, ...opened.others], path);
  };

  /** What the words select is known once a profile is read: threads have names, times a length. */
  const addPart = async (side: CompareSide, path: string, selected: GivenWords): Promise<void> => {
    if (selected.length === 0) return addPath(side, path);
    const opened = await told(store, client.call("profile.open", { path }));
    if (!opened) return;
    const all = [opened, ...opened.others];
    const infos = await told(store, Promise.all(all.map(({ profileId }) => infoOf(client, profileId))));
    if (!infos) return;
    try {
      const parts = infos.map((info) => partOf(selectionFrom(selected, info), info));
      addOpened(side, all, path, (each) => parts[all.indexOf(each)] ?? whole);
    } catch (error) {
      if (!(error instanceof BadWords)) throw error;
      state().toast("fail", `${opened.title}: ${error.message}.`, "Choose the part in the workbench.");
    }
  };

  let stopped = false;

  const recordOne = async ({ side, request }: RunsRequest, done: number, all: number): Promise<void> => {
    const { recordingId } = await client.call("recording.start", { request });
    state().patchCompare({ series: { done, all, side, recordingId, stopping: false } });
    const end = await new Promise<{ sessionId: string; problem: Problem | null }>((resolve, reject) => {
      const watching = client.stream(
        "recording.watch",
        { recordingId },
        {
          item: ({ phase, sessionId, problem }) => {
            if (phase !== "done" && phase !== "failed") return;
            watching.dispose();
            resolve({ sessionId, problem: phase === "failed" ? problem : null });
          },
          problem: (problem) => reject(new ProblemError(problem)),
        },
      );
    });
    if (end.problem) throw new ProblemError(end.problem);
    // One that was stopped half-way is no run like the others.
    if (!stopped) addOpened(side, [await client.call("sessions.open", { sessionId: end.sessionId })]);
  };

  return {
    addDocumentTo: (side, documentId, selection) => {
      const document = documentOf(store, documentId);
      if (!document) return;
      add(side, [runOf(document, selection === "selected" ? document.history.present : {})]);
    },
    addSessionTo: async (side, { sessionId, path }) => {
      const opened = await told(store, client.call("sessions.open", { sessionId }));
      if (opened) addOpened(side, [opened], path);
    },
    addPathTo: addPath,
    chooseFilesFor: async (side) => {
      if (shell.kind === "desktop") {
        for (const path of await shell.chooseOpenPaths()) await addPath(side, path);
        return;
      }
      for (const file of await shell.pickFiles()) {
        const opened = await told(
          store,
          uploadFile(client, file, { isStopped: () => false, onSent: () => undefined }),
        );
        if (opened) addOpened(side, [opened, ...opened.others]);
      }
    },
    removeRun: (side, id) => {
      const gone = state().compare[side].find((run) => run.id === id);
      state().patchCompare((compare) => ({
        [side]: compare[side].filter((run) => run.id !== id),
        zoomRoot: -1,
        slots: {},
      }));
      if (gone) release(gone.profileId);
    },
    clearComparison: () => {
      const { before, after } = state().compare;
      state().patchCompare({ before: [], after: [], slots: {}, selectedName: "", zoomRoot: -1 });
      for (const profileId of new Set([...before, ...after].map((run) => run.profileId))) release(profileId);
    },
    swapSides: () =>
      state().patchCompare(({ before, after }) => ({ before: after, after: before, zoomRoot: -1 })),
    compareSelection: (documentId, against) => {
      const document = documentOf(store, documentId);
      if (!document) return;
      const selection = document.history.present;
      const { rangeNs, threads } = selection;
      const info = slotOf(document, "info").table;
      const other = (): Omit<CompareRun, "id"> | null => {
        if (typeof against === "object") {
          const beside = documentOf(store, against.documentId);
          // Ranges and threads are of one profile; what is left out of stacks is not.
          return beside && runOf(beside, { transforms: selection.transforms });
        }
        switch (against) {
          case "time-before":
            return rangeNs && runOf(document, { ...selection, rangeNs: [0, rangeNs[0]] });
          case "time-after":
            return (
              rangeNs &&
              runOf(document, { ...selection, rangeNs: [rangeNs[1], info?.durationNs ?? rangeNs[1]] })
            );
          case "other-threads":
            return runOf(document, {
              ...selection,
              threads: (info?.threads ?? [])
                .map(({ index }) => index)
                .filter((index) => !threads?.includes(index)),
            });
          case "whole":
            return runOf(document, { series: selection.series });
          case "later":
            return null;
        }
      };
      const { before } = state().compare;
      const run = other();
      if (against === "later") {
        // The second selection that is kept for later is held against the first.
        const side = before.length === 1 && state().compare.after.length === 0 ? "after" : "before";
        if (side === "before") state().patchCompare({ before: [], after: [], slots: {} });
        add(side, [runOf(document, selection)]);
        if (side === "before") {
          state().toast(
            "ok",
            "Kept as the side before.",
            "Select something else here or elsewhere, and compare it again.",
          );
          return;
        }
      } else if (run) {
        state().patchCompare({ before: [], after: [], slots: {}, by: rangeNs ? "time" : "total" });
        add("before", [run]);
        add("after", [runOf(document, selection)]);
      }
      state().showScreen("compare");
    },
    openComparison: async ({ before, after, shown }) => {
      state().showScreen("compare");
      state().patchCompare(shown);
      for (const path of before.paths) await addPart("before", path, before.selected);
      for (const path of after.paths) await addPart("after", path, after.selected);
      // A side that is added to is looked at as a whole.
      if (shown.zoomRoot !== undefined) state().patchCompare({ zoomRoot: shown.zoomRoot });
    },
    openRun: ({ profileId, title }) => {
      const known = state().documents.find((document) => document.profileId === profileId);
      if (known) return state().showDocument(known.id);
      state().addDocument(newDocument(nextDocumentId(), { title, profileId }));
    },
    copyComparison: () => {
      const text = compareText(state().compare);
      if (!text.ok) {
        state().toast("fail", text.problem.message, text.problem.fix);
        return;
      }
      navigator.clipboard.writeText(text.value).then(
        () => state().toast("ok", "Copied the comparison as text."),
        () => state().toast("fail", "The clipboard was refused.", "Allow this page to use the clipboard."),
      );
    },
    pickCompared: (selectedName) => state().patchCompare({ selectedName }),
    recordSeries: async (requests, runs) => {
      stopped = false;
      const all = requests.length * runs;
      state().patchCompare({ seriesProblem: null });
      try {
        for (let done = 0; done < all && !stopped; done++) {
          const request = requests[done % requests.length];
          if (request) await recordOne(request, done, all);
        }
      } catch (error) {
        state().patchCompare({ seriesProblem: toProblem(error) });
      } finally {
        state().patchCompare({ series: null });
      }
    },
    stopSeries: () => {
      stopped = true;
      const { series } = state().compare;
      if (!series) return;
      state().patchCompare({ series: { ...series, stopping: true } });
      void told(store, client.call("recording.stop", { recordingId: series.recordingId }));
    },
    exportComparison: async (choice, signal) => {
      const order = orderOf(choice);
      return order && saved({ store, shell }, order, signal);
    },
    previewComparison: async (choice, signal) => {
      const order = orderOf(choice);
      return order && previewed(order, signal);
    },
  };
}
