import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { protocol } from "electron";
import { contentTypeOf, pageHeaders } from "#core/page-policy.ts";

const scheme = "app";
export const pageOrigin = `${scheme}://flamewright`;
export const pageUrl = `${pageOrigin}/index.html`;

/** Before `ready`, or the page gets no origin of its own. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** "/index.html", "/assets/main-1a2b.js" ... with the file of each: what is not listed here is not served. */
function listFiles(folder: string, prefix: string): [string, string][] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): [string, string][] => {
    const file = join(folder, entry.name);
    const path = `${prefix}/${entry.name}`;
    if (entry.isDirectory()) return listFiles(file, path);
    return entry.isFile() ? [[path, file]] : [];
  });
}

/** Serves the built page at app://flamewright/. */
export function serveAppScheme(rendererFolder: string): void {
  const files = new Map(listFiles(rendererFolder, ""));
  protocol.handle(scheme, async (request) => {
    const { host, pathname } = new URL(request.url);
    const file = host === "flamewright" && request.method === "GET" ? files.get(pathname) : undefined;
    if (file === undefined) return new Response("Not found", { status: 404, headers: pageHeaders });
    return new Response(await readFile(file), {
      headers: { ...pageHeaders, "Content-Type": contentTypeOf(pathname) },
    });
  });
}
