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
