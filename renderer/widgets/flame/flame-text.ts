import { formatCount, formatCountOf, formatPercent, formatValue } from "#core/base/numbers.ts";
import { intervalWords } from "#core/base/shares.ts";
import type { FlameTable, SelectedWeight } from "#core/model/tables.ts";
import { inlinedSign, kindSign, kindTitle, placeText, plainName } from "../function-text.ts";
import { textScale } from "../text-scale.ts";
import type { FlameFrame, FlameModel } from "./flame-model.ts";

/** Of the interface's font at the size of labels, on the generous side. */
const letterPx = 6.8;

/** What stands in a frame's box: where the room is short, a path before the name gives way first. */
export type LabelOf = (frame: FlameFrame, roomPx: number) => string;

const mostLabels = 20_000;

/** Labels of one picture. What a name looks like is worked out once: it is drawn with every frame of an animation. */
export function createLabels(): LabelOf {
  const known = new Map<string, readonly [whole: string, short: string]>();
  return (frame, roomPx) => {
    let texts = known.get(frame.name);
    if (texts === undefined) {
      if (known.size >= mostLabels) known.clear();
      const name = plainName(frame.name);
      texts = [name, withoutPath(name)];
      known.set(frame.name, texts);
    }
    const [whole, short] = texts;
    const label = whole.length * letterPx * textScale() <= roomPx ? whole : short;
    const signs = (frame.inlined ? inlinedSign : "") + kindSign(frame.kind);
    return signs === "" ? label : `${signs} ${label}`;
  };
}

/** "cmd/compile/internal/ssa.Compile" is "ssa.Compile"; arguments are no path. */
function withoutPath(name: string): string {
  const end = name.search(/[(<[ ]/);
  const slash = name.lastIndexOf("/", end === -1 ? name.length : end);
  return slash > 0 && /\p{L}|_/u.test(name.charAt(slash + 1)) ? name.slice(slash + 1) : name;
}

/**
 * "31.0 % · 368 of 1,188 samples · 3.7 s". Where the unit itself is samples, the values are the counts: a file of
 * collapsed stacks has one row for many.
 */
export function weightText(value: number, samples: number, whole: SelectedWeight): string {
  const counted = whole.unit === "samples";
  const [part, all] = counted ? [value, whole.totalValue] : [samples, whole.totalSamples];
  const parts = [
    formatPercent(value, whole.totalValue),
    `${formatCount(part)} of ${formatCountOf(all, "sample")}`,
  ];
  if (!counted && !(whole.unit === "count" && value === samples)) parts.push(formatValue(value, whole.unit));
  return parts.join(" · ");
}

function valueText(value: number, unit: string): string {
  return unit === "samples"
    ? `${formatCount(value)} ${value === 1 ? "sample" : "samples"}`
    : formatValue(value, unit);
}

function frameWeight(frame: FlameFrame, table: FlameTable): string {
  if (frame.row < 0) return weightText(table.totalValue, table.totalSamples, table);
  return weightText(table.value[frame.row] ?? 0, table.samples[frame.row] ?? 0, table);
}

export interface FrameDetails {
  readonly name: string;
  readonly weight: string;
  /** "95 % certain: 28.4–33.7 %"; empty for the root and for exact shares. */
  readonly interval: string;
  /** "self 12.4 % · 1.5 s"; empty for the root. */
  readonly self: string;
  /** "62.0 % of parse_header"; empty when it is not zoomed. */
  readonly ofZoomed: string;
  /** "http.c:412"; empty where unknown. */
  readonly place: string;
  readonly binary: string;
  /** "kernel, inlined". */
  readonly kind: string;
  readonly matched: boolean;
  /** What the view adds. */
  readonly facts: readonly string[];
}

/** `replace`: the view's own words say all there is to say of a frame. */
export type FrameFacts = ((row: number) => readonly string[]) & { readonly replace?: true };
export const noFacts: FrameFacts = () => [];

export function detailsOf(frame: FlameFrame, model: FlameModel, facts: FrameFacts = noFacts): FrameDetails {
  const { table, zoomPath } = model;
  const row = frame.row;
  const self = row < 0 ? 0 : (table.self[row] ?? 0);
  const zoomed = zoomPath.length > 1 ? zoomPath[zoomPath.length - 1] : undefined;
  const below = zoomed !== undefined && frame !== zoomed && !frame.ancestor && row >= 0;
  const common = { name: plainName(frame.name), matched: frame.matched, facts: row < 0 ? [] : facts(row) };
  if (facts.replace)
    return { ...common, weight: "", interval: "", self: "", ofZoomed: "", place: "", binary: "", kind: "" };
  return {
    ...common,
    weight: frameWeight(frame, table),
    interval: row < 0 ? "" : intervalWords(table.value[row] ?? 0, table),
    self:
      frame.kind === "root"
        ? ""
        : `self ${formatPercent(self, table.totalValue)}${self > 0 ? ` · ${valueText(self, table.unit)}` : ""}`,
    ofZoomed: below
      ? `${formatPercent(table.value[row] ?? 0, table.value[zoomed.row] ?? 0)} of ${plainName(zoomed.name)}`
      : "",
    place: placeText(table, row),
    binary: row < 0 ? "" : (table.strings[table.binary[row] ?? -1] ?? ""),
    kind: frame.inlined ? `${kindTitle(frame.kind)}, inlined` : kindTitle(frame.kind),
  };
}

/** What a screen reader hears when the keyboard moves to a frame. */
export function spokenDetails(frame: FlameFrame, model: FlameModel, facts: FrameFacts = noFacts): string {
  const details = detailsOf(frame, model, facts);
  const siblings = frame.parent?.children ?? [];
  const parts = [details.name, details.weight, details.interval, details.self, ...details.facts];
  parts.push(details.place, details.binary, details.kind);
  parts.push(`level ${frame.depth + 1}`);
  if (siblings.length > 1) parts.push(`${siblings.indexOf(frame) + 1} of ${siblings.length}`);
  const callees = frame.children.length;
  parts.push(callees === 0 ? "no callees drawn" : callees === 1 ? "1 callee" : `${callees} callees`);
  if (details.matched) parts.push("matches the search");
  return parts.filter((part) => part !== "").join(", ");
}

/** "too narrow to draw: 2.1 % in 340 frames", or nothing. */
export function narrowText(table: FlameTable): string {
  if (table.narrowNodes === 0) return "";
  const share = formatPercent(table.narrowValue, table.totalValue);
  return `too narrow to draw: ${share} in ${formatCount(table.narrowNodes)} ${table.narrowNodes === 1 ? "frame" : "frames"}`;
}
