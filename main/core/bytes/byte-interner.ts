/**
 * Gives each distinct range of bytes a dense index, without a string or an object a key: an arena of bytes, open
 * addressing over typed arrays. An index, once given, stays.
 */
export class ByteInterner {
  #arena = new Uint8Array(1 << 12);
  #arenaView = new DataView(this.#arena.buffer);
  /** The buffer of the last call: a DataView reads four bytes at once, but is too dear to make for every line. */
  #seen: Uint8Array = new Uint8Array(0);
  #seenView = new DataView(this.#seen.buffer);
  #used = 0;
  /** Where the i-th range starts in the arena; one more at the end. */
  #starts = new Float64Array(256);
  #hashes = new Int32Array(256);
  #table = new Int32Array(512).fill(-1);
  #mask = 511;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Index of the range, added if it is new: then the index equals the old length. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    if (bytes !== this.#seen) {
      this.#seen = bytes;
      this.#seenView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const view = this.#seenView;
    const hash = hashOf(view, start, end);
    const size = end - start;
    const table = this.#table;
    const mask = this.#mask;
    const hashes = this.#hashes;
    const starts = this.#starts;
    let slot = hash & mask;
    for (;;) {
      const index = table[slot] as number;
      if (index === -1) return this.#add(bytes, start, end, hash, slot);
      if (hashes[index] === hash) {
        const from = starts[index] as number;
        if (
          (starts[index + 1] as number) - from === size &&
          equal(this.#arenaView, from, view, start, size)
        ) {
          return index;
        }
      }
      slot = (slot + 1) & mask;
    }
  }

  #add(bytes: Uint8Array, start: number, end: number, hash: number, slot: number): number {
    const size = end - start;
    const index = this.#length++;
    if (this.#used + size > this.#arena.length) {
      const next = new Uint8Array(Math.max(this.#arena.length * 2, this.#used + size));
      next.set(this.#arena.subarray(0, this.#used));
      this.#arena = next;
      this.#arenaView = new DataView(next.buffer);
    }
    if (index + 2 > this.#hashes.length) this.#growIndex();
    this.#arena.set(bytes.subarray(start, end), this.#used);
    this.#used += size;
    this.#starts[index + 1] = this.#used;
    this.#hashes[index] = hash;
    this.#table[slot] = index;
    if (this.#length * 2 > this.#mask) this.#rehash();
    return index;
  }

  #growIndex(): void {
    const starts = new Float64Array(this.#starts.length * 2);
    starts.set(this.#starts);
    this.#starts = starts;
    const hashes = new Int32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
  }

  #rehash(): void {
    const table = new Int32Array((this.#mask + 1) * 2).fill(-1);
    const mask = table.length - 1;
    for (let index = 0; index < this.#length; index++) {
      let slot = (this.#hashes[index] as number) & mask;
      while (table[slot] !== -1) slot = (slot + 1) & mask;
      table[slot] = index;
    }
    this.#table = table;
    this.#mask = mask;
  }
}

function hashOf(view: DataView, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x85ebca6b);
    hash ^= hash >>> 13;
  }
  for (; at < end; at++) hash = Math.imul(hash ^ view.getUint8(at), 0x01000193);
  return Math.imul(hash ^ (hash >>> 16), 0xc2b2ae35) ^ (hash >>> 15);
}

function equal(a: DataView, aStart: number, b: DataView, bStart: number, size: number): boolean {
  let i = 0;
  for (; i + 4 <= size; i += 4) {
    if (a.getInt32(aStart + i, true) !== b.getInt32(bStart + i, true)) return false;
  }
  for (; i < size; i++) if (a.getUint8(aStart + i) !== b.getUint8(bStart + i)) return false;
  return true;
}
