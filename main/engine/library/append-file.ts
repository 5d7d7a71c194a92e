import { type FileHandle, open } from "node:fs/promises";
import { PRIVATE_FILE, writeWhole } from "./atomic-file.ts";
import { writing } from "./disk-problem.ts";

/**
 * A file that only grows. Every write is a system call of its own, in order: what `append` has resolved survives
 * the death of this process. After a failure the file is cut back to the last whole append, so that a line is
 * never half there and a later append (when there is room again) continues cleanly.
 */
export interface AppendFile {
  readonly sizeBytes: number;
  append(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export async function openAppendFile(path: string, keepPart: boolean): Promise<AppendFile> {
  const file = await writing(path, () => open(path, "a", PRIVATE_FILE));
  let sizeBytes = (await file.stat()).size;
  let queue: Promise<void> = Promise.resolve();
  let closed: Promise<void> | null = null;

  const write = async (bytes: Uint8Array): Promise<void> => {
    try {
      await writeWhole(file, bytes);
      sizeBytes += bytes.length;
    } catch (error) {
      sizeBytes = await settle(file, sizeBytes, keepPart);
      throw error;
    }
  };

  return {
    get sizeBytes() {
      return sizeBytes;
    },
    append: (bytes) => {
      const result = queue.then(() => writing(path, () => write(bytes)));
      queue = result.catch(() => undefined);
      return result;
    },
    close: () => {
      closed ??= queue.then(() => file.close());
      return closed;
    },
  };
}

/** Raw bytes of a tool are kept to the last one; lines are kept whole or not at all. */
async function settle(file: FileHandle, wholeBytes: number, keepPart: boolean): Promise<number> {
  if (!keepPart) await file.truncate(wholeBytes);
  return (await file.stat()).size;
}
