import * as v from "valibot";
import { startsWith, textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import type { ProfileBuilder } from "../model/builder.ts";
import type { StreamImporter } from "./importer.ts";
import { type CountersLine, countersMagic, lineSchema } from "./shared/counters-format.ts";
import { addMoved } from "./shared/moved-bytes.ts";

/** More than the workbench reads of any process. */
const MAX_COUNTERS = 1000;

/** What the workbench reads of a process by itself (see shared/counters-format.ts). */
export const counters: StreamImporter = {
  id: "counters",
  title: "Counters of a process",
  extensions: ["counters"],
  order: 220,
  kind: "stream",
  sniff: (head) => startsWith(head, 0, head.length, countersMagic),
  open: (out) => {
    const known = new Set<string>();
    let unread = 0;
    let isFirst = true;
    const lines = new LineSplitter((bytes, start, end) => {
      const text = textOf(bytes, start, end).trim();
      if (isFirst || text === "") {
        isFirst = false;
        return;
      }
      const row = v.safeParse(lineSchema, jsonOf(text));
      if (!row.success || !take(out, known, row.output)) unread++;
    }, 1 << 16);
    out.meta({ format: counters.id, tool: "/proc" });
    return {
      push: (chunk) => lines.push(chunk),
      end: () => {
        lines.end();
        if (unread > 0) out.note(`${unread} ${unread === 1 ? "line" : "lines"} could not be read.`);
      },
    };
  },
};

function take(out: ProfileBuilder, known: Set<string>, line: CountersLine): boolean {
  if ("value" in line) {
    const { id, name, unit, timeNs, value } = line;
    if (!known.has(id) && known.size >= MAX_COUNTERS) return false;
    known.add(id);
    out.counter(id, name, unit, out.seen(timeNs), value);
  } else if ("tid" in line) {
    const thread = out.thread(out.process(line.pid), line.tid, line.thread);
    addMoved(out, "read", { thread, timeNs: line.timeNs, bytes: line.read });
    addMoved(out, "write", { thread, timeNs: line.timeNs, bytes: line.written });
  } else {
    const [category, name, args] = [out.string(line.category), out.string(line.name), out.string(line.args)];
    out.interval({ start: out.seen(line.timeNs), end: line.timeNs, category, name, args });
  }
  return true;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
