import { basename } from "node:path";
import { BrowserWindow, dialog, type FileFilter, type WebContents } from "electron";
import { importers } from "#core/importers/index.ts";

const all: FileFilter = { name: "All files", extensions: ["*"] };

/** What can be opened, as the registry of importers says. */
function openFilters(): FileFilter[] {
  const bare = (extensions: readonly string[]): string[] =>
    extensions.map((extension) => extension.replace(/^\./, ""));
  const everything = new Set(importers.flatMap((importer) => bare(importer.extensions)));
  return [
    { name: "Profiles", extensions: [...everything] },
    ...importers
      .filter((importer) => importer.extensions.length > 0)
      .map((importer) => ({ name: importer.title, extensions: bare(importer.extensions) })),
    all,
  ];
}

export async function chooseOpenPaths(contents: WebContents): Promise<readonly string[]> {
  const options = { properties: ["openFile" as const, "multiSelections" as const], filters: openFilters() };
  const window = BrowserWindow.fromWebContents(contents);
  const chosen = await (window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options));
  return chosen.canceled ? [] : chosen.filePaths;
}

export async function chooseSavePath(
  contents: WebContents,
  suggestedName: string,
  extension: string,
): Promise<string> {
  const options = {
    // A name made from a profile's data: one path component, whatever it contains.
    defaultPath: basename(suggestedName.replaceAll("\\", "/")),
    filters: extension === "" ? [all] : [{ name: extension.toUpperCase(), extensions: [extension] }, all],
    properties: ["createDirectory" as const, "showOverwriteConfirmation" as const],
  };
  const window = BrowserWindow.fromWebContents(contents);
  const chosen = await (window ? dialog.showSaveDialog(window, options) : dialog.showSaveDialog(options));
  return chosen.canceled ? "" : chosen.filePath;
}
