import { type RefObject, useEffect, useLayoutEffect, useState } from "react";

export interface FixedRows {
  /** Rows to draw, last included; -1 for an empty list. */
  readonly first: number;
  readonly last: number;
  readonly heightPx: number;
  readonly scrollTo: (row: number) => void;
}

export interface FixedRowsOptions {
  readonly scroller: RefObject<HTMLElement | null>;
  readonly count: number;
  readonly rowHeightPx: number;
  /** Of a heading that sticks over the first rows. */
  readonly headHeightPx: number;
}

/** Rows beyond both edges that are drawn too. */
const spareRows = 8;

/** The part of a list of equal rows that is on the screen: the same work however long the list is. */
export function useFixedRows({ scroller, count, rowHeightPx, headHeightPx }: FixedRowsOptions): FixedRows {
  const [view, setView] = useState({ first: 0, rows: 0 });
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = (): void => {
      const first = Math.floor(element.scrollTop / rowHeightPx);
      const rows = Math.ceil(element.clientHeight / rowHeightPx) + 1;
      setView((now) => (now.first === first && now.rows === rows ? now : { first, rows }));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    measure();
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, [scroller, rowHeightPx]);
  // A list that became shorter has scrolled without an event. Only then it is asked where to: that lays out the page.
  const isBeyond = view.first > 0 && count < view.first + view.rows;
  // biome-ignore lint/correctness/useExhaustiveDependencies: where it has scrolled to depends on the number of rows.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null || !isBeyond) return;
    const first = Math.floor(element.scrollTop / rowHeightPx);
    setView((now) => (now.first === first ? now : { ...now, first }));
  }, [scroller, isBeyond, count, rowHeightPx]);
  const top = Math.min(view.first, Math.max(0, count - 1));
  return {
    first: Math.max(0, top - spareRows),
    last: Math.min(count - 1, top + view.rows + spareRows),
    heightPx: count * rowHeightPx,
    scrollTo: (row) => {
      const element = scroller.current;
      if (element === null) return;
      const [start, end] = [row * rowHeightPx, (row + 1) * rowHeightPx];
      const shown = element.clientHeight - headHeightPx;
      // What is further away than a page is shown with what is around it.
      const awayPx = Math.max(element.scrollTop - end, start - (element.scrollTop + shown));
      if (awayPx > shown) element.scrollTop = (start + end - shown) / 2;
      else if (start < element.scrollTop) element.scrollTop = start;
      else if (end > element.scrollTop + shown) element.scrollTop = end - shown;
    },
  };
}
