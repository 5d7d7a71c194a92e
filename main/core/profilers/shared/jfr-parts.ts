/**
 * A JFR file is chunks, one after the other, each with a head of its own: magic, version, size, and at 32 and 40 when it
 * began (ns since the epoch) and how long it took. The one that is being written has no size yet.
 */
const headBytes = 68;
const magic = 0x464c5200;
const sizeAt = 8;
const startAt = 32;
const durationAt = 40;

interface ChunkHead {
  readonly from: number;
  readonly to: number;
  readonly endMs: number;
}

function* chunkHeads(bytes: Uint8Array): Iterable<ChunkHead> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let from = 0; from + headBytes <= bytes.length; ) {
    const size = Number(view.getBigUint64(from + sizeAt));
    if (view.getUint32(from) !== magic || size < headBytes || from + size > bytes.length) return;
    const endNs = view.getBigUint64(from + startAt) + view.getBigUint64(from + durationAt);
    yield { from, to: from + size, endMs: Number(endNs / 1_000_000n) };
    from += size;
  }
}

/** The chunks that are complete. */
export function wholeJfr(bytes: Uint8Array): readonly [number, number] {
  let end = 0;
  for (const { to } of chunkHeads(bytes)) end = to;
  return [0, end];
}

/** The chunks that went on after a moment; what cannot be told counts. */
export function jfrSince(bytes: Uint8Array, sinceMs: number): readonly [number, number] {
  for (const { from, endMs } of chunkHeads(bytes)) if (endMs >= sinceMs) return [from, bytes.length];
  const [, end] = wholeJfr(bytes);
  return [end, bytes.length];
}
