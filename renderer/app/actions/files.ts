import { toProblem } from "#core/base/result.ts";
import type { OpenedFile } from "#core/contract.ts";
import type { Dropped } from "../dropped.ts";
import { usesProfile } from "../store/compare.ts";
import { newDocument, type ProfileDocument } from "../store/document.ts";
import { type ActionContext, documentOf, nextDocumentId, readSavedLog, told } from "./context.ts";
import { uploadFile } from "./upload.ts";

export interface FileActions {
  /** The dialog of the desktop or of the browser, then opens what was chosen. */
  openDialog(): Promise<void>;
  /** `view`: what to show of it, as words; "" for what one sees first. */
  openPath(path: string, view?: string): Promise<void>;
  openFiles(files: readonly File[]): Promise<void>;
  /** What was dropped: files, and folders with what is in them. */
  openDropped(dropped: Dropped): Promise<void>;
  refreshRecent(): Promise<void>;
  close(documentId: string): Promise<void>;
  cancelImport(documentId: string): void;
  saveSession(documentId: string): Promise<void>;
}

const hasFailed = ({ problem, profileState }: ProfileDocument): boolean =>
  problem !== null || profileState?.phase === "failed";

export function fileActions({ store, client, shell }: ActionContext): FileActions {
  /** Files that are being sent, by document. */
  const sending = new Set<string>();
  /** Those of them that were cancelled. */
  const stopped = new Set<string>();

  const refreshRecent = async (): Promise<void> => {
    const files = await told(store, client.call("recent.list", {}));
    if (files) store.getState().setRecentFiles(files);
  };

  const close = async (documentId: string): Promise<void> => {
    const document = documentOf(store, documentId);
    if (!document) return;
    if (sending.has(documentId)) stopped.add(documentId);
    store.getState().removeDocument(documentId);
    // What is on a side of the comparison stays open for it.
    if (document.profileId !== "" && !usesProfile(store.getState().compare, document.profileId)) {
      await told(store, client.call("profile.close", { profileId: document.profileId }));
    }
  };

  /** What else was in the folder or the archive, behind the first. */
  const addOthers = ({ others }: OpenedFile): void => {
    for (const other of others) store.getState().addDocument(newDocument(nextDocumentId(), other));
  };

  const openPath = async (path: string, view = ""): Promise<void> => {
    const open = store.getState().documents.find((document) => document.path === path);
    if (open && !hasFailed(open)) {
      store.getState().showDocument(open.id);
      if (view !== "") store.getState().patchDocument(open.id, { wantedView: view });
      return;
    }
    // What could not be read may have been mended since: it is read again, in the place of the failure.
    if (open) await close(open.id);
    // Its place is on the screen while the engine looks at it: no other screen is drawn for that long.
    const id = nextDocumentId();
    store.getState().addDocument({ ...newDocument(id, { title: nameOf(path), path }), wantedView: view });
    const opened = await told(store, client.call("profile.open", { path }));
    if (!opened) return store.getState().removeDocument(id);
    if (!documentOf(store, id)) {
      for (const { profileId } of [opened, ...opened.others])
        await told(store, client.call("profile.close", { profileId }));
      return;
    }
    const { profileId, title } = opened;
    store.getState().patchDocument(id, { profileId, title, path: opened.path });
    addOthers(opened);
    if (opened.others.length > 0) store.getState().showDocument(id);
    await Promise.all([refreshRecent(), readSavedLog({ store, client }, id, profileId)]);
  };

  /** Gives whether there is something to see of it: its profile, or why it could not be opened. */
  const upload = async (file: File, isOfFolder = false): Promise<boolean> => {
    const id = nextDocumentId();
    const { addDocument, patchDocument } = store.getState();
    addDocument(newDocument(id, { title: file.name, upload: { sentBytes: 0, sizeBytes: file.size } }));
    let early: OpenedFile | null = null;
    sending.add(id);
    try {
      const opened = await uploadFile(client, file, {
        isStopped: () => stopped.has(id),
        onSent: (sentBytes) => {
          if (!early) patchDocument(id, { upload: { sentBytes, sizeBytes: file.size } });
        },
        onOpened: ({ profileId, title, ...others }) => {
          early = { profileId, title, ...others };
          // From here on it says itself how far it is read.
          if (!stopped.has(id)) patchDocument(id, { profileId, title, upload: null });
          else void told(store, client.call("profile.close", { profileId }));
        },
        isOfFolder,
      });
      if (!opened) return true;
      if (stopped.has(id)) {
        for (const { profileId } of [opened, ...opened.others])
          await client.call("profile.close", { profileId });
      } else {
        patchDocument(id, { profileId: opened.profileId, title: opened.title, upload: null });
        addOthers(opened);
        if (opened.others.length > 0) store.getState().showDocument(id);
      }
      return true;
    } catch (error) {
      const problem = toProblem(error);
      if (isOfFolder && (problem.code === "no-profiles" || problem.code === "empty-file")) {
        store.getState().removeDocument(id);
        return false;
      }
      patchDocument(id, { problem, upload: null });
      return true;
    } finally {
      sending.delete(id);
      stopped.delete(id);
    }
  };

  /** Several that were opened together begin with the first, as those of a folder do. */
  const together = async (open: readonly (() => Promise<void>)[]): Promise<void> => {
    const before = new Set(store.getState().documents.map(({ id }) => id));
    for (const each of open) await each();
    const opened = store.getState().documents.filter(({ id }) => !before.has(id));
    const [first] = opened;
    const isWatched = opened.some(({ id }) => id === store.getState().activeId);
    if (first && opened.length > 1 && isWatched) store.getState().showDocument(first.id);
  };

  const openFiles = (files: readonly File[]): Promise<void> =>
    together(
      files.map((file) => () => {
        const path = shell.pathOfFile(file);
        return path === "" ? upload(file).then(() => undefined) : openPath(path);
      }),
    );

  /** Files of a folder that are no profiles are left out, and counted. */
  const uploadFolder = async (name: string, files: readonly File[]): Promise<void> => {
    let left = 0;
    for (const file of files) if (!(await upload(file, true))) left++;
    const { toast } = store.getState();
    if (left === files.length)
      toast("fail", `There is no profile in ${name}.`, "Drop a folder that has files of a profiler in it.");
    else if (left > 0)
      toast(
        "ok",
        `Opened what is a profile in ${name}.`,
        `${left} of its ${files.length} files ${left === 1 ? "is" : "are"} none.`,
      );
  };

  return {
    openDialog: async () => {
      if (shell.kind === "desktop") {
        const paths = await shell.chooseOpenPaths();
        await together(paths.map((path) => () => openPath(path)));
      } else await openFiles(await shell.pickFiles());
    },
    openPath,
    openFiles,
    openDropped: async ({ files, folders }) => {
      await openFiles(files);
      for (const { name, files: inside } of folders) await uploadFolder(name, await inside());
    },
    refreshRecent,
    close,
    cancelImport: (documentId) => {
      const document = documentOf(store, documentId);
      if (!document) return;
      if (sending.has(documentId)) stopped.add(documentId);
      if (document.profileId === "") void close(documentId);
      else void told(store, client.call("profile.cancelImport", { profileId: document.profileId }));
    },
    saveSession: async (documentId) => {
      const document = documentOf(store, documentId);
      if (!document || shell.kind !== "desktop") return;
      const path = await shell.chooseSavePath(fileName(document.title), "fwp");
      if (path === "") return;
      const saved = await told(store, client.call("profile.save", { profileId: document.profileId, path }));
      if (saved) store.getState().toast("ok", "Session saved.", saved.path);
    },
  };
}

/** The last part of a path. */
const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** A title as the name of a file, without anything that a file system or a shell could take amiss. */
export const fileName = (title: string): string =>
  title
    .replace(/[^\p{L}\p{N}._]+/gu, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
    .slice(0, 80) || "profile";
