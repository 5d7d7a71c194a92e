import { requestsId } from "../../model/block-requests.ts";
import type { ProfileBuilder, SeriesBuilder } from "../../model/builder.ts";
import type { SpanWords } from "./perf-span-words.ts";
import { errorName } from "./syscall-names.ts";

interface OpenRequest {
  readonly sinceNs: number;
  readonly thread: number;
  /** Of who issued it. */
  readonly stack: number;
  readonly operation: string;
  readonly sizeBytes: number;
  readonly sectors: number;
}

/**
 * block:block_rq_issue and block_rq_complete as what they are, requests to a disk: each is a sample of the time that the
 * device took, below who issued it. An interrupt ends it, so that whose thread tells of the end says nothing.
 */
export class PerfBlock {
  readonly #out: ProfileBuilder;
  /** By device and first sector: no two requests on their way have both. */
  readonly #open = new Map<string, OpenRequest>();
  readonly #labels = new Map<string, number>();
  #series: SeriesBuilder | null = null;
  #headless = 0;

  constructor(out: ProfileBuilder) {
    this.#out = out;
  }

  issue(thread: number, timeNs: number, stack: number, { block }: SpanWords): void {
    if (block === null) return;
    const { device, sector, sectors, sizeBytes, operation } = block;
    this.#open.set(`${device} ${sector}`, { sinceNs: timeNs, thread, stack, operation, sizeBytes, sectors });
  }

  complete(timeNs: number, { block }: SpanWords): void {
    if (block === null) return;
    const { device, sector, sectors, error } = block;
    const key = `${device} ${sector}`;
    const request = this.#open.get(key);
    if (!request) {
      // A write with a flush around it ends once more, and nothing is left of it then.
      if (sectors > 0) this.#headless++;
      return;
    }
    this.#open.delete(key);
    const first = Number(sector);
    if (sectors < request.sectors && error === 0 && Number.isSafeInteger(first)) {
      // A part of it: the rest is on its way.
      this.#open.set(`${device} ${first + sectors}`, { ...request, sectors: request.sectors - sectors });
      return;
    }
    const out = this.#out;
    const { sinceNs, thread, stack, operation, sizeBytes } = request;
    const frame = out.frame({
      function: out.function({ name: out.string(`disk ${operation}`), kind: "kernel" }),
    });
    this.#requests().addValues(
      out.seen(sinceNs),
      thread,
      out.stack(stack, frame),
      [Math.max(0, timeNs - sinceNs), 1, sizeBytes],
      this.#labelsOf(device, operation, errorName(error)),
    );
  }

  finish(): void {
    const unfinished = this.#open.size;
    this.#open.clear();
    if (this.#headless > 0)
      this.#out.note(
        `${this.#headless === 1 ? "A request" : `${this.#headless} requests`} to disks had begun before the recording, or the begin was lost: left out.`,
      );
    if (unfinished > 0)
      this.#out.note(
        `${unfinished} request${unfinished === 1 ? "" : "s"} to disks without an end: on the way when the recording ended, or the kernel did not tell perf of it. Left out.`,
      );
  }

  #requests(): SeriesBuilder {
    this.#series ??= this.#out.series({
      id: requestsId,
      name: "Requests to disks",
      kind: "io",
      timed: true,
      values: [
        { name: "time", unit: "nanoseconds" },
        { name: "requests", unit: "count" },
        { name: "bytes", unit: "bytes" },
      ],
    });
    return this.#series;
  }

  #labelsOf(device: string, operation: string, error: string): number {
    const key = `${device} ${operation} ${error}`;
    let known = this.#labels.get(key);
    if (known === undefined) {
      const out = this.#out;
      const label = (name: string, text: string) => ({ key: out.string(name), text: out.string(text) });
      known = out.labelSet([
        label("device", device),
        label("operation", operation),
        ...(error === "" ? [] : [label("error", error)]),
      ]);
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

/** What a request says of itself. */
export interface BlockWords {
  readonly device: string;
  readonly sector: string;
  readonly sectors: number;
  readonly sizeBytes: number;
  readonly operation: string;
  /** Negative: an error of the kernel. */
  readonly error: number;
}
