import type { TimelineTable, TopTable } from "#core/model/tables.ts";
import type { MenuPosition, Theme } from "../widgets/picture.ts";
import type { TimelineState } from "./timeline-state.ts";

/** What the shell hands to the pictures. They draw a table and report gestures; they never ask the engine. */

export type TopSort = "self" | "total" | "name";

export interface TopViewProps {
  readonly table: TopTable | null;
  readonly selectedFunction: number;
  readonly select: (functionIndex: number) => void;
  readonly sort: TopSort;
  readonly descending: boolean;
  readonly onSort: (column: TopSort) => void;
  /** The regular expression that the rows match; "" for none. */
  readonly filter: string;
  readonly openMenu: (position: MenuPosition, row: number) => void;
  /** Rows of the whole table that are on the screen. */
  readonly showRows: (first: number, last: number) => void;
  /** All rows, for copying; null where they could not be had. */
  readonly wholeTable: () => Promise<TopTable | null>;
  /** Enter or double click on a row. */
  readonly activate: (functionIndex: number) => void;
}

export interface TimelineViewProps {
  readonly table: TimelineTable | null;
  readonly rangeNs: readonly [number, number] | null;
  readonly setRange: (rangeNs: readonly [number, number] | null) => void;
  /** Thread indices; null for all. */
  readonly threads: readonly number[] | null;
  /** `additive`: with Ctrl or Shift, beside the others. */
  readonly toggleThread: (thread: number, additive: boolean) => void;
  readonly state: TimelineState;
  readonly change: (patch: Partial<TimelineState>) => void;
  readonly live: boolean;
  readonly binsChanged: (bins: number) => void;
  readonly theme: Theme;
}
