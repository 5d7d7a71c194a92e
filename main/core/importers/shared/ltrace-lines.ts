import { durationOf, headLines, looksTraced, readPrefix, type TraceLine } from "./trace-lines.ts";

/**
 * Lines of ltrace are as strace's, but for where the call was made (-i), the library (-l), names of any language (-C), and
 * ends of lines of their own.
 *
 *     4711 1700000000.261577 [0x55dbe9cc62f4] libc.so.6->qsort(0x7ffef5e657c0, 3, 8 <unfinished ...>
 *     4711 1700000000.261766   strcmp("apple", "fig")   = -5 <0.000133>
 *     4711 1700000000.262138 <... qsort resumed> )      = <void> <0.000566>
 *     4711 1700000000.270000 waitpid(22269, 0x7ffdbb2dc3cc, 0 <no return ...>
 */
const address = /^\s*\[(?:0x([0-9a-f]{1,16})|\(nil\))\] /;
const begun = /<(?:unfinished|no return) \.\.\.>$/;
/** What it gives back stands behind the last bracket: there may be any text in the arguments. */
const result = /^(.*)\)\s*= (.*?)(?: <(\d+\.\d+)>)?$/;

export function readLtraceLine(text: string): TraceLine | null {
  const { pid, clock, rest: behind } = readPrefix(text);
  const [at = "", place = ""] = address.exec(behind) ?? [];
  const base = { pid, clock, ...(place === "" ? {} : { place }) };
  const rest = behind.slice(at.length).trimStart();
  const resumed = /^<\.\.\. (.+?) resumed> /.exec(rest);
  const call = resumed ?? /^([A-Za-z_~.$][^("=]*)\(/.exec(rest);
  if (call) {
    const [, library = "", name = ""] = /^(?:([\w.+-]+)->)?(.*)$/.exec((call[1] ?? "").trim()) ?? [];
    const whose = library === "" ? {} : { library };
    const after = rest.slice(call[0].length);
    if (!resumed && begun.test(after))
      return { ...base, ...whose, kind: "unfinished", name, args: after.replace(begun, "").trim() };
    const end = result.exec(after);
    if (!end) return null;
    return {
      ...base,
      ...whose,
      kind: resumed ? "resumed" : "call",
      name,
      args: (end[1] ?? "").trim(),
      result: (end[2] ?? "").trim(),
      durationNs: durationOf(end[3]),
    };
  }
  const signal = /^--- (\w+)(?: \((.*)\))? ---$/.exec(rest);
  if (signal) return { ...base, kind: "signal", name: signal[1] ?? "", args: signal[2] ?? "" };
  const exit = /^(?:\+\+\+ (.*) \+\+\+|--- (Called .*) ---)$/.exec(rest);
  if (exit) return { ...base, kind: "exit", name: exit[1] ?? exit[2] ?? "", args: "" };
  return null;
}

export const ltraceWord = /^(?:ltrace: |Cannot attach to pid|Couldn't |Warning: |Found |Unexpected )/;

/** What strace never writes. */
const own =
  /= <void>(?: <[\d.]+>)?$|<no return \.\.\.>$|--- SIG\w+ \(|\+\+\+ exited \(status|^(?:\S+ )*\s*\[0x[0-9a-f]+\] |(?:^|[\s>])SYS_\w+\(|(?:^|\s)(?:malloc|free|calloc|realloc|str\w+|mem(?:cpy|set|cmp|move|chr)|f?printf|puts|f(?:open|close|read|write|gets|puts|flush)|_Z\w+|operator \w+|pthread_\w+|getenv)\(/;

export const looksLikeLtrace = (head: Uint8Array): boolean =>
  headLines(head).some((line) => own.test(line)) && looksTraced(head, readLtraceLine, ltraceWord);
