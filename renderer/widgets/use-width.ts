import { useCallback, useRef, useState } from "react";

/** Width of an element's content box, followed as it changes. 0 before it is known. */
export function useWidth(): [(element: HTMLElement | null) => void, number] {
  const [widthPx, setWidthPx] = useState(0);
  const observer = useRef<ResizeObserver | null>(null);
  const seen = useRef<HTMLElement | null>(null);
  const ref = useCallback((element: HTMLElement | null) => {
    if (element === seen.current) return;
    seen.current = element;
    observer.current?.disconnect();
    if (!element) return;
    setWidthPx(element.clientWidth);
    observer.current = new ResizeObserver(() => setWidthPx(element.clientWidth));
    observer.current.observe(element);
  }, []);
  return [ref, widthPx];
}
