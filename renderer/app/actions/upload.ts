import type { OpenedFile } from "#core/contract.ts";
import type { ActionContext } from "./context.ts";

/** The first piece is small, and each twice as long as the one before: a picture of it is there at once. */
const FIRST_BYTES = 1 << 17;
const CHUNK_BYTES = 1 << 20;

export interface UploadManner {
  readonly isStopped: () => boolean;
  readonly onSent: (sentBytes: number) => void;
  /** It can be asked, while the rest of it is sent. */
  readonly onOpened?: (opened: OpenedFile) => void;
  readonly isOfFolder?: boolean;
}

/** Sends a file that has no path the engine could open, piece by piece; null where it was stopped. */
export async function uploadFile(
  client: ActionContext["client"],
  file: File,
  { isStopped, onSent, onOpened, isOfFolder = false }: UploadManner,
): Promise<OpenedFile | null> {
  const { uploadId } = await client.call("profile.uploadBegin", { name: file.name, sizeBytes: file.size });
  let pieceBytes = FIRST_BYTES;
  for (let sentBytes = 0; sentBytes < file.size; ) {
    if (isStopped()) {
      await client.call("profile.uploadCancel", { uploadId });
      return null;
    }
    const part = file.slice(sentBytes, sentBytes + pieceBytes);
    const bytes = new Uint8Array(await part.arrayBuffer());
    await client.call("profile.uploadChunk", { uploadId, bytes });
    const isFirst = sentBytes === 0;
    sentBytes += bytes.length;
    pieceBytes = Math.min(CHUNK_BYTES, 2 * pieceBytes);
    onSent(sentBytes);
    // A file of a folder may be none of a profiler: what it is, is known when it is there.
    if (!isFirst || isOfFolder || !onOpened || sentBytes === file.size) continue;
    const opened = await client.call("profile.uploadOpen", { uploadId });
    if (opened) onOpened(opened);
  }
  return client.call("profile.uploadEnd", { uploadId, isOfFolder });
}
