import { looksLikeLtrace } from "./ltrace-lines.ts";
import { durationOf, looksTraced, readPrefix, type TraceLine } from "./trace-lines.ts";

const result = /\)\s*= (.*?)(?: <(\d+\.\d+)>)?$/;

/** One line that is no stack, or null where it is of another kind. */
export function readStraceLine(text: string): TraceLine | null {
  const { pid, clock, rest } = readPrefix(text);
  const base = { pid, clock };
  const resumed = /^<\.\.\. (\w+) resumed>/.exec(rest);
  const call = resumed ?? /^([a-z_]\w*)\(/.exec(rest);
  if (call) {
    const name = call[1] ?? "";
    const after = rest.slice(call[0].length);
    if (!resumed && after.endsWith("<unfinished ...>"))
      return { ...base, kind: "unfinished", name, args: after.slice(0, -"<unfinished ...>".length).trim() };
    const end = result.exec(after);
    if (!end) return null;
    return {
      ...base,
      kind: resumed ? "resumed" : "call",
      name,
      args: after.slice(0, end.index).trim(),
      result: (end[1] ?? "").trim(),
      durationNs: durationOf(end[2]),
    };
  }
  const signal = /^--- (\w+)(?: (.*))? ---$/.exec(rest);
  if (signal) return { ...base, kind: "signal", name: signal[1] ?? "", args: signal[2] ?? "" };
  const exit = /^\+\+\+ (.*) \+\+\+$/.exec(rest);
  if (exit) return { ...base, kind: "exit", name: exit[1] ?? "", args: "" };
  return null;
}

export const straceWord = /^strace: /;

export const looksLikeStrace = (head: Uint8Array): boolean =>
  looksTraced(head, readStraceLine, straceWord) && !looksLikeLtrace(head);
