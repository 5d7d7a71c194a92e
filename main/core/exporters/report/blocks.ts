import { LETTER, MARGIN, pixel } from "./frame.ts";
import { clip, clippedXml, xmlText } from "./xml-text.ts";

/** What a panel consists of: said once, written as part of a page and drawn as part of a picture. */
export type Block = Words | Table | Picture;

export interface Words {
  readonly kind: "words";
  readonly text: string;
}

export interface Table {
  readonly kind: "table";
  /** "" for none. */
  readonly caption: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly string[])[];
  /** Rows that stand back. */
  readonly dimRows?: readonly boolean[];
}

export interface TableColumn {
  readonly title: string;
  /** Numbers end at a common line; a name is in letters of one width; the others are words. */
  readonly kind: "number" | "name" | "words";
  /** Room that it takes beside other names and words, 1 where it is missing. */
  readonly weight?: number;
  /** Bars behind the cells, from 0 to 1. */
  readonly bars?: readonly number[];
  /** Steps to the right, a row. */
  readonly indents?: readonly number[];
  /** Of a long text its end says more, as of a path. */
  readonly keepEnd?: boolean;
  /** On a page there is room for all of it. */
  readonly isLong?: boolean;
  /** It says something about another column. */
  readonly isDim?: boolean;
}

export interface Picture {
  readonly kind: "picture";
  /** What it is, for who cannot see it. */
  readonly label: string;
  readonly width: number;
  readonly height: number;
  /** Of SVG, from 0 0. Without ids, references and scripts. */
  readonly markup: readonly string[];
}

/** Something drawn, from x = 0 at the left edge of the paper and y = 0 at its own top. */
export interface Drawing {
  readonly height: number;
  markup(): Iterable<string>;
}

const LONGEST_CELL = 400;
const LONGEST_TEXT = 8_000;
const INDENT_PX = 14;

export function* blocksHtml(blocks: Iterable<Block>): Iterable<string> {
  for (const block of blocks) {
    if (block.kind === "words") yield `<p class="dim">${clippedXml(block.text, 1000)}</p>\n`;
    else if (block.kind === "table") yield* tableHtml(block);
    else {
      const { width, height, label, markup } = block;
      yield `<div class="scroll"><svg class="drawn" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${clippedXml(label, LONGEST_CELL)}">\n`;
      yield* markup;
      yield "</svg></div>\n";
    }
  }
}

const BAR_PX = 64;

function* tableHtml({ caption, columns, rows, dimRows }: Table): Iterable<string> {
  yield '<div class="scroll"><table class="data">\n';
  if (caption !== "") yield `<caption>${clippedXml(caption, LONGEST_CELL)}</caption>\n`;
  yield "<thead><tr>";
  for (const { kind, title } of columns)
    yield `<th scope="col"${kind === "number" ? ' class="number"' : ""}>${xmlText(title)}</th>`;
  yield "</tr></thead>\n<tbody>\n";
  for (const [at, row] of rows.entries()) {
    yield dimRows?.[at] ? '<tr class="noise">' : "<tr>";
    for (const [column, { kind, bars, indents, isDim, isLong }] of columns.entries()) {
      const bar = bars
        ? `<span class="bar" style="width:${pixel(BAR_PX * Math.min(1, bars[at] ?? 0))}px"></span>`
        : "";
      const names = [kind, bars ? "share" : "", isDim ? "dim" : ""].filter(Boolean).join(" ");
      const indent = indents ? ` style="padding-left:${10 + INDENT_PX * (indents[at] ?? 0)}px"` : "";
      yield `<td class="${names}"${indent}>${bar}${clippedXml(row[column] ?? "", isLong ? LONGEST_TEXT : LONGEST_CELL)}</td>`;
    }
    yield "</tr>\n";
  }
  yield "</tbody></table></div>\n";
}

const LINE_PX = 18;
const GAP_PX = 10;
/** Of a figure or a letter of the system's font at 12 px, which are not all alike. */
const WIDE_LETTER = 7.2;

export function blocksSvg(blocks: Iterable<Block>, inner: number): Drawing {
  const parts: Iterable<string>[] = [];
  let y = 0;
  for (const block of blocks) {
    if (block.kind === "words") {
      for (const line of wrapped(block.text, Math.floor(inner / LETTER))) {
        parts.push([`<text class="dim" x="${MARGIN}" y="${y + 13}">${xmlText(line)}</text>\n`]);
        y += LINE_PX;
      }
    } else if (block.kind === "table") {
      parts.push(tableSvg(block, y, inner));
      const { columns, rows, caption } = block;
      const heads = columns.some(({ title }) => title !== "") ? 1 : 0;
      y += LINE_PX * (rows.length + heads + (caption === "" ? 0 : 1));
    } else {
      const { width, height, label, markup } = block;
      const scale = Math.min(1, inner / width);
      const zoom = scale < 1 ? ` scale(${Math.round(scale * 1e4) / 1e4})` : "";
      parts.push([
        `<g role="img" aria-label="${clippedXml(label, LONGEST_CELL)}" transform="translate(${MARGIN} ${y})${zoom}">\n`,
      ]);
      parts.push(markup, ["</g>\n"]);
      y += height * scale;
    }
    y += block.kind === "words" ? GAP_PX / 2 : GAP_PX;
  }
  return {
    height: Math.ceil(y),
    *markup() {
      for (const part of parts) yield* part;
    },
  };
}

interface Room {
  readonly x: number;
  readonly width: number;
}

/** Numbers take what they need, names and words share the rest. */
function roomOf({ columns, rows }: Table, inner: number): readonly Room[] {
  const needed = columns.map(({ kind, title, bars }, column) => {
    if (kind !== "number") return 0;
    const letters = rows.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), title.length);
    return letters * WIDE_LETTER + 18 + (bars ? BAR_PX + 6 : 0);
  });
  const rest = inner - needed.reduce((sum, each) => sum + each, 0);
  const shares = columns.map(({ kind, weight = 1 }) => (kind === "number" ? 0 : weight));
  const whole = shares.reduce((sum, each) => sum + each, 0) || 1;
  let x = MARGIN;
  return columns.map((_, column) => {
    const width = (needed[column] ?? 0) + (Math.max(0, rest) * (shares[column] ?? 0)) / whole;
    const room = { x, width };
    x += width;
    return room;
  });
}

function* tableSvg(table: Table, top: number, inner: number): Iterable<string> {
  const { caption, columns, rows, dimRows } = table;
  const room = roomOf(table, inner);
  let y = top;
  yield `<g role="table"${caption === "" ? "" : ` aria-label="${clippedXml(caption, LONGEST_CELL)}"`}>\n`;
  if (caption !== "") {
    yield `<text class="dim" x="${MARGIN}" y="${y + 13}">${clippedXml(caption, Math.floor(inner / LETTER))}</text>\n`;
    y += LINE_PX;
  }
  if (columns.some(({ title }) => title !== "")) {
    yield '<g role="row">';
    for (const [column, { title, kind }] of columns.entries())
      yield cellSvg("columnheader", room[column], y, { text: title, kind, isDim: true });
    yield "</g>\n";
    y += LINE_PX;
  }
  for (const [at, row] of rows.entries()) {
    if (at % 2 === 0)
      yield `<rect class="stripe" x="${MARGIN - 6}" y="${y}" width="${inner + 12}" height="${LINE_PX}"/>`;
    yield '<g role="row">';
    for (const [column, { kind, bars, indents, keepEnd = false, isDim = false }] of columns.entries()) {
      const place = room[column];
      if (bars && place) {
        const width = BAR_PX * Math.min(1, bars[at] ?? 0);
        yield `<rect class="bar" x="${pixel(place.x)}" y="${y + 2}" width="${pixel(width)}" height="${LINE_PX - 4}"/>`;
      }
      yield cellSvg("cell", place, y, {
        text: row[column] ?? "",
        kind,
        isDim: isDim || dimRows?.[at] === true,
        keepEnd,
        indent: indents?.[at] ?? 0,
      });
    }
    yield "</g>\n";
    y += LINE_PX;
  }
  yield "</g>\n";
}

function cellSvg(
  role: "cell" | "columnheader",
  room: Room | undefined,
  y: number,
  cell: {
    readonly text: string;
    readonly kind: TableColumn["kind"];
    readonly isDim: boolean;
    readonly keepEnd?: boolean;
    readonly indent?: number;
  },
): string {
  if (!room) return "";
  const { text, kind, isDim, keepEnd = false, indent = 0 } = cell;
  const isMono = kind === "name" && role === "cell";
  const shift = INDENT_PX * indent;
  const letters = Math.max(0, Math.floor((room.width - shift - 12) / (isMono ? LETTER : WIDE_LETTER)));
  const shown = kind === "number" ? text : keepEnd ? clipStart(text, letters) : clip(text, letters);
  const names = [kind === "number" ? "number" : "", isMono ? "mono" : "", isDim ? "dim" : ""];
  const style = names.filter(Boolean).join(" ");
  const x = kind === "number" ? room.x + room.width - 12 : room.x + shift;
  return `<text role="${role}"${style === "" ? "" : ` class="${style}"`} x="${pixel(x)}" y="${y + 13}">${xmlText(shown)}</text>`;
}

/** The end of a path says more than its start. */
const clipStart = (text: string, most: number): string =>
  text.length <= most ? text : `…${text.slice(text.length - most + 1)}`;

/** Lines of at most so many letters, broken between words where there are any. */
export function wrapped(text: string, most: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > most) {
      lines.push(line);
      line = "";
    }
    // A path may be longer than a line.
    line = clip(line === "" ? word : `${line} ${word}`, most);
  }
  if (line !== "") lines.push(line);
  return lines;
}
