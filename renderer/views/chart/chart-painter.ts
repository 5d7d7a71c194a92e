import { frameCss, frameHue } from "#core/model/colour.ts";
import { kindAt } from "#core/model/profile.ts";
import type { ChartTable } from "#core/model/tables.ts";
import { fittedText } from "../../widgets/fitted-text.ts";
import { plainName } from "../../widgets/function-text.ts";
import type { Theme } from "../../widgets/picture.ts";
import { textScale } from "../../widgets/text-scale.ts";
import { pxOf, type Tick, type TimeScale } from "../../widgets/time-scale.ts";
import { type ChartLayout, laneHeadPx, rowHeightPx, rowTopPx } from "./chart-layout.ts";

export interface ChartScene {
  readonly table: ChartTable;
  readonly layout: ChartLayout;
  readonly scale: TimeScale;
  /** The part of the whole height that is seen. */
  readonly topPx: number;
  readonly heightPx: number;
  readonly theme: Theme;
  readonly ticks: readonly Tick[];
  readonly selectedFunction: number;
  /** Rows of the table, -1 for none. */
  readonly focusedRow: number;
  readonly hoveredRow: number;
  readonly searching: boolean;
}

const LEAST_TEXT_PX = 24;
const TEXT_INSET_PX = 3;

/** What is in view, crisp at the screen's own resolution. */
export function paintChart(canvas: HTMLCanvasElement, scene: ChartScene): void {
  const { table, layout, scale, topPx, heightPx } = scene;
  const ratio = window.devicePixelRatio;
  const width = Math.max(1, Math.round(scale.widthPx * ratio));
  const height = Math.max(1, Math.round(heightPx * ratio));
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  if (!context) return;
  const style = getComputedStyle(canvas);
  context.setTransform(ratio, 0, 0, ratio, 0, -topPx * ratio);
  context.clearRect(0, topPx, scale.widthPx, heightPx);
  context.fillStyle = style.getPropertyValue("--border");
  for (const tick of scene.ticks)
    context.fillRect(Math.round(pxOf(scale, tick.timeNs)), topPx, 1 / ratio, heightPx);
  context.textBaseline = "middle";
  const font = style.getPropertyValue("--font");
  for (const [lane, { name, tid }] of table.lanes.entries()) {
    const top = layout.topPx[lane] ?? 0;
    const rows = layout.rows[lane] ?? [];
    if (top > topPx + heightPx || top + laneHeadPx() + rows.length * rowHeightPx() < topPx) continue;
    context.fillStyle = style.getPropertyValue("--surface-2");
    context.fillRect(0, top, scale.widthPx, laneHeadPx() - 2);
    context.fillStyle = style.getPropertyValue("--text-2");
    context.font = `600 ${11 * textScale()}px ${font}`;
    context.fillText(`${plainName(name)}${tid >= 0 ? `  ${tid}` : ""}`, 8, top + laneHeadPx() / 2 - 1);
    context.font = `${12 * textScale()}px ${font}`;
    for (const [depth, ofDepth] of rows.entries()) {
      const rowTop = rowTopPx(layout, lane, depth);
      if (rowTop > topPx + heightPx || rowTop + rowHeightPx() < topPx) continue;
      for (const row of ofDepth) paintSlice(context, scene, style, row, rowTop);
    }
  }
}

function paintSlice(
  context: CanvasRenderingContext2D,
  scene: ChartScene,
  style: CSSStyleDeclaration,
  row: number,
  rowTop: number,
): void {
  const { table, scale, theme, selectedFunction, focusedRow, hoveredRow, searching } = scene;
  const left = Math.max(0, pxOf(scale, table.start[row] ?? 0));
  const right = Math.min(scale.widthPx, pxOf(scale, table.end[row] ?? 0));
  if (right <= 0 || left >= scale.widthPx) return;
  const width = Math.max(1, right - left - (right - left > 3 ? 1 : 0));
  const func = table.function[row] ?? -1;
  const name = table.strings[table.name[row] ?? -1] ?? "";
  const binary = table.strings[table.binary[row] ?? -1] ?? "";
  const isMatched = table.matched[row] === 1;
  const isChosen = func >= 0 && func === selectedFunction;
  context.globalAlpha = searching && !isMatched ? 0.6 : 1;
  context.fillStyle =
    func < 0
      ? style.getPropertyValue("--border-strong")
      : fillFor(kindAt(table.kind[row] ?? -1), binary, name, theme);
  context.fillRect(left, rowTop, width, rowHeightPx() - 1);
  context.globalAlpha = 1;
  if (isMatched) {
    context.fillStyle = style.getPropertyValue("--match");
    context.fillRect(left, rowTop + rowHeightPx() - 4, width, 3);
  }
  if (width >= LEAST_TEXT_PX && func >= 0) {
    context.fillStyle = style.getPropertyValue("--frame-text");
    context.fillText(
      fittedText(context, plainName(name), width - 2 * TEXT_INSET_PX),
      left + TEXT_INSET_PX,
      rowTop + rowHeightPx() / 2,
    );
  }
  if (row === focusedRow || row === hoveredRow || isChosen) {
    context.strokeStyle = style.getPropertyValue(row === focusedRow ? "--accent" : "--frame-outline");
    context.lineWidth = row === focusedRow ? 2 : 1;
    context.strokeRect(left + 0.5, rowTop + 0.5, Math.max(1, width - 1), rowHeightPx() - 2);
  }
}

const fills = new Map<string, string>();
const MOST_FILLS = 20_000;

function fillFor(kind: ReturnType<typeof kindAt>, binary: string, name: string, theme: Theme): string {
  const key = `${theme}\n${kind}\n${binary}\n${name}`;
  let css = fills.get(key);
  if (css === undefined) {
    css = frameCss(frameHue(kind, binary, name, theme));
    if (fills.size > MOST_FILLS) fills.clear();
    fills.set(key, css);
  }
  return css;
}
