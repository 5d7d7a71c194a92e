import { type RefObject, useEffect, useState } from "react";

export interface ElementSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

const unmeasured: ElementSize = { widthPx: 0, heightPx: 0 };

/** The inner size of an element (without its scroll bar), kept up to date; zero until it is laid out. */
export function useElementSize(reference: RefObject<HTMLElement | null>): ElementSize {
  const [size, setSize] = useState<ElementSize>(unmeasured);
  useEffect(() => {
    const element = reference.current;
    if (element === null) return;
    const measure = () => {
      const widthPx = element.clientWidth;
      const heightPx = element.clientHeight;
      setSize((old) => (old.widthPx === widthPx && old.heightPx === heightPx ? old : { widthPx, heightPx }));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [reference]);
  return size;
}
