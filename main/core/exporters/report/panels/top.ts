import { formatCount, formatCountOf, formatPercent, formatValue } from "../../../base/numbers.ts";
import { formatInterval } from "../../../base/shares.ts";
import type { TopTable } from "../../../model/tables.ts";
import { type Block, blocksSvg } from "../blocks.ts";
import { pixel } from "../frame.ts";
import { placeOf } from "../frames.ts";
import { clippedXml, xmlText } from "../xml-text.ts";
import { headed, type ReportPanel, type ReportParts, section } from "./report-panel.ts";

/** The page's script sorts and filters it. */
export const top: ReportPanel = {
  id: "top",
  title: "Functions",
  isDefault: true,
  isInPicture: true,
  write: (parts) => functions(answered(parts)),
  draw: (parts) =>
    headed("Top functions by self", blocksSvg([drawn(answered(parts))], parts.inner), parts.inner),
};

const answered = ({ answer, selection, mostRows }: ReportParts): TopTable =>
  answer({ view: "top", selection, sort: "self", limit: mostRows });

function drawn(top: TopTable): Block {
  const rows = Array.from({ length: top.length }, (_, row) => row);
  return {
    kind: "table",
    caption: "",
    columns: [
      {
        title: "Self %",
        kind: "number",
        bars: rows.map((row) => (top.totalValue > 0 ? (top.self[row] as number) / top.totalValue : 0)),
      },
      { title: "Self", kind: "number" },
      { title: "Total %", kind: "number" },
      { title: "Total", kind: "number" },
      { title: "Samples", kind: "number" },
      { title: "Function", kind: "name", weight: 1.2 },
      { title: "Where", kind: "name", isDim: true, keepEnd: true },
    ],
    rows: rows.map((row) => [
      formatPercent(top.self[row] as number, top.totalValue),
      formatValue(top.self[row] as number, top.unit),
      formatPercent(top.total[row] as number, top.totalValue),
      formatValue(top.total[row] as number, top.unit),
      formatCount(top.totalSamplesOf[row] as number),
      top.strings[top.name[row] as number] ?? "",
      placeOf(top, row),
    ]),
  };
}

const LONGEST_NAME = 400;

interface Column {
  readonly title: string;
  readonly isNumber: boolean;
}

function* functions(top: TopTable): Iterable<string> {
  const caption =
    top.length < top.rowsInAll
      ? `The ${formatCountOf(top.length, "function")} with the most self weight, of ${formatCount(top.rowsInAll)}.`
      : `${formatCountOf(top.length, "function")} by self weight.`;
  const columns: readonly Column[] = [
    { title: "Self %", isNumber: true },
    { title: "Self", isNumber: true },
    { title: "Total %", isNumber: true },
    { title: "Total", isNumber: true },
    { title: "Samples", isNumber: true },
    { title: "Function", isNumber: false },
    { title: "Where", isNumber: false },
  ];
  yield section("top", "Functions");
  yield `<p id="filtering" class="filter" hidden="hidden"><label>Filter (regular expression) <input id="filter" type="search" autocomplete="off" spellcheck="false"/></label> <span id="shown" class="dim" role="status"></span></p>\n`;
  yield `<div class="scroll"><table id="functions">\n<caption>${caption}</caption>\n<thead><tr>`;
  for (const [i, { title, isNumber }] of columns.entries())
    yield `<th scope="col"${isNumber ? ' class="number" data-kind="number"' : ""}${i === 0 ? ' aria-sort="descending"' : ""}><button type="button" disabled="disabled">${title}</button></th>`;
  yield "</tr></thead>\n<tbody>\n";
  const largest = top.self.reduce((most, self) => Math.max(most, self), 0);
  for (let row = 0; row < top.length; row++) {
    const self = top.self[row] as number;
    const total = top.total[row] as number;
    const samples = top.totalSamplesOf[row] as number;
    yield `<tr>${shareCell(self, top, largest)}${numberCell(self, formatValue(self, top.unit))}`;
    yield `${shareCell(total, top)}${numberCell(total, formatValue(total, top.unit))}${numberCell(samples, formatCount(samples))}`;
    yield `${textCell("name", top.strings[top.name[row] as number] ?? "")}${textCell("where", placeOf(top, row))}</tr>\n`;
  }
  yield "</tbody></table></div>\n</section>\n";
}

/** With where it truly lies, where it is an estimate. */
function shareCell(value: number, top: TopTable, largest = 0): string {
  const interval = formatInterval(value, top);
  const certain = interval === "" ? "" : ` <span class="dim certain">${xmlText(interval)}</span>`;
  return numberCell(value, `${xmlText(formatPercent(value, top.totalValue))}${certain}`, largest);
}

const BAR_PX = 64;

/** With a bar in front of it where it is a share of the largest. */
function numberCell(value: number, text: string, largest = 0): string {
  const bar =
    largest > 0 ? `<span class="bar" style="width:${pixel((BAR_PX * value) / largest)}px"></span>` : "";
  return `<td class="number${bar === "" ? "" : " share"}" data-value="${value}">${bar}${text}</td>`;
}

function textCell(kind: string, text: string): string {
  const shown = clippedXml(text, LONGEST_NAME);
  return `<td class="${kind}" data-value="${shown}">${shown}</td>`;
}
