import { NONE, type ProfileBuilder } from "../../model/builder.ts";

interface ValgrindFrame {
  /** "0x4841", or "". */
  readonly address: string;
  readonly name: string;
  readonly binary: string;
  readonly file: string;
  readonly line: number;
}

/** "0x10923B: big_hold (leak.cpp:13)", "0x48: malloc (in /usr/lib/x.so)", "0x4E: ???". */
export function parseValgrindFrame(text: string): ValgrindFrame {
  const [, address = "", rest = text] = /^(0x[0-9A-Fa-f]+): (.*)$/s.exec(text) ?? [];
  const inside = /^(.*) \(in ([^()]*)\)$/s.exec(rest);
  if (inside) return { address, name: inside[1] ?? "", binary: inside[2] ?? "", file: "", line: NONE };
  const placed = /^(.*) \(([^()]*):(\d{1,9})\)$/s.exec(rest);
  if (placed)
    return { address, name: placed[1] ?? "", binary: "", file: placed[2] ?? "", line: Number(placed[3]) };
  return { address, name: rest, binary: "", file: "", line: NONE };
}

/** A row of the frame table. */
export function valgrindFrame(out: ProfileBuilder, frame: ValgrindFrame): number {
  const digits = /^0x([0-9A-Fa-f]{1,16})$/.exec(frame.address)?.[1];
  const address = digits === undefined ? null : BigInt(`0x${digits}`);
  return out.frame({
    function: out.function({
      name: out.string(frame.name),
      kind: "native",
      ...(frame.binary !== "" && { binary: out.binary(frame.binary) }),
      ...(frame.file !== "" && { file: out.string(frame.file) }),
    }),
    ...(address !== null && {
      addressHigh: Number(address >> 32n),
      addressLow: Number(address & 0xffff_ffffn),
    }),
    line: frame.line,
  });
}

/** A stack from frames of which the innermost is the first. */
export function stackInwards(out: ProfileBuilder, frames: readonly number[], maxDepth: number): number {
  let stack = NONE;
  for (let i = Math.min(frames.length, maxDepth) - 1; i >= 0; i--)
    stack = out.stack(stack, frames[i] as number);
  return stack;
}
