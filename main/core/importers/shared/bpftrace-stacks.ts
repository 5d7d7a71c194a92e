import { linesOf } from "./bpftrace-split.ts";
import type { PerfTextMaps } from "./perf-text-maps.ts";

interface UserFrame {
  readonly line: string;
  readonly name: string;
}

/**
 * Frames of a program. bpftrace reads names while it prints, and knows none of a program that has ended by then: the list of
 * what was mapped where still tells them.
 */
export class UserStacks {
  readonly #maps: PerfTextMaps;
  readonly #pid: number;
  readonly #frames = new Map<string, UserFrame>();

  constructor(maps: PerfTextMaps, pid: number) {
    this.#maps = maps;
    this.#pid = pid;
  }

  /** From the innermost out. */
  frames(stack: string): readonly UserFrame[] {
    return linesOf(stack).map((line) => {
      let frame = this.#frames.get(line);
      if (!frame) {
        frame = this.#frame(line);
        this.#frames.set(line, frame);
      }
      return frame;
    });
  }

  /** The function at an address; null where none is known. */
  at(address: number): UserFrame | null {
    const code = this.#maps.code(this.#pid, address);
    return code && { name: code.name, line: `\t${address.toString(16)} ${code.name} (${code.path})` };
  }

  /** "7f0aa12b __lll_lock_wait+43 (/usr/lib/libc.so.6)" */
  #frame(line: string): UserFrame {
    const [, hex = "", name = ""] = /^\s*([0-9a-f]{1,16}) (.*?)(?:\+\d+)?(?: \(.*\))?$/.exec(line) ?? [];
    return (hex === "" ? null : this.at(Number.parseInt(hex, 16))) ?? { line, name };
  }
}

export const textOf = (frames: readonly UserFrame[]): string =>
  `\n${frames.map(({ line }) => line).join("\n")}\n`;
