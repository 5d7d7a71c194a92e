/** A file, or what was unwrapped from one: read in chunks or at an offset, never as one string. */
export interface ByteSource {
  /** Bytes in all, or -1 where that is not known before the end (a compressed file). */
  readonly sizeBytes: number;
  /** From front to back, chunks of any size. May be called again to start over. */
  chunks(signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Exactly `length` bytes at `offset`, fewer only at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

export function memorySource(bytes: Uint8Array, chunkBytes = 1 << 20): ByteSource {
  return {
    sizeBytes: bytes.length,
    async *chunks(signal) {
      for (let at = 0; at < bytes.length; at += chunkBytes) {
        signal.throwIfAborted();
        yield bytes.subarray(at, Math.min(at + chunkBytes, bytes.length));
      }
    },
    read: async (offset, length) => bytes.subarray(offset, Math.min(offset + length, bytes.length)),
  };
}
