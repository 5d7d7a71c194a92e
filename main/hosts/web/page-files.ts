import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { throwProblem } from "#core/base/result.ts";
import { contentTypeOf } from "#core/page-policy.ts";

export interface PageFile {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/**
 * The built page, whole, by URL path. Read once as the host starts: a request only ever picks from this list, so
 * that no path of a request reaches the file system.
 */
export async function readPageFiles(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  const files = new Map<string, PageFile>();
  const visit = async (path: string, prefix: string): Promise<void> => {
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const from = join(path, entry.name);
      const url = `${prefix}/${entry.name}`;
      if (entry.isDirectory()) await visit(from, url);
      else if (entry.isFile())
        files.set(url, { bytes: await readFile(from), contentType: contentTypeOf(entry.name) });
    }
  };
  await visit(folder, "").catch(() => undefined);
  const index = files.get("/index.html");
  if (!index) throwProblem("no-page", `There is no built page in ${folder}.`, "Build it: npm run build.");
  files.set("/", index);
  return files;
}
