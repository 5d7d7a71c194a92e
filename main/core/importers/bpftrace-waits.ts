import { textOf } from "../bytes/ascii.ts";
import { type JsonValue, jsonArray, jsonNumber, jsonObject } from "../bytes/json-value.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { BlockRequests } from "./shared/bpftrace-block.ts";
import { FutexSums } from "./shared/bpftrace-futexes.ts";
import { readBpftraceJson } from "./shared/bpftrace-json.ts";
import { BpftraceKeys } from "./shared/bpftrace-key.ts";
import { OffCpuSums } from "./shared/bpftrace-off-cpu.ts";
import { splitKey } from "./shared/bpftrace-split.ts";
import type { WaitSums, WaitWorld } from "./shared/bpftrace-sums.ts";
import { PerfTextMaps } from "./shared/perf-text-maps.ts";

/**
 * What the workbench's own programs for bpftrace print (native-scripts/bpf/, which say what it means): waits counted in the
 * kernel, the sums of each half second or second one after the other; requests to disks, one by one.
 */
export const bpftraceWaits: StreamImporter = {
  id: "bpftrace-waits",
  title: "Waits counted by bpftrace",
  extensions: ["jsonl"],
  order: 214,
  kind: "stream",
  sniff: (head) => start.test(textOf(head.subarray(0, 256))),
  open: (out, context) => new WaitsParser(out, context),
};

const start = /^\s*\{"type": ?"printf", ?"data": ?"flamewright-waits \d/;
const MAX_LINE_BYTES = 256 << 20;
/** nsecs counts the time that a machine was suspended too, and the recording's clock does not. */
const MOST_APART_NS = 60e9;

class WaitsParser implements StreamParser {
  readonly #out: ProfileBuilder;
  readonly #lines: LineSplitter;
  readonly #maxSamples: number;
  readonly #keys: BpftraceKeys;
  readonly #maps: PerfTextMaps;
  readonly #names = new Map<number, string>();
  readonly #open = new Map<string, Map<number, JsonValue>>();
  #sums: WaitSums | null = null;
  /** Whose memory the next list is of. */
  #mapped = NONE;
  #timeNs = 0;
  #shiftNs = Number.NaN;
  #rows = 0;
  #unread = 0;

  constructor(out: ProfileBuilder, { limits, services }: ImportContext) {
    this.#out = out;
    this.#maxSamples = limits.maxSamples;
    this.#keys = new BpftraceKeys(out, limits.maxStackDepth);
    this.#maps = new PerfTextMaps(services?.symbols);
    this.#lines = new LineSplitter((bytes, from, to) => this.#line(bytes.subarray(from, to)), MAX_LINE_BYTES);
    out.meta({ format: bpftraceWaits.id, tool: "bpftrace" });
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  end(): void {
    this.#lines.end();
    this.#sums?.finish(this.#open, this.#timeNs);
    if (this.#unread > 0)
      this.#out.note(`${this.#unread} ${this.#unread === 1 ? "entry" : "entries"} could not be read.`);
  }

  #line(line: Uint8Array): void {
    if (line.length === 0) return;
    const fault = readBpftraceJson(
      line,
      (type, map, key, value) => {
        if (type === "stats") this.#stats(map, key, value);
        else if (type === "map") this.#map(map, key, value);
        else if (type === "lost_events")
          this.#out.meta({ lostSamples: this.#out.lostSamples + jsonNumber(value, 0) });
      },
      (type, text) => {
        if (type === "cat") this.#maps.addMemoryMap(this.#mapped, text);
        else if (type === "printf") this.#said(text);
      },
    );
    if (fault !== null)
      this.#out.note(`A line of JSON is damaged; what comes before the damage was read: ${fault}.`);
  }

  #said(text: string): void {
    const [, kind, pid] = /^flamewright-waits \d+ ([a-z-]+) (\d{1,9})\s*$/.exec(text) ?? [];
    const mapped = /^maps (\d{1,9})\s*$/.exec(text)?.[1];
    const at = /^at (\d{1,16})\s*$/.exec(text)?.[1];
    if (at !== undefined) {
      this.#timeNs = Math.max(this.#timeNs, this.#time(Number(at)));
      this.#sums?.round?.();
    } else if (mapped !== undefined) this.#mapped = Number(mapped);
    else if (kind !== undefined && this.#sums === null) this.#begin(kind, Number(pid));
    else if (++this.#rows > this.#maxSamples) this.#tooMany();
    else if (this.#sums?.said?.(text) !== true) this.#unread++;
  }

  #begin(kind: string, pid: number): void {
    const out = this.#out;
    this.#mapped = pid;
    const world: WaitWorld = {
      out,
      pid,
      keys: this.#keys,
      maps: this.#maps,
      thread: (tid) => out.thread(out.process(pid), tid, this.#names.get(tid) ?? ""),
      title: (tid) => [this.#names.get(tid) ?? "", String(tid)].filter(Boolean).join("/"),
      timeOf: (ns) => Math.max(0, this.#time(ns)),
    };
    if (kind === "locks") this.#sums = new FutexSums(world);
    else if (kind === "off-cpu") this.#sums = new OffCpuSums(world);
    else if (kind === "block") this.#sums = new BlockRequests(world);
    else out.note(`The text is of a program that is not known here (${JSON.stringify(kind)}).`);
  }

  #time(ns: number): number {
    if (Number.isNaN(this.#shiftNs)) {
      const timeNs = this.#out.relativeTime(Math.floor(ns / 1e9), ns % 1e9);
      this.#shiftNs = Math.abs(timeNs) < MOST_APART_NS ? timeNs - ns : -ns;
    }
    return this.#out.seen(Math.max(0, ns + this.#shiftNs));
  }

  #stats(map: string, key: string | null, value: JsonValue): void {
    const sums = this.#sums;
    const stacks = sums?.stacksOf(map);
    if (!sums || stacks === undefined || key === null) return;
    if (++this.#rows > this.#maxSamples) {
      this.#tooMany();
      return;
    }
    const { stacks: found, numbers } = splitKey(key, stacks);
    const { count, total } = jsonObject(value);
    const of = { timeNs: this.#timeNs, count: jsonNumber(count, 0), totalNs: jsonNumber(total, 0) };
    if (!numbers.every(Number.isFinite) || of.count <= 0 || of.totalNs < 0) this.#unread++;
    else sums.add(map, found, numbers, of);
  }

  #tooMany(): void {
    this.#out.note(`Only the first ${this.#maxSamples} entries were read.`);
  }

  #map(map: string, key: string | null, value: JsonValue): void {
    if (key === null) return;
    const tid = Number(key);
    if (!Number.isInteger(tid)) this.#sums?.left?.(map);
    else if (map === "@name") this.#names.set(tid, String(value));
    else {
      const of = this.#open.get(map) ?? new Map<number, JsonValue>();
      this.#open.set(map, of.set(tid, jsonArray(value).length > 0 ? jsonArray(value) : value));
    }
  }
}
