import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import type { FunctionKind } from "../../model/profile.ts";
import { isJitBinary, isKernelBinary, readJitName } from "./jit-names.ts";

interface Stack {
  /** Lines, the innermost first. */
  readonly frames: string[];
  isKernel: boolean;
}

interface ReadFrame {
  readonly isKernel: boolean;
  inKernel: number | null;
  inProgram: number | null;
}

interface ReadKey {
  readonly stack: number;
  /** What is not a stack, in order. */
  readonly scalars: readonly string[];
}

/** What every way into the kernel of x86-64 and arm64 has on its stack. */
const kernelEntry =
  /^(entry_SYSCALL|do_syscall_|__x64_sys_|__arm64_sys_|el0t?_|asm_|ret_from_fork|secondary_startup|start_secondary|do_idle|cpu_startup_entry)/;

/**
 * The key of a map of bpftrace: `comm, \n    frame+12\n    frame+3\n, 42`. Lines that begin with a blank are frames, the
 * innermost first; the others are its other parts. Of a stack of the kernel and one of the program, in either order, one
 * becomes that goes from the program into the kernel.
 */
export class BpftraceKeys {
  readonly #out: ProfileBuilder;
  readonly #maxDepth: number;
  /** Lines, and what they are in a stack of the program and in one of the kernel. */
  readonly #frames = new Map<string, ReadFrame>();

  constructor(out: ProfileBuilder, maxDepth: number) {
    this.#out = out;
    this.#maxDepth = maxDepth;
  }

  read(key: string): ReadKey {
    const stacks: Stack[] = [];
    const scalars: string[] = [];
    let open: Stack | null = null;
    let isCut = false;
    for (const line of key.split("\n")) {
      if (
        /^[ \t]+\S/.test(line) &&
        (open || scalars.length > 0 || stacks.length > 0 || key.startsWith("\n"))
      ) {
        if (!open) {
          open = { frames: [], isKernel: false };
          stacks.push(open);
        }
        if (open.frames.length >= this.#maxDepth) isCut = true;
        else this.#add(open, line.trim());
        continue;
      }
      open = null;
      const text = line.replace(/^, ?/, "").replace(/,\s*$/, "");
      if (text.trim() !== "") scalars.push(...text.split(/, ?/));
      // A stack that is empty, between two others, has a line of its own.
      else if (line.trim() === "," && stacks.length > 0) stacks.push({ frames: [], isKernel: false });
    }
    if (isCut) this.#out.note(`Stacks deeper than ${this.#maxDepth} frames were cut at their outer end.`);
    const all = inwards(stacks).reduce<number>((outer, stack) => this.#build(outer, stack), NONE);
    return { stack: all, scalars };
  }

  /** The stack of a key that has none: its parts as frames. */
  named(parts: readonly string[]): number {
    return parts.reduce((stack, part) => this.#out.stack(stack, this.#plainFrame(part, "unknown")), NONE);
  }

  /** A frame below a stack, for the bucket of a histogram. */
  below(stack: number, name: string): number {
    return this.#out.stack(stack, this.#plainFrame(name, "unknown"));
  }

  #build(outer: number, { frames, isKernel }: Stack): number {
    let stack = outer;
    for (let i = frames.length - 1; i >= 0; i--)
      stack = this.#out.stack(stack, this.#frame(frames[i] as string, isKernel));
    return stack;
  }

  /** One frame of the kernel makes all of its stack the kernel's. */
  #frame(text: string, isKernel: boolean): number {
    const known = this.#known(text);
    if (isKernel) {
      known.inKernel ??= this.#make(text, true);
      return known.inKernel;
    }
    known.inProgram ??= this.#make(text, false);
    return known.inProgram;
  }

  #known(text: string): ReadFrame {
    let known = this.#frames.get(text);
    if (!known) {
      known = { isKernel: isKernelFrame(text), inKernel: null, inProgram: null };
      this.#frames.set(text, known);
    }
    return known;
  }

  #plainFrame(name: string, kind: FunctionKind): number {
    return this.#out.frame({ function: this.#out.function({ name: this.#out.string(name), kind }) });
  }

  #add(stack: Stack, text: string): void {
    stack.frames.push(text);
    if (this.#known(text).isKernel) stack.isKernel = true;
  }

  #make(text: string, isKernel: boolean): number {
    const out = this.#out;
    const { hex, hasAddress, high, path, symbol } = readLine(text);
    const named =
      path !== "" && isJitBinary(path)
        ? readJitName(symbol)
        : { name: symbol, file: "", line: NONE, column: NONE, kind: kindOf(isKernel, hasAddress) };
    const whole = out.string(symbol);
    const name = out.string(named.name);
    return out.frame({
      function: out.function({
        name,
        binary: path === "" || path === "[unknown]" ? NONE : out.binary(path),
        file: named.file === "" ? NONE : out.string(named.file),
        line: named.line,
        kind: named.kind,
      }),
      ...(hasAddress && { addressHigh: high, addressLow: Number.parseInt(hex.slice(8), 16) }),
      line: named.line,
      column: named.column,
      symbol: whole === name ? NONE : whole,
    });
  }
}

/** "burn_b+62", "0x7fad7f9b7b46", "55a01d7c351e burn_b+62 (/srv/cpu)", "ffffffff81000010". */
function readLine(text: string) {
  const perf = /^([0-9a-f]{4,16}) (.*?)(?:\+\d+)? \((.*)\)$/s.exec(text);
  const bare = perf ? null : /^(?:0x([0-9a-f]{1,16})|([0-9a-f]{8,16}))$/.exec(text);
  const hex = (perf?.[1] ?? bare?.[1] ?? bare?.[2] ?? "").padStart(16, "0");
  return {
    hex,
    hasAddress: perf !== null || bare !== null,
    high: Number.parseInt(hex.slice(0, 8), 16),
    path: perf?.[3] ?? "",
    symbol: perf ? (perf[2] ?? "") : bare ? "[unknown]" : text.replace(/\+\d+$/, ""),
  };
}

function isKernelFrame(text: string): boolean {
  const { high, path, symbol } = readLine(text);
  return high >= 0xffff0000 || kernelEntry.test(symbol) || (path !== "" && isKernelBinary(path));
}

const kindOf = (isKernel: boolean, hasAddress: boolean): FunctionKind =>
  isKernel ? "kernel" : hasAddress ? "native" : "unknown";

/** Program first. Where neither says that it is the kernel's, the first is, as in `@[kstack, ustack]`. */
function inwards(stacks: readonly Stack[]): readonly Stack[] {
  const filled = stacks.filter(({ frames }) => frames.length > 0);
  if (filled.some(({ isKernel }) => isKernel))
    return [...filled.filter((each) => !each.isKernel), ...filled.filter((each) => each.isKernel)];
  return filled.reverse();
}
