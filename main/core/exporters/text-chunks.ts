const encoder = new TextEncoder();
const CHUNK_CHARACTERS = 1 << 16;

/** Texts of any size as UTF-8 chunks, without ever making one string of all of them. */
export function* textChunks(parts: Iterable<string>): Iterable<Uint8Array> {
  let waiting: string[] = [];
  let size = 0;
  for (const part of parts) {
    waiting.push(part);
    size += part.length;
    if (size < CHUNK_CHARACTERS) continue;
    yield encoder.encode(waiting.join(""));
    waiting = [];
    size = 0;
  }
  if (size > 0) yield encoder.encode(waiting.join(""));
}
