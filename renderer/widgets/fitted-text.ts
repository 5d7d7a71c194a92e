/** As much of a text as has room on a canvas. Measured once a call: letters are near enough alike. */
export function fittedText(context: CanvasRenderingContext2D, text: string, roomPx: number): string {
  const wholePx = context.measureText(text).width;
  if (wholePx <= roomPx) return text;
  const letters = Math.floor((text.length * (roomPx - 8)) / wholePx);
  return letters < 2 ? "" : `${text.slice(0, letters)}…`;
}
