import type { FunctionKind } from "../../model/profile.ts";

/** What a symbol's name says about the function behind it. */
export interface NamedFunction {
  readonly name: string;
  /** "" where the name does not say. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly kind: FunctionKind;
}

const plain = (name: string, kind: FunctionKind): NamedFunction => ({
  name,
  file: "",
  line: -1,
  column: -1,
  kind,
});

/** A map of a runtime's code, or its jitdump: by address in memory, and it grows. */
export const isJitMap = (path: string): boolean => /^\/tmp\/perf-\d+\.map$/.test(path) || isJitDump(path);
export const isJitDump = (path: string): boolean => /^\/(?:.*\/)?jit-\d+\.dump$/.test(path);

/** Where perf or bpftrace found code that no file on disk has. */
export const isJitBinary = (path: string): boolean =>
  isJitMap(path) ||
  /\/perf-\d+\.map$|\/jitted-[^/]*\.so$|^\/\/anon|^\[anon|^\/memfd:|^anon_inode:/.test(path);

export const isKernelBinary = (path: string): boolean =>
  (/^\[.+\]/.test(path) && !/^\[(unknown|vdso|vsyscall|heap|stack|anon|uprobes)/.test(path)) ||
  /(^|\/)vmlinu[xz][^/]*$|^\/lib\/modules\/|\.ko(\.(xz|gz|zst))?$|^bpf_prog/.test(path);

/**
 * Names that runtimes write into /tmp/perf-PID.map and jitdump: V8 ("JS:*hot /app/a.js:2:14", where the mark is
 * the tier and not part of the name), CPython ("py::hot:/app/a.py"), JVM agents ("Ljava/lang/String;::hashCode").
 */
export function readJitName(symbol: string): NamedFunction {
  const v8 = /^(?:JS|LazyCompile|Function|Script|Eval):[*~^+']?(.*)$/s.exec(symbol);
  if (v8) return readV8Name(v8[1] ?? "");
  if (
    /^(?:Builtin|BuiltinHandler|BytecodeHandler|Bytecode|Stub|RegExp|Handler|LoadIC|StoreIC|KeyedLoadIC)s?:/.test(
      symbol,
    )
  ) {
    return plain(symbol, "node");
  }
  const python = /^py::(.+?):(.*)$/s.exec(symbol);
  if (python) return { ...plain(python[1] ?? "", "python"), file: python[2] ?? "" };
  if (/^L[\w$/]+;::/.test(symbol)) return plain(symbol, "java");
  // Of HotSpot's own map (jcmd Compiler.perfmap): "long JavaSplit.burnA(long)".
  const java = /^[\w.$[\]]+ ([\w.$]+\.[\w$<>]+)\([^()]*\)$/.exec(symbol);
  if (java) return plain(java[1] ?? symbol, "java");
  return plain(symbol, "jit");
}

/** "name file:line:column"; both name and file may have spaces, the name may be empty. */
function readV8Name(text: string): NamedFunction {
  const place = /^(.*?):(\d{1,9})(?::(\d{1,9}))?$/s.exec(text);
  if (!place) return plain(text.trim() || "(anonymous)", "node");
  const where = place[1] ?? "";
  const root = where.search(/ (?=\/|node:|file:|https?:|internal\/|evalmachine|[A-Za-z]:\\)/);
  const cut = root === -1 ? where.lastIndexOf(" ") : root;
  return {
    name: where.slice(0, Math.max(cut, 0)).trim() || "(anonymous)",
    file: where.slice(cut + 1),
    line: Number(place[2]),
    column: place[3] === undefined ? -1 : Number(place[3]),
    kind: "node",
  };
}
