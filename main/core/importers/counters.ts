import * as v from "valibot";
import { startsWith, textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import type { StreamImporter } from "./importer.ts";
import { counterLineSchema, countersMagic } from "./shared/counters-format.ts";

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
      const row = v.safeParse(counterLineSchema, jsonOf(text));
      if (!row.success || (!known.has(row.output.id) && known.size >= MAX_COUNTERS)) {
        unread++;
        return;
      }
      const { id, name, unit, timeNs, value } = row.output;
      known.add(id);
      out.counter(id, name, unit, out.seen(timeNs), value);
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

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
