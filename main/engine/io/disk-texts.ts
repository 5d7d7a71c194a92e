/** /proc/diskstats, and what follows from two readings of it: iostat's columns. Pure: it is given the texts. */

interface DiskCounts {
  readonly reads: number;
  readonly readSectors: number;
  readonly readMs: number;
  readonly writes: number;
  readonly writtenSectors: number;
  readonly writeMs: number;
  readonly busyMs: number;
  /** ms times requests in flight. */
  readonly queueMs: number;
}

export type Disks = ReadonlyMap<string, DiskCounts>;

/** A sector of /proc/diskstats has 512 bytes, whatever the disk's own have. */
const SECTOR_KIB = 0.5;

/** By device, those that anything was ever read from or written to. Partitions are parts of their disks. */
export function readDisks(text: string, isDisk: (name: string) => boolean): Disks {
  const disks = new Map<string, DiskCounts>();
  for (const line of text.split("\n")) {
    const words = line.trim().split(/\s+/);
    const name = words[2];
    if (name === undefined || words.length < 14) continue;
    const at = (index: number): number => Number(words[index + 3]);
    if (at(0) + at(4) === 0 || !isDisk(name)) continue;
    disks.set(name, {
      reads: at(0),
      readSectors: at(2),
      readMs: at(3),
      writes: at(4),
      writtenSectors: at(6),
      writeMs: at(7),
      busyMs: at(9),
      queueMs: at(10),
    });
  }
  return disks;
}

/** Columns by device, named and in the units that `iostat -x` has. */
export function diskRates(
  before: Disks,
  now: Disks,
  spanMs: number,
): readonly { readonly id: string; readonly unit: string; readonly value: number }[] {
  if (!(spanMs > 0)) return [];
  return [...now].flatMap(([name, counts]) => {
    const old = before.get(name);
    if (!old) return [];
    const reads = counts.reads - old.reads;
    const writes = counts.writes - old.writes;
    const perSecond = (value: number): number => (value * 1000) / spanMs;
    const row = (column: string, unit: string, value: number) => ({ id: `${name} ${column}`, unit, value });
    return [
      row("r/s", "/s", perSecond(reads)),
      row("rkB/s", "kB/s", perSecond((counts.readSectors - old.readSectors) * SECTOR_KIB)),
      row("r_await", "milliseconds", reads === 0 ? 0 : (counts.readMs - old.readMs) / reads),
      row("w/s", "/s", perSecond(writes)),
      row("wkB/s", "kB/s", perSecond((counts.writtenSectors - old.writtenSectors) * SECTOR_KIB)),
      row("w_await", "milliseconds", writes === 0 ? 0 : (counts.writeMs - old.writeMs) / writes),
      row("aqu-sz", "count", (counts.queueMs - old.queueMs) / spanMs),
      row("%util", "percent", Math.min(100, (100 * (counts.busyMs - old.busyMs)) / spanMs)),
    ];
  });
}
