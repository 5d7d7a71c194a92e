import { createContext } from "react";
import type { MenuPosition } from "./picture.ts";

/** What can be done with a row of any table. */
export interface RowMenu {
  readonly at: MenuPosition;
  readonly heading: string;
  /** What Enter does. */
  readonly activate: () => void;
  readonly rowAsText: string;
}

/** Opens the menu of a row whose table has no menu of its own. */
export const GridMenu = createContext<((menu: RowMenu) => void) | null>(null);
