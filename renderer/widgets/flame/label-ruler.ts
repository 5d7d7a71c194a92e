const ellipsis = "…";
const mostLetters = 20_000;

/** As much of a text as has room, with an ellipsis where some of it is left out; in the context's own units and font. */
export type CutLabel = (context: CanvasRenderingContext2D, text: string, room: number) => string;

/** Keeps the widths of letters: asking the canvas for each whole label would cost more than drawing it. */
export function createLabelRuler(): CutLabel {
  const widths = new Map<string, number>();
  let font = "";
  return (context, text, room) => {
    if (context.font !== font || widths.size > mostLetters) {
      widths.clear();
      font = context.font;
    }
    const widthOf = (letter: string): number => {
      let width = widths.get(letter);
      if (width === undefined) {
        width = context.measureText(letter).width;
        widths.set(letter, width);
      }
      return width;
    };
    const short = room - widthOf(ellipsis);
    let width = 0;
    let fits = 0;
    let at = 0;
    for (const letter of text) {
      width += widthOf(letter);
      if (width > room) return `${text.slice(0, fits).trimEnd()}${ellipsis}`;
      at += letter.length;
      if (width <= short) fits = at;
    }
    return text;
  };
}
