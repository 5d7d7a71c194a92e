import { execaSync } from "execa";

/** Names that a linker took from C++, Rust, D or Swift; nothing else goes to the program, one a line. */
const mangled = /^(?:_Z|__Z|_R[A-Z]|_D\d|_?\$s)[\w.$@]*$/;
/** Rust's older names end in a hash of what was compiled; in newer ones c++filt says it of each crate: "std[e28293b1aa0f68bd]". */
const rustHash = /::h[0-9a-f]{16}$|(?<=\w)\[[0-9a-f]{12,16}\]/g;
const MAX_OUTPUT_BYTES = 2 ** 30;
const TIME_LIMIT_MS = 60_000;

/**
 * Names as they stand in the source, without parameters, as perf shows them. c++filt of binutils does it; where it is
 * not on the machine, or fails, the names stay as they are and `isDone` is false.
 */
export function demangle(names: readonly string[]): {
  readonly names: readonly string[];
  readonly isDone: boolean;
} {
  const rows = names.flatMap((name, row) => (mangled.test(name) ? [row] : []));
  if (rows.length === 0) return { names, isDone: true };
  const { stdout, failed } = execaSync("c++filt", ["--no-params"], {
    input: rows.map((row) => names[row]).join("\n"),
    reject: false,
    timeout: TIME_LIMIT_MS,
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  const lines = failed ? [] : stdout.split("\n");
  if (lines.length !== rows.length) return { names, isDone: false };
  const plain = [...names];
  for (const [i, row] of rows.entries()) plain[row] = (lines[i] ?? plain[row] ?? "").replace(rustHash, "");
  return { names: plain, isDone: true };
}
