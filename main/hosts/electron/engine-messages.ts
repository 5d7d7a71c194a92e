/** Between the main process and the engine's: start and end only, everything else goes over the pages' ports. */
export type ToEngine =
  | { readonly type: "connect" }
  /** A page will ask for it. */
  | { readonly type: "open-ahead"; readonly path: string }
  | { readonly type: "shutdown" };
export type FromEngine = { readonly type: "ready" } | { readonly type: "failed"; readonly message: string };
