import type { Shell } from "./shell.ts";

/** What was dropped on the page. */
export interface Dropped {
  readonly files: readonly File[];
  /** Folders that only the browser can look into: the engine may be on another machine. */
  readonly folders: readonly { readonly name: string; readonly files: () => Promise<readonly File[]> }[];
}

/** Folders deeper than this, and files past this many, are not looked at. */
const MAX_DEPTH = 8;
const MAX_FILES = 500;

/** To be called while the event is handled: what a drop holds is gone afterwards. */
export function droppedIn(transfer: DataTransfer, shell: Pick<Shell, "pathOfFile">): Dropped {
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const dropped = items.map((item) => ({ file: item.getAsFile(), entry: item.webkitGetAsEntry() }));
  // A folder that has a path is the engine's to open.
  const isFolder = ({ file, entry }: (typeof dropped)[number]): boolean =>
    entry?.isDirectory === true && (file === null || shell.pathOfFile(file) === "");
  return {
    files: dropped.flatMap((each) => (isFolder(each) || each.file === null ? [] : [each.file])),
    folders: dropped
      .filter(isFolder)
      .flatMap(({ entry }) =>
        entry ? [{ name: entry.name, files: () => filesBelow(entry as FileSystemDirectoryEntry) }] : [],
      ),
  };
}

/** Files by name, folder by folder. */
async function filesBelow(root: FileSystemDirectoryEntry): Promise<readonly File[]> {
  const found: FileSystemFileEntry[] = [];
  let folders = [root];
  for (let depth = 0; depth <= MAX_DEPTH && folders.length > 0; depth++) {
    const next: FileSystemDirectoryEntry[] = [];
    for (const folder of folders)
      for (const entry of await entriesOf(folder)) {
        if (found.length + next.length >= MAX_FILES) break;
        if (entry.isDirectory) next.push(entry as FileSystemDirectoryEntry);
        else found.push(entry as FileSystemFileEntry);
      }
    folders = next;
  }
  const files = await Promise.all(
    found.map(
      (entry) =>
        new Promise<File | null>((resolve) => {
          // What went away or may not be read is left out.
          entry.file(resolve, () => resolve(null));
        }),
    ),
  );
  return files.flatMap((file) => (file === null ? [] : [file]));
}

/** A reader gives a part at each call, and nothing at the end. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const part = await new Promise<readonly FileSystemEntry[]>((resolve) => {
      reader.readEntries(resolve, () => resolve([]));
    });
    if (part.length === 0) return all.sort((a, b) => a.name.localeCompare(b.name, "en"));
    all.push(...part);
  }
}
