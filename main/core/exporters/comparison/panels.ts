import { formatCount, formatDuration, formatPercent, formatValue } from "../../base/numbers.ts";
import {
  type Change,
  type CompareFunctionsTable,
  type CompareSummaryTable,
  changeAt,
  isNoise,
} from "../../model/compare.ts";
import { type Block, blocksHtml, blocksSvg, type Drawing, type TableColumn } from "../report/blocks.ts";
import { boxesOf, deepestOf, drawingHtml, stillBoxes } from "../report/boxes.ts";
import { changeText, compareFramesMarkup } from "../report/compare-frames.ts";
import { sidesOf } from "../report/compare-words.ts";
import { headed, section } from "../report/panels/report-panel.ts";
import { clippedXml, xmlText } from "../report/xml-text.ts";
import type { ComparisonRequest } from "./comparison-exporter.ts";

export interface ComparisonParts {
  readonly request: ComparisonRequest;
  readonly summary: CompareSummaryTable;
  readonly inner: number;
  readonly mostRows: number;
}

interface ComparisonPanel {
  readonly id: string;
  readonly title: string;
  readonly isDefault: boolean;
  readonly isInPicture: boolean;
  write(parts: ComparisonParts): Iterable<string>;
  draw(parts: ComparisonParts): Drawing | null;
}

const MOST_BOXES = 6000;
const MOST_OVERWEIGHT = 30;

const verdict: ComparisonPanel = {
  id: "verdict",
  title: "Verdict",
  isDefault: true,
  isInPicture: true,
  *write({ summary: { verdict: sentences, basis } }) {
    const [whole = "", ...others] = sentences;
    yield `${section("verdict", "Verdict")}<p class="verdict">${xmlText(whole)}</p>\n<ul>\n`;
    for (const sentence of others) yield `<li>${clippedXml(sentence, 1000)}</li>\n`;
    yield `</ul>\n<p class="dim">${xmlText(basis)}</p>\n</section>\n`;
  },
  draw: ({ summary, inner }) =>
    blocksSvg(
      [...summary.verdict, summary.basis].map((text) => ({ kind: "words", text })),
      inner,
    ),
};

/** The report's script zooms and searches in it. */
const graphOf = (id: string, title: string, isInverted: boolean): ComparisonPanel => {
  const hint =
    "Red has grown, blue has shrunk, and each box says by how much; grey has not changed, or by no more than chance. Boxes are as wide as the larger side.";
  const drawn = ({ request, inner }: ComparisonParts): Drawing | null => {
    const query = {
      view: "flame",
      widthPx: inner,
      minPx: 0.5,
      maxRows: MOST_BOXES,
      inverted: isInverted,
    } as const;
    const table = request.answer(query);
    if (table.flame.length === 0) return null;
    const deepest = deepestOf(table.flame);
    const boxes = (top: number): Iterable<string> => compareFramesMarkup(table, top, inner);
    return isInverted
      ? stillBoxes(deepest, boxes)
      : boxesOf({ hint: "Point at a box for its numbers.", label: "Boxes", inner, deepest, boxes });
  };
  return {
    id,
    title,
    isDefault: !isInverted,
    isInPicture: !isInverted,
    *write(parts) {
      const drawing = drawn(parts);
      if (!drawing) return;
      yield `${section(id, title)}<p class="dim">${hint}</p>\n`;
      yield* drawingHtml(drawing, parts.inner, title);
      yield "</section>\n";
    },
    draw(parts) {
      const drawing = drawn(parts);
      if (!drawing) return null;
      const words = blocksSvg([{ kind: "words", text: hint }], parts.inner);
      return headed(title, below(words, drawing), parts.inner);
    },
  };
};

const below = (above: Drawing, drawing: Drawing): Drawing => ({
  height: above.height + drawing.height,
  *markup() {
    yield* above.markup();
    yield `<g transform="translate(0 ${above.height})">\n`;
    yield* drawing.markup();
    yield "</g>\n";
  },
});

const rowsOf = (
  panel: Pick<ComparisonPanel, "id" | "title" | "isDefault" | "isInPicture">,
  blocksFor: (parts: ComparisonParts) => readonly Block[],
): ComparisonPanel => ({
  ...panel,
  *write(parts) {
    yield section(panel.id, panel.title);
    yield* blocksHtml(blocksFor(parts));
    yield "</section>\n";
  },
  draw: (parts) => headed(panel.title, blocksSvg(blocksFor(parts), parts.inner), parts.inner),
});

export const comparisonPanels: readonly ComparisonPanel[] = [
  verdict,
  graphOf("flame", "Flame graph of what changed", false),
  graphOf("inverted", "Flame graph of what changed, inverted", true),
  rowsOf(
    { id: "top", title: "Functions by change", isDefault: true, isInPicture: true },
    ({ request, mostRows }) => [functions(request.answer({ view: "functions", limit: mostRows }), false)],
  ),
  rowsOf(
    { id: "overweight", title: "What grew more than its part", isDefault: true, isInPicture: false },
    ({ request }) => [
      functions(request.answer({ view: "functions", sort: "overweight", limit: MOST_OVERWEIGHT }), true),
    ],
  ),
  rowsOf({ id: "metadata", title: "What was compared", isDefault: true, isInPicture: true }, ({ summary }) =>
    runsOf(summary),
  ),
];

function functions(table: CompareFunctionsTable, isOverweight: boolean): Block {
  const { unit, by, wholeBefore, wholeAfter } = table;
  const value = (amount: number, whole: number): string =>
    by === "total" ? formatPercent(amount, whole) : formatValue(amount, unit);
  const signed = (change: Change): string =>
    change.state === "same"
      ? "0"
      : `${change.change > 0 ? "+" : "-"}${value(Math.abs(change.change), wholeBefore)}`;
  const heads = ["Change", "±", "Before", "After", "Of before", "Noise?"];
  const rows = Array.from({ length: table.length }, (_, row) => row);
  const changes = rows.map((row) => changeAt(table.self, row));
  return {
    kind: "table",
    caption: `${
      table.length < table.rowsInAll
        ? `The first ${table.length} of ${table.rowsInAll} functions`
        : `${table.length} functions`
    }, by self weight.`,
    columns: [
      ...(isOverweight ? ["Overweight", ...heads] : heads).map(
        (title): TableColumn => ({ title, kind: "number" }),
      ),
      { title: "Function", kind: "name" },
    ],
    dimRows: changes.map(isNoise),
    rows: changes.map((change, row) => {
      const half =
        Number.isFinite(change.changeHalf) && change.state !== "same"
          ? `±${value(change.changeHalf, wholeBefore)}`
          : "";
      const overweight = table.self.overweight[row] as number;
      return [
        ...(isOverweight
          ? [`${overweight > 0 ? "+" : overweight < 0 ? "-" : ""}${formatValue(Math.abs(overweight), unit)}`]
          : []),
        signed(change),
        half,
        value(change.before, wholeBefore),
        value(change.after, wholeAfter),
        changeText(change),
        change.state === "same" || change.certainty === "unknown"
          ? ""
          : change.certainty === "beyond"
            ? "beyond noise"
            : "within noise",
        table.strings[table.name[row] as number] ?? "",
      ];
    }),
  };
}

function runsOf(summary: CompareSummaryTable): readonly Block[] {
  return [
    ...sidesOf(summary).map((text): Block => ({ kind: "words", text })),
    {
      kind: "table",
      caption: "",
      columns: [
        { title: "Side", kind: "words", weight: 0.2 },
        { title: "Run", kind: "name", keepEnd: true },
        { title: "Series", kind: "words", weight: 0.4 },
        { title: "Weight", kind: "number" },
        { title: "Samples", kind: "number" },
        { title: "Recorded", kind: "number" },
      ],
      rows: (["before", "after"] as const).flatMap((side) =>
        summary[side].map(({ title, series, totalValue, samples, durationNs }) => [
          side,
          title,
          series,
          formatValue(totalValue, summary.unit),
          samples === null ? "" : formatCount(samples),
          durationNs > 0 ? formatDuration(durationNs) : "",
        ]),
      ),
    },
  ];
}
