const GAP_PX = 2;
/** The button that opens the menu of the others. */
const MORE_PX = 76;
/** Left and right of the row. */
const PADDING_PX = 16;

/**
 * The tabs for which a row has room, in their order, the open one among them. All, where widths are not known yet.
 * `widthsPx`: by the tab's id.
 */
export function fittingTabs<T extends { readonly id: string }>(
  tabs: readonly T[],
  active: string,
  widthsPx: ReadonlyMap<string, number>,
  rowWidthPx: number,
): readonly T[] {
  if (rowWidthPx === 0 || tabs.some(({ id }) => !widthsPx.has(id))) return tabs;
  const widthOf = ({ id }: T): number => (widthsPx.get(id) ?? 0) + GAP_PX;
  const roomPx = rowWidthPx - PADDING_PX;
  const inAllPx = tabs.reduce((sum, tab) => sum + widthOf(tab), 0);
  if (inAllPx <= roomPx) return tabs;
  const open = tabs.find(({ id }) => id === active);
  let leftPx = roomPx - MORE_PX - (open ? widthOf(open) : 0);
  const shown: T[] = [];
  let isFull = false;
  for (const tab of tabs) {
    if (tab === open) {
      shown.push(tab);
      continue;
    }
    isFull ||= widthOf(tab) > leftPx;
    if (isFull) continue;
    leftPx -= widthOf(tab);
    shown.push(tab);
  }
  return shown;
}
