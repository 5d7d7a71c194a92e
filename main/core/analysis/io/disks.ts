import type { Counter } from "../../model/profile.ts";
import type { DiskRow } from "../../model/tables.ts";

/** iostat's columns by device, as the workbench reads them itself and as importers of iostat name them. */
const column =
  /^(?:disk )?(\S+) (r\/s|w\/s|rkB\/s|wkB\/s|rMB\/s|wMB\/s|kB_read\/s|kB_wrtn\/s|r_await|w_await|await|aqu-sz|avgqu-sz|%?util)$/;

type Field = keyof Omit<DiskRow, "device" | "mostBusyShare">;

const fields: Readonly<Record<string, readonly [Field, number]>> = {
  "r/s": ["readsPerSecond", 1],
  "w/s": ["writesPerSecond", 1],
  "rkB/s": ["readBytesPerSecond", 1024],
  "wkB/s": ["writtenBytesPerSecond", 1024],
  "rMB/s": ["readBytesPerSecond", 1 << 20],
  "wMB/s": ["writtenBytesPerSecond", 1 << 20],
  "kB_read/s": ["readBytesPerSecond", 1024],
  "kB_wrtn/s": ["writtenBytesPerSecond", 1024],
  r_await: ["readWaitNs", 1e6],
  w_await: ["writeWaitNs", 1e6],
  await: ["readWaitNs", 1e6],
  "aqu-sz": ["queue", 1],
  "avgqu-sz": ["queue", 1],
  util: ["busyShare", 0.01],
  "%util": ["busyShare", 0.01],
};

/** Means over the time that is selected, and how busy each was at most. */
export function disksOf(counters: readonly Counter[], fromNs: number, toNs: number): DiskRow[] {
  const rows = new Map<string, { -readonly [K in keyof DiskRow]: DiskRow[K] }>();
  for (const counter of counters) {
    const [, device = "", name = ""] = column.exec(counter.name) ?? [];
    const [field, scale] = fields[name] ?? [];
    // "CPU user" is no disk; a device is one by its reads and writes.
    if (device === "" || field === undefined || scale === undefined) continue;
    const { mean, most } = overTime(counter, fromNs, toNs);
    if (Number.isNaN(mean)) continue;
    const row = rows.get(device) ?? { ...unknownDisk, device };
    rows.set(device, row);
    row[field] = mean * scale;
    if (field === "busyShare") row.mostBusyShare = most * scale;
  }
  return [...rows.values()].sort(
    (a, b) => (b.busyShare || 0) - (a.busyShare || 0) || (a.device < b.device ? -1 : 1),
  );
}

export const unknownDisk: DiskRow = {
  device: "",
  readsPerSecond: Number.NaN,
  writesPerSecond: Number.NaN,
  readBytesPerSecond: Number.NaN,
  writtenBytesPerSecond: Number.NaN,
  readWaitNs: Number.NaN,
  writeWaitNs: Number.NaN,
  queue: Number.NaN,
  busyShare: Number.NaN,
  mostBusyShare: Number.NaN,
};

/** A value holds for the time since the one before it. */
function overTime({ time, value, length, name }: Counter, fromNs: number, toNs: number) {
  const isWait = name.endsWith("await");
  let sum = 0;
  let spanNs = 0;
  let most = Number.NaN;
  for (let i = 0; i < length; i++) {
    const at = time[i] as number;
    if (at < fromNs || at > toNs) continue;
    const each = value[i] as number;
    if (!(most >= each)) most = each;
    // Nothing was waited for while nothing was asked.
    if (isWait && each === 0) continue;
    const since = i === 0 ? 0 : (time[i - 1] as number);
    const weight = Math.max(1, at - since);
    sum += each * weight;
    spanNs += weight;
  }
  return { mean: spanNs === 0 ? Number.NaN : sum / spanNs, most };
}
