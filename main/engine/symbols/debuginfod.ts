import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { openElf } from "./elf-table.ts";
import type { SymbolPlaces } from "./places.ts";

/** https://sourceware.org/elfutils/Debuginfod.html: the files of a build id, in the cache that all clients share. */
export type DebugKind = "debuginfo" | "executable";

const MAX_BYTES = 2 ** 30;
const TIME_LIMIT_MS = 60_000;

/**
 * Asks the servers for one file, in their order, and puts it where the others are. Nothing is asked where there are no
 * servers, or where the file is there. Gives whether it is there now.
 */
export async function fetchDebugFile(
  buildId: string,
  kind: DebugKind,
  { debuginfod, servers }: Pick<SymbolPlaces, "debuginfod" | "servers">,
  signal: AbortSignal,
): Promise<boolean> {
  if (servers.length === 0 || !/^[0-9a-f]{4,64}$/.test(buildId)) return false;
  const folder = join(debuginfod, buildId);
  const target = join(folder, kind);
  if (await isFilled(target)) return true;
  for (const server of servers) {
    const part = join(folder, `.${kind}-${randomUUID()}`);
    try {
      const url = `${server.replace(/\/+$/, "")}/buildid/${buildId}/${kind}`;
      const limit = AbortSignal.any([signal, AbortSignal.timeout(TIME_LIMIT_MS)]);
      const answer = await fetch(url, { signal: limit, redirect: "follow" });
      if (!answer.ok || answer.body === null) continue;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await pipeline(Readable.fromWeb(answer.body), limited, createWriteStream(part), { signal: limit });
      // What came must be what was asked for: it is read as code of this build.
      if (openElf(part)?.buildId !== buildId) continue;
      await rename(part, target);
      return true;
    } catch (error) {
      if (signal.aborted) throw error;
      // A server that is away, or a file that is too large: the next may have it.
    } finally {
      await rm(part, { force: true });
    }
  }
  return false;
}

async function* limited(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BYTES) throw new RangeError("the file is too large");
    yield chunk;
  }
}

const isFilled = (path: string): Promise<boolean> =>
  stat(path).then(
    (facts) => facts.isFile() && facts.size > 0,
    () => false,
  );
