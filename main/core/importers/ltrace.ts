import type { StreamImporter } from "./importer.ts";
import { looksLikeLtrace, ltraceWord, readLtraceLine } from "./shared/ltrace-lines.ts";
import { errorName } from "./shared/syscall-names.ts";
import { TracedCalls, type Tracing } from "./shared/traced-calls.ts";

/**
 * Output of ltrace, each call of a library's function and with -S of the system: of one process or many (-f), with or without
 * times (-t, -tt, -ttt, -r), durations (-T), places (-i), libraries (-l). https://man7.org/linux/man-pages/man1/ltrace.1.html
 */
export const ltrace: StreamImporter = {
  id: "ltrace",
  title: "ltrace",
  extensions: ["ltrace", "txt"],
  order: 211,
  kind: "stream",
  sniff: looksLikeLtrace,
  open: (out, context) => new TracedCalls(tracing, out, context),
};

const isOfKernel = (name: string): boolean => /^SYS_/.test(name);

const tracing: Tracing = {
  id: "ltrace",
  series: { id: "library-calls", name: "Library calls" },
  isNested: true,
  readLine: readLtraceLine,
  isOfKernel,
  errorOf: (name, result) => {
    const number = /^-(\d{1,4})$/.exec(result)?.[1];
    return isOfKernel(name) && number !== undefined ? errorName(-Number(number)) : "";
  },
  wordOf: (text) => (ltraceWord.test(text) ? `ltrace said: ${text.trim().slice(0, 200)}` : null),
};
