import type { ProfileBuilder } from "../../model/builder.ts";
import { BlockSeries } from "./block-series.ts";
import type { SpanWords } from "./perf-span-words.ts";

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
  readonly #series: BlockSeries;
  #headless = 0;

  constructor(out: ProfileBuilder) {
    this.#out = out;
    this.#series = new BlockSeries(out, false);
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
    const { sinceNs, thread, stack, operation, sizeBytes } = request;
    const deviceNs = Math.max(0, timeNs - sinceNs);
    this.#series.add({ timeNs: sinceNs, deviceNs, thread, stack, device, operation, sizeBytes, error });
  }

  finish(): void {
    const unfinished = this.#open.size;
    this.#open.clear();
    if (this.#headless > 0)
      this.#out.note(
        `${this.#headless === 1 ? "A request" : `${this.#headless} requests`} to disks had begun before the recording, or the begin was lost: left out.`,
      );
    if (unfinished > 0) {
      // Of a recording in which none ended there is this to say, and no row.
      this.#series.begin();
      this.#out.note(
        `${unfinished} request${unfinished === 1 ? "" : "s"} to disks without an end: on the way when the recording ended, or the kernel did not tell perf of it. Left out.`,
      );
    }
  }
}

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
