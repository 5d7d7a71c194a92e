import type { MenuAction } from "../../widgets/menu.tsx";
import type { ToastItem } from "../../widgets/toast.tsx";
import type { Slice } from "./types.ts";

export type Dialog =
  | { readonly kind: "palette" }
  | { readonly kind: "keys" }
  | { readonly kind: "launch" }
  | { readonly kind: "endpoint" }
  | { readonly kind: "system"; readonly pids?: readonly number[] }
  | { readonly kind: "export"; readonly documentId: string }
  | { readonly kind: "state"; readonly documentId: string }
  /** `at`: the transforms of the chip that is changed, [from, to); null to add one. */
  | {
      readonly kind: "filters";
      readonly documentId: string;
      readonly at: readonly [from: number, to: number] | null;
    }
  | { readonly kind: "compare-add"; readonly side: "before" | "after" }
  | { readonly kind: "compare-with"; readonly documentId: string }
  | { readonly kind: "compare-runs" }
  | { readonly kind: "compare-export" }
  | { readonly kind: "mark"; readonly documentId: string }
  | {
      readonly kind: "confirm";
      readonly title: string;
      readonly text: string;
      readonly action: string;
      readonly danger: boolean;
      readonly run: () => void;
      /** Another way, between doing it and leaving it. */
      readonly other?: { readonly action: string; readonly run: () => void };
    };

export interface OpenMenu {
  readonly x: number;
  readonly y: number;
  readonly heading: string;
  readonly actions: readonly MenuAction[];
}

export interface DialogsSlice {
  readonly dialog: Dialog | null;
  readonly menu: OpenMenu | null;
  readonly toasts: readonly ToastItem[];
  readonly openDialog: (dialog: Dialog) => void;
  readonly closeDialog: () => void;
  readonly openMenu: (menu: OpenMenu) => void;
  readonly closeMenu: () => void;
  readonly toast: (tone: ToastItem["tone"], text: string, detail?: string) => number;
  readonly dismissToast: (id: number) => void;
}

/** More would cover the view. */
const MOST_TOASTS = 3;

export const dialogsSlice: Slice<DialogsSlice> = (set, get) => ({
  dialog: null,
  menu: null,
  toasts: [],
  openDialog: (dialog) => set({ dialog, menu: null }),
  closeDialog: () => set({ dialog: null }),
  openMenu: (menu) => set({ menu }),
  closeMenu: () => set({ menu: null }),
  toast: (tone, text, detail = "") => {
    const id = 1 + Math.max(0, ...get().toasts.map((each) => each.id));
    set({ toasts: [...get().toasts, { id, tone, text, detail }].slice(-MOST_TOASTS) });
    return id;
  },
  dismissToast: (id) => set({ toasts: get().toasts.filter((each) => each.id !== id) }),
});
