import type { Profile } from "../model/profile.ts";
import type { QueryInput, Selection } from "../model/query.ts";
import type { TableOf } from "../model/tables.ts";

export interface ExportRequest {
  readonly profile: Profile;
  readonly selection: Selection;
  /** Asks the analysis; an exporter never computes a view of its own. */
  answer<Q extends QueryInput>(query: Q): TableOf<Q["view"]>;
  /** For the header of a report; "" where the exporter should make one from the profile. */
  readonly title: string;
  readonly widthPx: number;
  /** What the person has to say, for a report; "" where it is missing. */
  readonly notes?: string;
  /** Ids of a report's panels; null or missing for those that it has by itself. */
  readonly panels?: readonly string[] | null;
  /** Ids of the exporter's options that are wanted; none where it is missing. */
  readonly options?: readonly string[];
}

/** Something that may be added to what is written: a switch. */
export interface ExportOption {
  /** As `export --with ID,ID` takes it. */
  readonly id: string;
  readonly title: string;
}

/** A part of a report that may be chosen. */
export interface ExportPanel {
  /** As `export --panels ID,ID` takes it. */
  readonly id: string;
  readonly title: string;
  /** It is there where nothing is chosen. */
  readonly isDefault: boolean;
}

/** Profile in, bytes out, in chunks; pure, so the same in every host. */
export interface Exporter {
  /** As `export --to ID` takes it. */
  readonly id: string;
  readonly title: string;
  /** What it is good for, in one sentence. */
  readonly purpose: string;
  readonly extension: string;
  readonly mimeType: string;
  readonly options?: readonly ExportOption[];
  /** Of a report, which also takes notes; none for data. */
  readonly panels?: readonly ExportPanel[];
  write(request: ExportRequest): Iterable<Uint8Array>;
}
