import { requestsId } from "../../model/block-requests.ts";
import type { ProfileBuilder, SeriesBuilder } from "../../model/builder.ts";
import { errorName } from "./syscall-names.ts";

/** A request to a disk that ended. */
interface BlockRequest {
  /** When it was handed to the device. */
  readonly timeNs: number;
  readonly deviceNs: number;
  /** How long it waited before that; where only some recordings know it, it is left out. */
  readonly queuedNs?: number;
  readonly thread: number;
  readonly stack: number;
  readonly device: string;
  readonly operation: string;
  readonly sizeBytes: number;
  /** Negative: an error of the kernel. */
  readonly error: number;
  /** Further labels; those that are empty are left out. */
  readonly more?: Readonly<Record<string, string>>;
}

/** Requests to disks, a sample each, below who asked for them or issued them. */
export class BlockSeries {
  readonly #out: ProfileBuilder;
  readonly #hasQueue: boolean;
  readonly #labels = new Map<string, number>();
  #series: SeriesBuilder | null = null;

  constructor(out: ProfileBuilder, hasQueue: boolean) {
    this.#out = out;
    this.#hasQueue = hasQueue;
  }

  begin(): SeriesBuilder {
    this.#series ??= this.#out.series({
      id: requestsId,
      name: "Requests to disks",
      kind: "io",
      timed: true,
      values: [
        { name: "time", unit: "nanoseconds" },
        { name: "requests", unit: "count" },
        { name: "bytes", unit: "bytes" },
        ...(this.#hasQueue ? [{ name: "time in the queue", unit: "nanoseconds" } as const] : []),
      ],
    });
    return this.#series;
  }

  add(request: BlockRequest): void {
    const out = this.#out;
    const { timeNs, deviceNs, queuedNs, thread, stack, operation, sizeBytes } = request;
    const frame = out.frame({
      function: out.function({ name: out.string(`disk ${operation}`), kind: "kernel" }),
    });
    this.begin().addValues(
      out.seen(timeNs),
      thread,
      out.stack(stack, frame),
      [deviceNs, 1, sizeBytes, ...(this.#hasQueue ? [queuedNs ?? 0] : [])],
      this.#labelsOf(request),
    );
  }

  #labelsOf({ device, operation, error, more }: BlockRequest): number {
    const texts = { device, operation, error: errorName(error), ...more };
    const words = Object.entries(texts).filter(([, text]) => text !== "");
    const key = words.join("\0");
    let known = this.#labels.get(key);
    if (known === undefined) {
      const out = this.#out;
      known = out.labelSet(words.map(([name, text]) => ({ key: out.string(name), text: out.string(text) })));
      this.#labels.set(key, known);
    }
    return known;
  }
}

/** "WS", "RA", "FWFS": what blk_fill_rwbs() of the kernel writes; the flush before a write is part of the write. */
export function operationOf(rwbs: string): string {
  const letter = /^F?([RWDFN])/.exec(rwbs)?.[1] ?? "";
  return operations[letter] ?? "other";
}

const operations: Readonly<Record<string, string>> = {
  R: "read",
  W: "write",
  D: "discard",
  F: "flush",
};

/** "254:0", as /sys/dev/block has it: of a dev_t within the kernel, 12 bits and 20. */
export const deviceOf = (dev: number): string => `${dev >>> 20}:${dev & 0xf_ffff}`;
