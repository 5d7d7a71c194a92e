import { textOf } from "../bytes/ascii.ts";
import {
  type JsonObject,
  type JsonValue,
  jsonArray,
  jsonNumber,
  jsonObject,
  jsonText,
} from "../bytes/json-value.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { StreamImporter } from "./importer.ts";
import { jsonParser } from "./shared/json-import.ts";
import { memrayFrame } from "./shared/memray-frames.ts";

/**
 * `memray stats --json`: the costliest places and modules, sizes and allocators of a whole run.
 * https://bloomberg.github.io/memray/stats.html
 */
export const memrayStats: StreamImporter = {
  id: "memray-stats",
  title: "memray statistics",
  extensions: ["json"],
  order: 58,
  kind: "stream",
  sniff: (head) =>
    /^\ufeff?\s*\{\s*"total_num_allocations"\s*:\s*\d+\s*,\s*"total_bytes_allocated"\s*:/.test(
      textOf(head.subarray(0, 1024)),
    ),
  open: (out) => {
    out.meta({ format: memrayStats.id, tool: "memray" });
    return jsonParser(out, (root) => read(out, jsonObject(root)));
  },
};

interface Table {
  readonly id: string;
  readonly name: string;
  readonly rows: readonly JsonValue[];
  readonly frame: (row: JsonObject) => number;
  readonly value: (row: JsonObject) => number;
  readonly unit: "bytes" | "count";
}

function read(out: ProfileBuilder, root: JsonObject): void {
  const metadata = jsonObject(root.metadata);
  const startMs = Date.parse(jsonText(metadata.start_time).replace(" ", "T"));
  const endMs = Date.parse(jsonText(metadata.end_time).replace(" ", "T"));
  if (!Number.isNaN(startMs)) out.meta({ startedAtMs: startMs });
  if (endMs >= startMs) out.seen((endMs - startMs) * 1e6);
  const pid = jsonNumber(metadata.pid, NONE);
  const command = jsonText(metadata.command_line);
  out.meta({ command, target: pid === NONE ? command : `${command} ${pid}`.trim() });
  const place = (row: JsonObject): number => {
    const text = jsonText(row.location);
    const first = text.indexOf(":");
    const last = text.lastIndexOf(":");
    return first === last
      ? memrayFrame(out, text, "", NONE)
      : memrayFrame(out, text.slice(0, first), text.slice(first + 1, last), Number(text.slice(last + 1)));
  };
  const named = (text: string): number =>
    out.frame({ function: out.function({ name: out.string(text), kind: "python" }) });
  const distribution = Object.entries(jsonObject(root.allocator_type_distribution));
  const tables: readonly Table[] = [
    {
      id: "size",
      name: "Bytes by place",
      rows: jsonArray(root.top_allocations_by_size),
      frame: place,
      value: (row) => jsonNumber(row.size, 0),
      unit: "bytes",
    },
    {
      id: "allocations",
      name: "Allocations by place",
      rows: jsonArray(root.top_allocations_by_count),
      frame: place,
      value: (row) => jsonNumber(row.count, 0),
      unit: "count",
    },
    {
      id: "module-size",
      name: "Bytes by module",
      rows: jsonArray(root.top_modules_by_allocation_size),
      frame: (row) => named(jsonText(row.module)),
      value: (row) => jsonNumber(row.total_bytes, 0),
      unit: "bytes",
    },
    {
      id: "module-allocations",
      name: "Allocations by module",
      rows: jsonArray(root.top_modules_by_allocation_count),
      frame: (row) => named(jsonText(row.module)),
      value: (row) => jsonNumber(row.num_allocations, 0),
      unit: "count",
    },
    {
      id: "allocators",
      name: "Allocations by allocator",
      rows: distribution.map(([name, count]) => ({ name, count: count ?? 0 })),
      frame: (row) => named(jsonText(row.name)),
      value: (row) => jsonNumber(row.count, 0),
      unit: "count",
    },
    {
      id: "sizes",
      name: "Allocations by size",
      rows: jsonArray(root.allocation_size_histogram),
      frame: (row) => named(`${jsonNumber(row.min_bytes, 0)} to ${jsonNumber(row.max_bytes, 0)} bytes`),
      value: (row) => jsonNumber(row.count, 0),
      unit: "count",
    },
  ];
  for (const { id, name, rows, frame, value, unit } of tables) {
    if (rows.length === 0) continue;
    const series = out.series({ id, name, kind: "alloc", timed: false, values: [{ name: id, unit }] });
    for (const row of rows) {
      const object = jsonObject(row);
      const count = value(object);
      if (count !== 0) series.add(0, NONE, out.stack(NONE, frame(object)), count);
    }
  }
  const whole: readonly (readonly [string, string, JsonValue | undefined])[] = [
    ["total allocations", "count", root.total_num_allocations],
    ["total memory allocated", "bytes", root.total_bytes_allocated],
    ["peak memory", "bytes", metadata.peak_memory],
  ];
  for (const [name, unit, value] of whole) {
    const number = jsonNumber(value, Number.NaN);
    if (!Number.isNaN(number)) out.counter(name, name, unit, out.lastTimeNs, number);
  }
  out.note(
    "These are statistics: the costliest places only, and no stacks. `memray transform csv` has all of them.",
  );
}
