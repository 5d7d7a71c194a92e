import type { QueryInput, Selection } from "../../../model/query.ts";
import type { FlameTable, InfoTable, TableOf, TimelineTable } from "../../../model/tables.ts";

/** What a panel of a report is written from. */
export interface ReportParts {
  readonly selection: Selection;
  readonly info: InfoTable;
  readonly flame: FlameTable;
  readonly timeline: TimelineTable;
  /** Width that graphs are drawn for. */
  readonly inner: number;
  answer<Q extends QueryInput>(query: Q): TableOf<Q["view"]>;
}

/** One part of a report, to be chosen by its id: text of a page, or nothing where there is nothing to show. */
export interface ReportPanel {
  readonly id: string;
  readonly title: string;
  readonly isDefault: boolean;
  write(parts: ReportParts): Iterable<string>;
}

export const section = (id: string, title: string): string =>
  `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>\n`;
