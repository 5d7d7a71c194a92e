import { startsWith, textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { memrayFrame, memrayThread, memrayValues } from "./shared/memray-frames.ts";

/**
 * `memray transform csv`: allocations at the peak (or what leaked) with whole stacks, innermost first.
 * https://bloomberg.github.io/memray/transform.html
 *
 *     allocator,num_allocations,size,tid,thread_name,stack_trace
 *     MALLOC,200,200200,1,0x1,load;demo.py;2|main;demo.py;12
 */
export const memrayCsv: StreamImporter = {
  id: "memray-csv",
  title: "memray as CSV",
  extensions: ["csv"],
  order: 57,
  kind: "stream",
  sniff: (head) => startsWith(head, 0, head.length, header),
  open: createParser,
};

const header = "allocator,num_allocations,size,tid,thread_name,stack_trace";
/** A row whose quotes do not close is no row. */
const MAX_ROW = 8 << 20;

/** Fields of a row of CSV as Python writes it, or null where a quoted field goes on in the next line. */
function fieldsOf(row: string): readonly string[] | null {
  if (!row.includes('"')) return row.split(",");
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (row[at] === '"') {
      let text = "";
      at++;
      for (;;) {
        const end = row.indexOf('"', at);
        if (end === -1) return null;
        text += row.slice(at, end);
        at = end + 1;
        if (row[at] !== '"') break;
        text += '"';
        at++;
      }
      fields.push(text);
    } else {
      const end = row.indexOf(",", at);
      fields.push(row.slice(at, end === -1 ? undefined : end));
      at = end === -1 ? row.length : end;
    }
    if (at >= row.length) return fields;
    at++;
  }
}

function createParser(out: ProfileBuilder, { limits }: ImportContext): StreamParser {
  const frames = new Map<string, number>();
  let pending = "";
  let isFirst = true;
  let malformed = 0;
  let cut = 0;
  let tooMany = 0;
  const series = out.series({ id: "size", name: "Memory", kind: "heap", timed: false, values: memrayValues });
  const allocator = out.string("allocator");

  const frameOf = (text: string): number => {
    const known = frames.get(text);
    if (known !== undefined) return known;
    const last = text.lastIndexOf(";");
    const middle = text.lastIndexOf(";", last - 1);
    const frame =
      middle > 0
        ? memrayFrame(out, text.slice(0, middle), text.slice(middle + 1, last), Number(text.slice(last + 1)))
        : memrayFrame(out, text, "", NONE);
    frames.set(text, frame);
    return frame;
  };

  const stackOf = (text: string): number => {
    if (text === "") return NONE;
    // Names and files may have bars in them; a frame ends with its line.
    const parts: string[] = [];
    let open = "";
    for (const part of text.split("|")) {
      open = open === "" ? part : `${open}|${part}`;
      if (!/;-?\d+$/.test(part)) continue;
      parts.push(open);
      open = "";
    }
    if (open !== "") parts.push(open);
    let stack = NONE;
    for (let i = Math.min(parts.length, limits.maxStackDepth) - 1; i >= 0; i--)
      stack = out.stack(stack, frameOf(parts[i] as string));
    cut += Math.max(0, parts.length - limits.maxStackDepth);
    return stack;
  };

  const row = (fields: readonly string[]): void => {
    const [kind = "", count = "", size = "", , thread = "", stack = ""] = fields;
    if (fields.length !== 6 || !/^\d+$/.test(count) || !/^\d+$/.test(size)) malformed++;
    else if (series.length >= limits.maxSamples) tooMany++;
    else {
      const labels = out.labelSet([{ key: allocator, text: out.string(kind) }]);
      series.add(0, memrayThread(out, thread), stackOf(stack), Number(size), Number(count), labels);
    }
  };

  const lines = new LineSplitter((bytes, start, end) => {
    if (isFirst) {
      isFirst = false;
      return;
    }
    const text = pending + textOf(bytes, start, end);
    pending = "";
    if (text === "") return;
    const fields = fieldsOf(text);
    if (fields) row(fields);
    else if (text.length > MAX_ROW) malformed++;
    else pending = `${text}\n`;
  }, MAX_ROW);

  out.meta({ format: memrayCsv.id, tool: "memray" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      if (pending !== "") malformed++;
      if (malformed > 0) out.note(`${malformed} rows could not be read.`);
      if (cut > 0) out.note(`${cut} frames were deeper than ${limits.maxStackDepth} and were cut.`);
      if (tooMany > 0) out.note(`${tooMany} rows more than the limit were left out.`);
    },
  };
}
