/** What /proc says of the memory of a process, as numbers. Pure: it is given the texts. */

/** Bytes of a line like "RssAnon:	    1234 kB"; null where it is not there. */
function bytesOf(text: string, key: string): number | null {
  const kib = new RegExp(`^${key}:\\s+(\\d+) kB$`, "m").exec(text)?.[1];
  return kib === undefined ? null : Number(kib) * 1024;
}

/** /proc/PID/status: cheap, the kernel counts it anyway. Resident by what it is of; null where it is not told. */
export const readStatus = (text: string) => ({
  anonymous: bytesOf(text, "RssAnon"),
  file: bytesOf(text, "RssFile"),
  shared: bytesOf(text, "RssShmem"),
  swap: bytesOf(text, "VmSwap"),
});

/** /proc/PID/smaps, summed up: the kernel walks every page for it. */
export interface MapsReading {
  readonly proportional: number;
  readonly privateDirty: number;
  /** Resident part of the heap that malloc grows with brk. */
  readonly heap: number;
  /** Resident part of the main thread's stack. */
  readonly stack: number;
}

export function readMaps(text: string): MapsReading {
  const sums = { proportional: 0, privateDirty: 0, heap: 0, stack: 0 };
  let within: "heap" | "stack" | null = null;
  let at = 0;
  while (at < text.length) {
    const end = text.indexOf("\n", at);
    const to = end === -1 ? text.length : end;
    // "Pss:  12 kB" begins with a capital; a mapping with the hex digits of its address.
    const first = text.charCodeAt(at);
    if ((first >= 48 && first <= 57) || (first >= 97 && first <= 102)) {
      const name = text.slice(Math.max(at, to - 8), to);
      within = name.endsWith("[heap]") ? "heap" : name.endsWith("[stack]") ? "stack" : null;
    } else if (text.startsWith("Pss:", at)) sums.proportional += kibAt(text, at + 4, to);
    else if (text.startsWith("Private_Dirty:", at)) sums.privateDirty += kibAt(text, at + 14, to);
    else if (within !== null && text.startsWith("Rss:", at)) sums[within] += kibAt(text, at + 4, to);
    at = to + 1;
  }
  return sums;
}

const kibAt = (text: string, from: number, to: number): number =>
  Number.parseInt(text.slice(from, to), 10) * 1024;

/** /proc/PID/io: bytes that went through read and write calls, page cache included. */
export function readIo(text: string): { readonly read: number; readonly written: number } | null {
  const read = /^rchar: (\d+)$/m.exec(text)?.[1];
  const written = /^wchar: (\d+)$/m.exec(text)?.[1];
  return read === undefined || written === undefined
    ? null
    : { read: Number(read), written: Number(written) };
}
