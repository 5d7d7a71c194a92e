import type { Problem, Result } from "#core/base/result.ts";
import type { ExporterInfo } from "#core/contract.ts";
import { everything, type QueryInput } from "#core/model/query.ts";
import { frozenQuery } from "../table-queries.ts";
import { type ActionContext, documentOf } from "./context.ts";
import { type ExportBytes, type ExportOrder, previewed, saved } from "./export-bytes.ts";
import { fileName } from "./files.ts";

export interface ExportChoice {
  readonly exporter: ExporterInfo;
  readonly title: string;
  readonly notes: string;
  /** null for those that a report has by itself. */
  readonly panels: readonly string[] | null;
  /** Ids of the exporter's switches. */
  readonly options: readonly string[];
}

export interface ProfileExportChoice extends ExportChoice {
  /** false: the filters that are on. */
  readonly whole: boolean;
}

export interface ExportActions {
  /** "cancelled" is no problem: the person put the file dialog away. */
  exportProfile(
    documentId: string,
    choice: ProfileExportChoice,
    signal: AbortSignal,
  ): Promise<Problem | null>;
  /** The beginning of what would be written; null where the document is gone. */
  previewExport(
    documentId: string,
    choice: ProfileExportChoice,
    signal: AbortSignal,
  ): Promise<Result<ExportBytes> | null>;
}

/** The width that a report is drawn for: what a page of a browser shows. */
const REPORT_WIDTH_PX = 1200;

export const wordsOf = ({ title, notes, panels }: ExportChoice) => ({
  title,
  notes,
  panels: panels && [...panels],
});

export function exportActions({ store, client, shell }: ActionContext): ExportActions {
  const orderOf = (documentId: string, choice: ProfileExportChoice): ExportOrder | null => {
    const document = documentOf(store, documentId);
    if (!document) return null;
    const { profileId, history, paused, inverted } = document;
    const selection = choice.whole ? { ...everything, series: history.present.series } : history.present;
    const asked: QueryInput = { view: "flame", selection, widthPx: REPORT_WIDTH_PX, inverted };
    const query = paused && !choice.whole ? frozenQuery(asked, paused.atNs) : asked;
    const { exporter, options } = choice;
    const params = {
      profileId,
      exporter: exporter.id,
      query,
      options: [...options],
      ...wordsOf(choice),
    };
    return {
      exporter,
      name: fileName(document.title),
      toFile: (path, signal) => client.call("profile.exportToFile", { ...params, path }, { signal }),
      read: (reader) => client.stream("profile.export", params, reader),
    };
  };
  return {
    exportProfile: async (documentId, choice, signal) => {
      const order = orderOf(documentId, choice);
      return order && saved({ store, shell }, order, signal);
    },
    previewExport: async (documentId, choice, signal) => {
      const order = orderOf(documentId, choice);
      return order && previewed(order, signal);
    },
  };
}
