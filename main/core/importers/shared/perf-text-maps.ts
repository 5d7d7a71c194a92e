import type { ImportServices } from "../importer.ts";

interface Module {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly offset: number;
}

/** Names of variables, such as locks, by what `perf script --show-mmap-events` says of where files were mapped. */
export class PerfTextMaps {
  readonly #symbols: ImportServices["symbols"];
  /** Code of each process, in the order in which it came. */
  readonly #modules = new Map<number, Module[]>();
  readonly #names = new Map<string, string>();

  constructor(symbols: ImportServices["symbols"]) {
    this.#symbols = symbols;
  }

  /**
   * " 20245/20245: [0x556ae81a8000(0x1000) @ 0x1000 fe:00 9978386 0]: r-xp /usr/bin/thing", of MMAP and MMAP2; false where it
   * cannot be read.
   */
  add(text: string): boolean {
    const match =
      /^\s*(-?\d{1,10})\/-?\d{1,10}: \[(0x[0-9a-f]{1,16}|0)\((0x[0-9a-f]{1,16}|0)\) @ (0x[0-9a-f]{1,16}|0)(?: [^\]]*)?\]: (\S+) (.*)$/.exec(
        text,
      );
    if (!match) return false;
    const [, pid, start = "0", size = "0", offset = "0", protection = "", path = ""] = match;
    // Where the code lies tells where the rest does: a file is mapped as a whole.
    if (!protection.includes("x") || !path.startsWith("/")) return true;
    const from = Number(start);
    const list = this.#modules.get(Number(pid)) ?? [];
    list.push({ path, start: from, end: from + Number(size), offset: Number(offset) });
    this.#modules.set(Number(pid), list);
    return true;
  }

  /** The text of /proc/PID/maps: "7f0aa000-7f0ab000 r-xp 00026000 fe:00 326269   /usr/lib/libc.so.6". */
  addMemoryMap(pid: number, text: string): void {
    const modules: Module[] = [];
    for (const line of text.split("\n")) {
      const [, start = "0", end = "0", mode = "", offset = "0", path = ""] =
        /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) (\S{4}) ([0-9a-f]{1,16}) \S+ \S+\s+(\/.*)$/.exec(line) ?? [];
      const [from, to, at] = [start, end, offset].map((hex) => Number.parseInt(hex, 16));
      if (mode.includes("x") && from !== undefined && to !== undefined && at !== undefined)
        modules.push({ path, start: from, end: to, offset: at });
    }
    // Of a program that has ended there is nothing left to read.
    if (modules.length > 0) this.#modules.set(pid, modules);
  }

  /** The function whose code is at an address of a process; null where none is known. */
  code(pid: number, address: number): { readonly name: string; readonly path: string } | null {
    const module = this.#modules.get(pid)?.find(({ start, end }) => address >= start && address < end);
    if (!module) return null;
    const table = this.#symbols?.tableOf({ path: module.path, buildId: "", pid });
    const offset = address - module.start + module.offset;
    const segment = table?.segments.find(
      (each) => offset >= each.offset && offset < each.offset + each.sizeBytes,
    );
    if (!table || !segment) return null;
    const at = offset - segment.offset + segment.address;
    const found = table.find(Math.floor(at / 2 ** 32), at % 2 ** 32);
    return found === null ? null : { name: found.name, path: module.path };
  }

  /** A process that began has the maps of its parent, until it says otherwise. */
  forked(pid: number, parent: number): void {
    const of = this.#modules.get(parent);
    if (of && pid !== parent && !this.#modules.has(pid)) this.#modules.set(pid, [...of]);
  }

  /** The variable at an address of a process; "" where it is on the heap or a stack, or has no name. */
  variable(pid: number, address: string): string {
    const key = `${pid} ${address}`;
    let name = this.#names.get(key);
    if (name === undefined) {
      name = this.#find(pid, Number(address));
      this.#names.set(key, name);
    }
    return name;
  }

  #find(pid: number, address: number): string {
    for (const module of this.#modules.get(pid) ?? []) {
      const table = this.#symbols?.tableOf({ path: module.path, buildId: "", pid });
      const code = table?.segments.find(
        ({ offset, sizeBytes }) =>
          module.offset <= offset + sizeBytes && module.offset + module.end - module.start >= offset,
      );
      if (!table?.variable || !code) continue;
      const at = address - (module.start - module.offset) - code.offset + code.address;
      if (at < 0) continue;
      const found = table.variable(Math.floor(at / 2 ** 32), at % 2 ** 32);
      if (found !== null) return found;
    }
    return "";
  }
}
