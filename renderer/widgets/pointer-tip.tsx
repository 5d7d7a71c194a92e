import { type ReactNode, useLayoutEffect, useRef } from "react";
import "./pointer-tip.css";

const gapPx = 14;
const marginPx = 6;

/** Beside a place in client pixels, inside the window. */
export function PointerTip({
  x,
  y,
  children,
}: {
  readonly x: number;
  readonly y: number;
  readonly children: ReactNode;
}) {
  const reference = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = reference.current;
    if (element === null) return;
    const box = element.getBoundingClientRect();
    const right = x + gapPx + box.width + marginPx > window.innerWidth;
    const below = y + gapPx + box.height + marginPx > window.innerHeight;
    const left = right ? x - gapPx - box.width : x + gapPx;
    const top = below ? y - gapPx - box.height : y + gapPx;
    element.style.transform = `translate(${Math.round(Math.max(marginPx, left))}px, ${Math.round(Math.max(marginPx, top))}px)`;
  });
  return (
    <div className="pointer-tip" ref={reference} role="tooltip">
      {children}
    </div>
  );
}

/** A name or a time, and what there is to say of it, a line each. */
export function PlainTip({
  x,
  y,
  lines: [first, ...others],
}: {
  readonly x: number;
  readonly y: number;
  readonly lines: readonly string[];
}) {
  return (
    <PointerTip x={x} y={y}>
      <div className="pointer-tip-name">{first}</div>
      {others.map((line) => (
        <div className="pointer-tip-line" key={line}>
          {line}
        </div>
      ))}
    </PointerTip>
  );
}
