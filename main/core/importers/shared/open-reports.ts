import type { ProfileBuilder } from "../../model/builder.ts";
import {
  changesOf,
  type Descriptor,
  descriptorArgs,
  descriptorCategory,
  descriptorKey,
  openId,
} from "../../model/descriptors.ts";
import { LimitedTexts } from "./limited-texts.ts";

/** What is open, report by report. Each tells all there is; the profile keeps what is another than in the one before. */
export class OpenReports {
  readonly #out: ProfileBuilder;
  readonly #texts: LimitedTexts;
  readonly #tell: (now: Iterable<Descriptor>) => void;
  readonly #copies = new Map<string, number>();
  #now = new Map<string, Descriptor>();
  #timeNs = 0;

  constructor(out: ProfileBuilder) {
    this.#out = out;
    this.#texts = new LimitedTexts(out, "states of files and sockets");
    this.#tell = changesOf((each) => {
      const start = out.seen(this.#timeNs);
      const [category, name] = [out.string(descriptorCategory), out.string(each.name)];
      out.interval({ start, end: start, category, name, args: this.#texts.of(descriptorArgs(each)) });
    });
  }

  add(descriptor: Descriptor): void {
    const key = descriptorKey(descriptor);
    const copy = (this.#copies.get(key) ?? 0) + 1;
    this.#copies.set(key, copy);
    // Several sockets may have one name: of a port that is shared, say.
    const each =
      copy === 1 || descriptor.fd >= 0
        ? descriptor
        : { ...descriptor, more: { ...descriptor.more, again: String(copy) } };
    this.#now.set(descriptorKey(each), each);
  }

  get size(): number {
    return this.#now.size;
  }

  /** The report is whole. */
  end(timeNs: number): void {
    this.#timeNs = timeNs;
    this.#tell(this.#now.values());
    this.#out.counter(openId, "Open files and sockets", "count", timeNs, this.#now.size);
    this.#now = new Map();
    this.#copies.clear();
  }
}
