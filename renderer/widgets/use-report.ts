import { useEffect, useRef } from "react";

/** Tells a changed number to whoever listens now: once a number, however often the listener is made anew. */
export function useReport(value: number, listener: (value: number) => void): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => {
    if (value > 0) latest.current(value);
  }, [value]);
}
