import { formatBytes } from "#core/base/numbers.ts";
import { cancelled, type Problem, ProblemError, toProblem } from "#core/base/result.ts";
import type { ExporterInfo } from "#core/contract.ts";
import { everything, type QueryInput } from "#core/model/query.ts";
import { frozenQuery } from "../table-queries.ts";
import { type ActionContext, documentOf } from "./context.ts";
import { fileName } from "./files.ts";

export interface ExportChoice {
  readonly exporter: ExporterInfo;
  readonly title: string;
  /** false: the filters that are on. */
  readonly whole: boolean;
  readonly notes: string;
  /** null for those that a report has by itself. */
  readonly panels: readonly string[] | null;
}

export interface ExportActions {
  /** "cancelled" is no problem: the person put the file dialog away. */
  exportProfile(documentId: string, choice: ExportChoice, signal: AbortSignal): Promise<Problem | null>;
}

/** The width that a report is drawn for: what a page of a browser shows. */
const REPORT_WIDTH_PX = 1200;

const wordsOf = ({ title, notes, panels }: ExportChoice) => ({
  title,
  notes,
  panels: panels && [...panels],
});

export function exportActions({ store, client, shell }: ActionContext): ExportActions {
  /** The export's bytes as they come, held by the browser until the download. */
  const collect = (profileId: string, query: QueryInput, choice: ExportChoice, signal: AbortSignal) =>
    new Promise<Blob>((resolve, reject) => {
      const chunks: BlobPart[] = [];
      const { id, mimeType } = choice.exporter;
      const reading = client.stream(
        "profile.export",
        { profileId, exporter: id, query, ...wordsOf(choice) },
        {
          item: (bytes) => {
            chunks.push(new Uint8Array(bytes));
          },
          end: () => resolve(new Blob(chunks, { type: mimeType })),
          problem: (problem) => reject(new ProblemError(problem)),
        },
      );
      signal.addEventListener("abort", () => {
        reading.dispose();
        reject(new ProblemError(cancelled));
      });
    });

  return {
    exportProfile: async (documentId, choice, signal) => {
      const document = documentOf(store, documentId);
      if (!document) return null;
      const { profileId, history, paused, inverted } = document;
      const selection = choice.whole ? { ...everything, series: history.present.series } : history.present;
      const asked: QueryInput = { view: "flame", selection, widthPx: REPORT_WIDTH_PX, inverted };
      const query = paused && !choice.whole ? frozenQuery(asked, paused.atNs) : asked;
      const name = fileName(document.title);
      const { extension, id } = choice.exporter;
      const { toast } = store.getState();
      try {
        if (shell.kind === "desktop") {
          const path = await shell.chooseSavePath(name, extension);
          if (path === "") return cancelled;
          const params = { profileId, exporter: id, query, ...wordsOf(choice), path };
          const { sizeBytes } = await client.call("profile.exportToFile", params, { signal });
          toast("ok", `Exported ${formatBytes(sizeBytes)}.`, path);
        } else {
          const blob = await collect(profileId, query, choice, signal);
          shell.download(`${name}.${extension}`, blob);
          toast("ok", `Exported ${formatBytes(blob.size)}.`, `${name}.${extension} is in your downloads.`);
        }
        return null;
      } catch (error) {
        return toProblem(error);
      }
    },
  };
}
