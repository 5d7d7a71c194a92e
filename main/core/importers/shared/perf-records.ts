import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import type { ImportServices } from "../importer.ts";
import type { PerfHeader } from "./perf-header.ts";
import { PerfOffCpu } from "./perf-off-cpu.ts";
import { PerfTextMaps } from "./perf-text-maps.ts";
import type { PerfThreads } from "./perf-threads.ts";

/**
 * What `perf script --show-task-events --show-switch-events ...` says of happenings around the samples:
 *
 *     PERF_RECORD_FORK(pid:tid):(parent pid:parent tid)
 *     PERF_RECORD_EXIT(pid:tid):(parent pid:parent tid)
 *     PERF_RECORD_COMM exec: name:pid/tid
 *     PERF_RECORD_SWITCH OUT preempt
 *
 * Records that perf made up for what was there before it have the time 0.
 */
export class PerfRecords {
  readonly #out: ProfileBuilder;
  readonly #threads: PerfThreads;
  readonly offCpu: PerfOffCpu;
  readonly maps: PerfTextMaps;
  readonly #skipped = new Set<string>();

  constructor(out: ProfileBuilder, threads: PerfThreads, symbols: ImportServices["symbols"]) {
    this.#out = out;
    this.#threads = threads;
    this.offCpu = new PerfOffCpu(out);
    this.maps = new PerfTextMaps(symbols);
  }

  /** `bytes` are the line's, `text` what it says from "PERF_RECORD_" on; `header` is null where it could not be read. */
  read(text: string, bytes: Uint8Array, header: PerfHeader | null): void {
    const [, kind = "", rest = ""] = /^PERF_RECORD_([A-Z0-9_]*)(.*)$/.exec(text) ?? [];
    const timeNs = header === null ? Number.NaN : this.#time(header);
    switch (kind) {
      case "LOST":
      case "LOST_SAMPLES":
        if (this.countLost(rest)) return;
        break;
      case "FORK":
      case "EXIT":
        if (this.#life(kind, rest, timeNs)) return;
        break;
      case "MMAP":
      case "MMAP2":
        if (this.maps.add(rest)) return;
        break;
      case "COMM":
        if (this.#comm(rest)) return;
        break;
      case "SWITCH":
      case "SWITCH_CPU_WIDE":
        if (header !== null && this.#switch(rest, bytes, header, timeNs)) return;
        break;
      default:
    }
    this.#skipped.add(kind === "" ? "unknown" : kind);
  }

  countLost(text: string): boolean {
    const match = /\blost[ :]+(\d{1,15})\b/i.exec(text);
    if (!match) return false;
    this.#out.meta({ lostSamples: this.#out.lostSamples + Number(match[1]) });
    return true;
  }

  finish(): void {
    this.offCpu.finish();
    if (this.#skipped.size === 0) return;
    const kinds = [...this.#skipped].sort().slice(0, 20).join(", ");
    this.#out.note(`Lines of these kinds were skipped, as nothing here shows them: ${kinds}.`);
  }

  #time(header: PerfHeader): number {
    if (!header.hasTime || (header.seconds === 0 && header.nanos === 0)) return Number.NaN;
    return this.#out.seen(this.#out.relativeTime(header.seconds, header.nanos));
  }

  #life(kind: string, rest: string, timeNs: number): boolean {
    const match = /^\s*\((-?\d{1,10}):(-?\d{1,10})\)(?::\((-?\d{1,10}):)?/.exec(rest);
    if (!match) return false;
    const pid = Number(match[1]);
    const tid = Number(match[2]);
    if (kind === "FORK") {
      this.#threads.began(pid, tid, timeNs);
      this.maps.forked(pid, Number(match[3] ?? -1));
    } else {
      this.offCpu.ended(this.#threads.ended(pid, tid, timeNs));
    }
    return true;
  }

  #comm(rest: string): boolean {
    const match = /^(?: exec)?: (.*):(-?\d{1,10})\/(-?\d{1,10})$/s.exec(rest.trimEnd());
    if (!match) return false;
    this.#threads.named(Number(match[2]), Number(match[3]), match[1] ?? "");
    return true;
  }

  #switch(rest: string, bytes: Uint8Array, header: PerfHeader, timeNs: number): boolean {
    const match = /^\s+(IN|OUT)( +preempt)?/.exec(rest);
    if (!match || Number.isNaN(timeNs)) return false;
    const thread = this.#threads.of(bytes, header);
    if (thread === NONE) return false;
    if (match[1] === "IN") this.offCpu.arrived(thread, timeNs);
    else this.offCpu.left(thread, timeNs, match[2] ? "preempted" : "off CPU");
    return true;
  }
}
