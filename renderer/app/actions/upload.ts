import type { OpenedFile } from "#core/contract.ts";
import type { ActionContext } from "./context.ts";

const CHUNK_BYTES = 1 << 20;

/** Sends a file that has no path the engine could open, piece by piece; null where it was stopped. */
export async function uploadFile(
  client: ActionContext["client"],
  file: File,
  isStopped: () => boolean,
  onSent: (sentBytes: number) => void,
  isOfFolder = false,
): Promise<OpenedFile | null> {
  const { uploadId } = await client.call("profile.uploadBegin", { name: file.name, sizeBytes: file.size });
  for (let sentBytes = 0; sentBytes < file.size; ) {
    if (isStopped()) return null;
    const part = file.slice(sentBytes, sentBytes + CHUNK_BYTES);
    const bytes = new Uint8Array(await part.arrayBuffer());
    await client.call("profile.uploadChunk", { uploadId, bytes });
    sentBytes += bytes.length;
    onSent(sentBytes);
  }
  return client.call("profile.uploadEnd", { uploadId, isOfFolder });
}
