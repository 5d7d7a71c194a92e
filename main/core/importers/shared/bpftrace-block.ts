import { NONE } from "../../model/builder.ts";
import { BlockSeries, deviceOf, operationOf } from "./block-series.ts";
import { textOf, UserStacks } from "./bpftrace-stacks.ts";
import type { WaitSums, WaitWorld } from "./bpftrace-sums.ts";

interface Thread {
  readonly pid: number;
  readonly name: string;
}

interface Asker {
  readonly tid: number;
  readonly stack: number;
}

interface Ended {
  readonly device: string;
  readonly sector: number;
  readonly sectors: number;
  readonly sizeBytes: number;
  readonly flags: string;
  readonly error: number;
  readonly queuedAtNs: number;
  readonly issuedAtNs: number;
  readonly endedAtNs: number;
  readonly asker: string;
  readonly issuer: number;
  /** What it names may come up to two rounds later. */
  rounds: number;
}

const line =
  /^disk (\d{1,10}) (\d{1,20}) (\d{1,10}) (\d{1,16}) (\S*) (-?\d{1,10}) (\d{1,16}) (\d{1,16}) (\d{1,16}) (\d{1,16}) (\d{1,10})\s*$/;

/** Letters of blk_fill_rwbs() behind the operation. */
const flagWords: Readonly<Record<string, string>> = {
  F: "forced to the medium",
  A: "read ahead",
  S: "synchronous",
  M: "metadata",
};

/** Requests to disks as native-scripts/bpf/block.bt tells of them, one by one. */
export class BlockRequests implements WaitSums {
  readonly #world: WaitWorld;
  readonly #series: BlockSeries;
  readonly #users = new Map<number, UserStacks>();
  readonly #threads = new Map<number, Thread>();
  readonly #askers = new Map<string, Asker>();
  /** Where the request before ended, by device. */
  readonly #next = new Map<string, number>();
  #ended: Ended[] = [];
  #open = 0;

  constructor(world: WaitWorld) {
    this.#world = world;
    this.#series = new BlockSeries(world.out, true);
    this.#series.begin();
  }

  stacksOf(): undefined {
    return undefined;
  }

  add(): void {
    // Nothing is summed up in the kernel.
  }

  said(text: string): boolean {
    const [, pid, tid, name = ""] = /^thread (\d{1,10}) (\d{1,10}) ([\s\S]*?)\n?$/.exec(text) ?? [];
    if (tid !== undefined) {
      this.#threads.set(Number(tid), { pid: Number(pid), name });
      return true;
    }
    const [head = "", who, by, of] = /^who (\d{1,16}) (\d{1,10}) (\d{1,10})\n/.exec(text) ?? [];
    if (who !== undefined) {
      this.#askers.set(who, { tid: Number(of), stack: this.#stack(text.slice(head.length), Number(by)) });
      return true;
    }
    const request = endedOf(text);
    if (request) this.#ended.push(request);
    return request !== null;
  }

  /** Buffers of all processors have been read up to a while ago. */
  round(): void {
    this.#write(false);
  }

  left(map: string): void {
    if (map === "@open") this.#open++;
  }

  finish(): void {
    this.#write(true);
    if (this.#open > 0)
      this.#world.out.note(
        `${this.#open} request${this.#open === 1 ? "" : "s"} to disks without an end: on the way when the recording ended, or the end came while its processor ran another of bpftrace's programs. Left out.`,
      );
  }

  #write(all: boolean): void {
    const later: Ended[] = [];
    for (const request of this.#ended) {
      const isKnown =
        (request.asker === "0" || this.#askers.has(request.asker)) && this.#threads.has(request.issuer);
      if (all || isKnown || request.rounds++ >= 2) this.#add(request);
      else later.push(request);
    }
    this.#ended = later;
  }

  #add(request: Ended): void {
    const { device, sector, sectors, sizeBytes, flags, error, queuedAtNs, issuedAtNs, endedAtNs, issuer } =
      request;
    const { out, timeOf } = this.#world;
    const asker = this.#askers.get(request.asker);
    const tid = asker?.tid ?? issuer;
    const other = tid === issuer ? "" : `${this.#threads.get(issuer)?.name ?? ""}/${issuer}`;
    const letters = /^F?[A-Z](.*)$/.exec(flags)?.[1] ?? "";
    const follows = this.#next.get(device);
    if (sectors > 0) this.#next.set(device, sector + sectors);
    const { pid, name } = this.#threads.get(tid) ?? { pid: tid, name: "" };
    this.#series.add({
      timeNs: timeOf(issuedAtNs),
      deviceNs: Math.max(0, endedAtNs - issuedAtNs),
      queuedNs: queuedAtNs === 0 ? 0 : Math.max(0, issuedAtNs - queuedAtNs),
      thread: out.thread(out.process(pid), tid, name),
      stack: asker?.stack ?? NONE,
      device,
      // A write of nothing is there for the flush before it.
      operation: sizeBytes === 0 && flags.startsWith("W") ? "flush" : operationOf(flags),
      sizeBytes: sectors > 0 ? Math.min(sizeBytes, sectors * 512) : sizeBytes,
      error,
      more: {
        flags: [...new Set([...letters].flatMap((letter) => flagWords[letter] ?? []))].join(", "),
        place:
          sectors === 0 || follows === undefined ? "" : follows === sector ? "next to the last" : "elsewhere",
        "issued by": other,
      },
    });
  }

  /** "\n   kernel\n,\n\tprogram\n" */
  #stack(text: string, pid: number): number {
    const { keys, maps } = this.#world;
    const users = this.#users.get(pid) ?? new UserStacks(maps, pid);
    this.#users.set(pid, users);
    const cut = text.indexOf("\n,");
    const kernel = cut === -1 ? text : text.slice(0, cut);
    return keys.read(`${kernel}\n,${textOf(users.frames(cut === -1 ? "" : text.slice(cut + 2)))}`).stack;
  }
}

function endedOf(text: string): Ended | null {
  const found = line.exec(text);
  if (!found) return null;
  const at = (index: number): number => Number(found[index]);
  return {
    device: deviceOf(at(1)),
    sector: at(2),
    sectors: at(3),
    sizeBytes: at(4),
    flags: found[5] ?? "",
    error: at(6),
    queuedAtNs: at(7),
    issuedAtNs: at(8),
    endedAtNs: at(9),
    asker: found[10] ?? "0",
    issuer: at(11),
    rounds: 0,
  };
}
