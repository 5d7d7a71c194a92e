import type { QueryInput, Selection } from "../../../model/query.ts";
import type { FlameTable, InfoTable, TableOf, TimelineTable } from "../../../model/tables.ts";
import { type Block, blocksHtml, blocksSvg, type Drawing } from "../blocks.ts";
import { MARGIN } from "../frame.ts";
import { xmlText } from "../xml-text.ts";

/** What a panel of a report is written from. */
export interface ReportParts {
  readonly selection: Selection;
  readonly info: InfoTable;
  readonly flame: FlameTable;
  readonly timeline: TimelineTable;
  /** Width that graphs are drawn for. */
  readonly inner: number;
  /** A page has room for long tables, a picture has not. */
  readonly mostRows: number;
  answer<Q extends QueryInput>(query: Q): TableOf<Q["view"]>;
}

/** One part of a report, to be chosen by its id: nothing where there is nothing to show. */
export interface ReportPanel {
  readonly id: string;
  readonly title: string;
  /** Where nothing is chosen: on a page, and in a picture. */
  readonly isDefault: boolean;
  readonly isInPicture: boolean;
  /** As text of a page. */
  write(parts: ReportParts): Iterable<string>;
  /** As part of a picture; null for nothing. */
  draw(parts: ReportParts): Drawing | null;
}

export const section = (id: string, title: string): string =>
  `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>\n`;

const HEADING_PX = 32;

/** Something drawn, below a rule and its heading. */
export function headed(title: string, { height, markup }: Drawing, inner: number): Drawing {
  return {
    height: height + HEADING_PX,
    *markup() {
      yield `<line class="rule" x1="${MARGIN}" x2="${MARGIN + inner}" y1="0" y2="0"/>\n`;
      yield `<text class="heading" x="${MARGIN}" y="22">${xmlText(title)}</text>\n<g transform="translate(0 ${HEADING_PX})">\n`;
      yield* markup();
      yield "</g>\n";
    },
  };
}

/** A panel that says the same on a page and in a picture. */
export function panelOf(
  panel: Pick<ReportPanel, "id" | "title" | "isDefault" | "isInPicture">,
  blocksOf: (parts: ReportParts) => readonly Block[],
): ReportPanel {
  return {
    ...panel,
    *write(parts) {
      const blocks = blocksOf(parts);
      if (blocks.length === 0) return;
      yield section(panel.id, panel.title);
      yield* blocksHtml(blocks);
      yield "</section>\n";
    },
    draw(parts) {
      const blocks = blocksOf(parts);
      return blocks.length === 0 ? null : headed(panel.title, blocksSvg(blocks, parts.inner), parts.inner);
    },
  };
}
