import { NONE } from "../../model/builder.ts";
import { kindIndex, type Profile } from "../../model/profile.ts";
import type { AskerRow } from "../../model/tables.ts";
import { threadLabel } from "../lanes.ts";
import { IoTotals } from "./io-totals.ts";

const MOST = 40;
const kernelKind = kindIndex("kernel");
/** Code by which nobody asks for what he wants. */
const isLibrary = /(?:^|\/)(?:libc|libpthread|ld-linux[\w-]*|ld-musl[\w-]*|ld)[-.][\w.-]*$/;
/** What every request passes, whoever asks for it. */
const blockLayer =
  /^(?:disk \w+|(?:__)?blk_|(?:__)?submit_bio|bio_|(?:__)?blkdev_|iomap_|do_syscall_|entry_SYSCALL|(?:__)?(?:x64|arm64)_sys_|ksys_|vfs_)/;

interface Sums {
  readonly name: string;
  readonly pid: number;
  readonly site: string;
  readonly totals: IoTotals;
  queuedNs: number;
}

/** Requests to disks by the thread that asked and the function of it. */
export class Askers {
  readonly #profile: Profile;
  readonly #sites = new Map<number, string>();
  readonly #rows = new Map<string, Sums>();

  constructor(profile: Profile) {
    this.#profile = profile;
  }

  add(
    thread: number,
    stack: number,
    {
      durationNs,
      queuedNs,
      bytes,
    }: { readonly durationNs: number; readonly queuedNs: number; readonly bytes: number },
  ): void {
    const site = this.#site(stack);
    const key = `${thread} ${site}`;
    let row = this.#rows.get(key);
    if (!row) {
      const { name, pid } = threadLabel(this.#profile, thread);
      row = { name, pid, site, totals: new IoTotals(name, site, true), queuedNs: 0 };
      this.#rows.set(key, row);
    }
    row.totals.add(durationNs, 1, 0, bytes);
    row.queuedNs += queuedNs;
  }

  rows(): readonly AskerRow[] {
    return [...this.#rows.values()]
      .map(({ name, pid, site, totals, queuedNs }) => {
        const { calls, totalNs, meanNs, p99Ns, maxNs, bytes } = totals.row();
        return {
          ...{ name, pid, site, requests: calls, totalNs, meanNs, p99Ns, maxNs, bytes },
          queuedMeanNs: queuedNs / calls,
        };
      })
      .sort((a, b) => b.totalNs - a.totalNs || b.requests - a.requests)
      .slice(0, MOST);
  }

  /** The innermost function of the program that has a name and is not the C library's call; else the kernel's. */
  #site(stack: number): string {
    const known = this.#sites.get(stack);
    if (known !== undefined) return known;
    const { strings, frames, functions, stacks, binaries } = this.#profile;
    let library = "";
    let kernel = "";
    let site = "";
    for (let at = stack; at !== NONE && site === ""; at = stacks.prefix[at] ?? NONE) {
      const func = frames.function[stacks.frame[at] ?? NONE] ?? NONE;
      const name = strings[functions.name[func] ?? NONE] ?? "";
      if (name === "" || name.startsWith("[") || /^0x[0-9a-f]+$/.test(name)) continue;
      if (functions.kind[func] === kernelKind) {
        if (kernel === "" && !blockLayer.test(name)) kernel = name;
        continue;
      }
      const path = strings[binaries.path[functions.binary[func] ?? NONE] ?? NONE] ?? "";
      if (isLibrary.test(path)) library ||= name;
      else site = name;
    }
    site ||= library || kernel;
    this.#sites.set(stack, site);
    return site;
  }
}
