import { isValidElement, type ReactNode, type RefObject, useEffect, useRef } from "react";

/** Tables as tab-separated text, for a spreadsheet or a letter: what is copied is what is shown. */

/** A table, or a list that reads like one, that can be taken away as text. */
export interface TableText {
  /** The selected row under the heading; "" where none is selected. */
  readonly selected: () => string;
  /** All of it, also what is not on the screen; null where that could not be had. */
  readonly all: () => string | Promise<string | null>;
}

const offered = new WeakMap<Element, () => TableText>();

/** Makes the element a table that the keys and the menus for copying know. */
export function useTableText(element: RefObject<Element | null>, text: TableText): void {
  const latest = useRef(text);
  latest.current = text;
  useEffect(() => {
    const { current } = element;
    if (current === null) return;
    offered.set(current, () => latest.current);
    current.setAttribute("data-copies", "");
    return () => {
      offered.delete(current);
    };
  }, [element]);
}

/** A part of the page that copies as a whole. */
const copied = "[data-copies], table, dl";

/** The table that an element is in, or the tables in it. */
export function tableAround(element: Element): TableText | null {
  const own = element.closest(copied);
  return textOfAll(own ? [own] : [...element.querySelectorAll(copied)]);
}

function textOfAll(elements: readonly Element[]): TableText | null {
  const [first] = elements;
  if (first === undefined) return null;
  const offer = offered.get(first);
  // A table that knows its rows is copied alone; what is plain in the page, with its neighbours.
  if (offer) return offer();
  const plain = elements.filter((each) => !offered.has(each));
  return { selected: () => "", all: () => plain.map(textOfElement).join("\n") };
}

/** A `table` or a `dl` of the page. */
function textOfElement(element: Element): string {
  if (element instanceof HTMLTableElement) {
    const rows = [...element.rows].map((row) => [...row.cells].map((cell) => cell.textContent ?? ""));
    return tabbed([...(element.caption ? [[element.caption.textContent ?? ""]] : []), ...rows]);
  }
  const terms = [...element.querySelectorAll("dt")];
  return tabbed(terms.map((term) => [term.textContent ?? "", term.nextElementSibling?.textContent ?? ""]));
}

/** Rows of cells, each on one line. */
export const tabbed = (rows: readonly (readonly string[])[]): string =>
  rows.map((cells) => `${cells.map(oneCell).join("\t")}\n`).join("");

/** Tabs and line breaks in a name would make other cells and rows. */
export const oneCell = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();

/** By component, whose props they take. */
const spoken = new Map<unknown, (props: never) => string>();

/** What a component of a cell says as text, where that is not the text of its children. */
export function sayAs<P>(component: (props: P) => ReactNode, text: (props: P) => string): void {
  spoken.set(component, text);
}

interface ElementProps {
  readonly children?: ReactNode;
  readonly className?: string;
  readonly "aria-hidden"?: boolean | "true" | "false";
}

/** What is read in a cell: without what is only drawn, and what only assistive technology hears. */
export function textOfNode(node: ReactNode): string {
  const parts: string[] = [];
  const waiting: ReactNode[] = [node];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === "string" || typeof next === "number") parts.push(String(next));
    else if (Array.isArray(next)) waiting.push(...next.toReversed());
    else if (isValidElement<ElementProps>(next)) {
      const say = spoken.get(next.type);
      const { children, className = "", "aria-hidden": hidden } = next.props;
      if (say) parts.push(say(next.props as never));
      else if (hidden !== true && hidden !== "true" && className !== "visually-hidden")
        waiting.push(children);
    }
  }
  return parts.join("");
}
