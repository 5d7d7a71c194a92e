import type { CompareQueryInput, CompareTableOf } from "../../model/compare.ts";
import type { ExportPanel } from "../exporter.ts";

export interface ComparisonRequest {
  /** Asks the analysis; an exporter never computes a view of its own. */
  answer<Q extends CompareQueryInput>(query: Q): CompareTableOf<Q["view"]>;
  /** Collapsed stacks with two columns. */
  collapsed(): Iterable<string>;
  /** "" where the exporter should make one of what was compared. */
  readonly title: string;
  /** What the person has to say about it; "" for nothing. */
  readonly notes: string;
  /** Ids of the panels of a report; null for those that it has by itself. */
  readonly panels: readonly string[] | null;
}

/** A comparison in, bytes out, in chunks. */
export interface ComparisonExporter {
  readonly id: string;
  readonly title: string;
  readonly purpose: string;
  readonly extension: string;
  readonly mimeType: string;
  /** Of a report; none for data. */
  readonly panels?: readonly ExportPanel[];
  write(request: ComparisonRequest): Iterable<Uint8Array>;
}
