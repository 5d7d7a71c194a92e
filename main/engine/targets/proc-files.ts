import { closeSync, openSync, readlinkSync, readSync } from "node:fs";

/**
 * Reads of /proc, synchronous on purpose: the kernel answers from memory in about 10 us, a round through the thread
 * pool costs ten times that. Processes end and forbid: null, never an error.
 */

let buffer = Buffer.allocUnsafe(1 << 14);

/** At most `limitBytes` of a file; a view that is valid until the next read. */
export function readProc(path: string, limitBytes = 1 << 20): Buffer | null {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return null;
  }
  try {
    let length = 0;
    for (;;) {
      if (length === buffer.length) {
        if (length >= limitBytes) break;
        buffer = Buffer.concat([buffer], buffer.length * 2);
      }
      const got = readSync(file, buffer, length, buffer.length - length, null);
      if (got === 0) break;
      length += got;
    }
    return buffer.subarray(0, length);
  } catch {
    return null;
  } finally {
    closeSync(file);
  }
}

export const readProcText = (path: string): string | null => readProc(path)?.toString("utf8") ?? null;

export function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
