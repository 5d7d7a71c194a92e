import type { ByteSource } from "./source.ts";

/** A source that can only be read from the front. */
export function forwardSource(chunks: ByteSource["chunks"]): ByteSource {
  return {
    sizeBytes: -1,
    chunks,
    /** Starts from the front every time: for the head of a file. */
    async read(offset, length) {
      const parts: Uint8Array[] = [];
      let at = 0;
      for await (const chunk of chunks(new AbortController().signal)) {
        const from = Math.max(0, offset - at);
        if (from < chunk.length) parts.push(chunk.slice(from, offset + length - at));
        at += chunk.length;
        if (at >= offset + length) break;
      }
      return joined(parts);
    },
  };
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
