import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { StreamImporter, StreamParser } from "./importer.ts";

/**
 * Objects on a Java heap by class: `jcmd PID GC.class_histogram`, `jmap -histo PID`.
 *
 *      num     #instances         #bytes  class name (module)
 *     -------------------------------------------------------
 *        1:         14577         940016  [B (java.base@17.0.21.1)
 */
export const classHistogram: StreamImporter = {
  id: "class-histogram",
  title: "Java class histogram",
  extensions: ["txt"],
  order: 257,
  kind: "stream",
  sniff: (head) => !head.subarray(0, 4096).includes(0) && header.test(textOf(head.subarray(0, 4096))),
  open: (out) => createParser(out),
};

const header = /^ num +#instances +#bytes +class name/m;
const elementTypes: Readonly<Record<string, string>> = {
  B: "byte",
  C: "char",
  D: "double",
  F: "float",
  I: "int",
  J: "long",
  S: "short",
  Z: "boolean",
};

function createParser(out: ProfileBuilder): StreamParser {
  const series = out.series({
    id: "heap",
    name: "Java heap",
    kind: "heap",
    timed: false,
    values: [
      { name: "bytes", unit: "bytes" },
      { name: "instances", unit: "count" },
    ],
  });
  let unread = 0;
  let isTable = false;
  const lines = new LineSplitter((bytes, start, end) => {
    const line = textOf(bytes, start, end).trimEnd();
    if (header.test(line)) {
      isTable = true;
      return;
    }
    const pid = isTable ? undefined : /^(\d{1,9}):$/.exec(line)?.[1];
    if (pid !== undefined) out.process(Number(pid));
    if (!isTable || line === "" || /^-+$|^Total +\d/.test(line)) return;
    const row = /^ *\d+: +(\d+) +(\d+) +(\S+)(?: \((.+)\))?$/.exec(line);
    if (!row) {
      unread++;
      return;
    }
    const [, instances, size, name = "", module] = row;
    const index = out.function({
      name: out.string(className(name)),
      kind: "java",
      ...(module !== undefined && { binary: out.binary(module) }),
    });
    series.addValues(0, NONE, out.stack(NONE, out.frame({ function: index })), [
      Number(size),
      Number(instances),
    ]);
  }, 1 << 16);
  out.meta({ format: classHistogram.id, tool: "jcmd" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      if (unread > 0) out.note(`${unread} ${unread === 1 ? "line" : "lines"} could not be read.`);
    },
  };
}

/** "[[B" as "byte[][]", "[Ljava.lang.Object;" as "java.lang.Object[]". */
function className(name: string): string {
  const dimensions = /^\[+/.exec(name)?.[0].length ?? 0;
  if (dimensions === 0) return name;
  const element = name.slice(dimensions);
  const type = /^L(.+);$/.exec(element)?.[1] ?? elementTypes[element] ?? element;
  return type + "[]".repeat(dimensions);
}
