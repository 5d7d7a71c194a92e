import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { App } from "./app.ts";
import type { AppState } from "./store/types.ts";

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error("useApp outside of the application");
  return app;
}

export function useAppState<T>(select: (state: AppState) => T): T {
  return useStore(useApp().store, select);
}
