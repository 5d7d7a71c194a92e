import { Decompress } from "fzstd";

/**
 * Frames of zstd, one after the other, as they arrive. Throws where they are damaged; what came before was given
 * out by then. https://datatracker.ietf.org/doc/html/rfc8878
 */
export async function* unzstd(
  packed: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  let ready: Uint8Array[] = [];
  const frames = new Decompress((chunk) => {
    // The library writes over its window later.
    if (chunk.length > 0) ready.push(chunk.slice());
  });
  const take = (): Uint8Array[] => {
    const taken = ready;
    ready = [];
    return taken;
  };
  for await (const chunk of packed) {
    signal.throwIfAborted();
    try {
      frames.push(chunk, false);
    } catch (error) {
      yield* take();
      throw error;
    }
    yield* take();
  }
  frames.push(new Uint8Array(0), true);
  yield* take();
}
