import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder, type SeriesBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { IndentedCalls } from "./shared/indented-calls.ts";

/**
 * Call graphs of FreeBSD's `pmcstat -G`: for each event a tree from the innermost function to its callers.
 * https://man.freebsd.org/cgi/man.cgi?query=pmcstat
 *
 *     @ inst_retired.any [35705 samples]
 *
 *     20.86%  [7447]     zfs_lz4_compress @ /boot/kernel/zfs.ko
 *      100.0%  [7447]      zio_compress_data
 */
export const pmcstat: StreamImporter = {
  id: "pmcstat",
  title: "pmcstat call graph",
  extensions: ["graph", "txt"],
  order: 290,
  kind: "stream",
  sniff: (head) =>
    /^(?:(?:#|\/\/)[^\n]*\n|[^\S\n]*\n)*@ \S+ \[\d+ samples\]\r?\n/.test(textOf(head.subarray(0, 8192))),
  open: (out, context) => createParser(out, context),
};

const eventLine = /^@ (\S+) \[(\d+) samples\]$/;
const frameLine = /^( *)[\d.]+%\s+\[(\d+)\]\s+(\S.*?)(?: @ (\S.*))?$/;

function createParser(out: ProfileBuilder, { limits }: ImportContext): StreamParser {
  let series: SeriesBuilder | null = null;
  let binary = NONE;
  let unread = 0;
  const tree = new IndentedCalls<number>(limits.maxStackDepth, (path, [own = 0]) => {
    if (own === 0) return;
    // The outermost line is the innermost function.
    let stack = NONE;
    for (let i = path.length - 1; i >= 0; i--) stack = out.stack(stack, path[i] as number);
    if (series && series.length < limits.maxSamples) series.add(0, NONE, stack, own);
  });
  const lines = new LineSplitter((bytes, start, end) => {
    const line = textOf(bytes, start, end);
    if (line.trim() === "" || line.startsWith("#") || line.startsWith("//")) return;
    const event = eventLine.exec(line);
    if (event) {
      tree.end();
      const name = event[1] ?? "";
      series = out.series({
        id: name,
        kind: "cpu",
        timed: false,
        values: [{ name: "samples", unit: "samples" }],
      });
      return;
    }
    const frame = series && frameLine.exec(line);
    if (!frame) {
      unread++;
      return;
    }
    const [, indent = "", count = "", name = "", path] = frame;
    if (path !== undefined) binary = out.binary(path);
    const isKernel = path?.includes("/boot/kernel/") ?? false;
    const kind = isKernel ? "kernel" : "native";
    const row = out.frame({ function: out.function({ name: out.string(name), binary, kind }) });
    tree.line(indent.length, row, [Number(count)]);
  }, 1 << 20);
  out.meta({ format: pmcstat.id, tool: "pmcstat" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      tree.end();
      if (unread > 0) out.note(`${unread} ${unread === 1 ? "line" : "lines"} could not be read.`);
      if (tree.tooDeep > 0) out.note(`${tree.tooDeep} lines were too deep and were left out.`);
    },
  };
}
