/** Bytes that are made here and taken elsewhere, at the taker's pace. */
export interface ByteQueue {
  push(bytes: Uint8Array): void;
  end(): void;
  readonly pendingBytes: number;
  readonly output: AsyncIterable<Uint8Array>;
}

export function createByteQueue(): ByteQueue {
  const items: Uint8Array[] = [];
  let pendingBytes = 0;
  let ended = false;
  let wake: (() => void) | null = null;
  const notify = (): void => {
    wake?.();
    wake = null;
  };
  return {
    push(bytes) {
      if (ended) return;
      items.push(bytes);
      pendingBytes += bytes.length;
      notify();
    },
    end() {
      ended = true;
      notify();
    },
    get pendingBytes() {
      return pendingBytes;
    },
    output: {
      async *[Symbol.asyncIterator]() {
        for (;;) {
          const item = items.shift();
          if (item !== undefined) {
            pendingBytes -= item.length;
            yield item;
          } else if (ended) return;
          else
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        }
      },
    },
  };
}
