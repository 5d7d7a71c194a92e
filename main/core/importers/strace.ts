import type { StreamImporter } from "./importer.ts";
import { looksLikeStrace, readStraceLine, straceWord } from "./shared/strace-lines.ts";
import { TracedCalls, type Tracing } from "./shared/traced-calls.ts";

/**
 * Output of strace, of one process or many (-f), with or without times (-t, -tt, -ttt, -r), durations (-T) and stacks
 * (-k). https://man7.org/linux/man-pages/man1/strace.1.html
 */
export const strace: StreamImporter = {
  id: "strace",
  title: "strace",
  extensions: ["strace", "txt"],
  order: 210,
  kind: "stream",
  sniff: looksLikeStrace,
  open: (out, context) => new TracedCalls(tracing, out, context),
};

const tracing: Tracing = {
  id: "strace",
  series: { id: "syscalls", name: "System calls" },
  isNested: false,
  readLine: readStraceLine,
  isOfKernel: () => true,
  errorOf: (_, result) => /^-1 (E[A-Z0-9]+)/.exec(result)?.[1] ?? "",
  wordOf: (text) => (straceWord.test(text) ? "" : null),
};
