import { toProblem } from "#core/base/result.ts";
import type { Contract } from "#core/contract.ts";
import type { Client } from "#core/rpc/client.ts";
import type { Shell } from "../shell.ts";
import type { ProfileDocument } from "../store/document.ts";
import type { AppStore } from "../store/store.ts";
import type { UpdatePace } from "../update-pace.ts";

/** What every action works with. */
export interface ActionContext {
  readonly store: AppStore;
  readonly client: Client<Contract>;
  readonly shell: Shell;
  /** For what comes by itself, again and again. */
  readonly pace: UpdatePace;
}

let counter = 0;
/** Ids of documents: of this page only. */
export const nextDocumentId = (): string => `document-${++counter}`;

export function documentOf(store: AppStore, id: string): ProfileDocument | null {
  return store.getState().documents.find((document) => document.id === id) ?? null;
}

/** Runs a request whose failure is told in a toast; null when it failed. */
export async function told<T>(store: AppStore, work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    const problem = toProblem(error);
    if (problem.code !== "cancelled") store.getState().toast("fail", problem.message, problem.fix);
    return null;
  }
}

/** The log that a saved session brings along; nothing changes for a file without one. */
export async function readSavedLog(
  { store, client }: Pick<ActionContext, "store" | "client">,
  documentId: string,
  profileId: string,
): Promise<void> {
  const log = await told(store, client.call("profile.log", { profileId }));
  if (log && log.length > 0) store.getState().patchDocument(documentId, { log });
}
