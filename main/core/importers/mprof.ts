import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import { float64, int32 } from "../model/growable.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";

/**
 * Memory over time as `mprof run` of memory_profiler writes it: MiB and seconds since the epoch, of the process, of its
 * children, and where functions marked with @profile begin and end. https://github.com/pythonprofilers/memory_profiler
 *
 *     FUNC __main__.load 22.8320 1795444220.4115 28.0156 1795444220.6787 1
 *     CMDLINE /usr/bin/python3 mem.py
 *     MEM 20.722656 1795444220.3499
 *     CHLD 11231 18.445312 1795444222.1954
 */
export const mprof: StreamImporter = {
  id: "mprof",
  title: "memory_profiler over time (mprof)",
  extensions: ["dat", "mprof"],
  order: 54,
  kind: "stream",
  sniff: (head) => {
    const lines = textOf(head.subarray(0, 1 << 14)).split(/\r?\n/, 50);
    if (lines.length > 1) lines.pop();
    const isMeasured = lines.some((line) => memory.test(line) || call.test(line));
    return (
      isMeasured && lines.every((line) => memory.test(line) || call.test(line) || line.startsWith("CMDLINE "))
    );
  },
  open: createParser,
};

const memory = /^(?:MEM|CHLD (\d+)) (-?\d+(?:\.\d+)?) (\d+(?:\.\d+)?)\s*$/;
const call =
  /^FUNC (\S.*?) (-?\d+(?:\.\d+)?) (\d+(?:\.\d+)?) (-?\d+(?:\.\d+)?) (\d+(?:\.\d+)?)(?: (\d+))?\s*$/;
/** Longer than any name of a function. */
const MAX_LINE = 4096;
const BYTES_PER_MIB = 2 ** 20;

const bytesOf = (mib: string | undefined): number => Math.round(Number(mib) * BYTES_PER_MIB);
/** Seconds since the epoch fit a float64 down to a microsecond. */
const usOf = (seconds: string | undefined): number => Math.round(Number(seconds) * 1e6);

function createParser(out: ProfileBuilder, { limits }: ImportContext): StreamParser {
  // Calls are written before what was measured while they ran: the earliest time is known at the end.
  const child = int32();
  const atUs = float64();
  const bytes = float64();
  const name = int32();
  const level = int32();
  const startUs = float64();
  const endUs = float64();
  const startBytes = float64();
  const endBytes = float64();
  const commands: string[] = [];
  let unread = 0;
  let tooMany = 0;

  const lines = new LineSplitter((chunk, start, end) => {
    const line = textOf(chunk, start, Math.min(end, start + MAX_LINE));
    const measured = memory.exec(line);
    const called = measured ? null : call.exec(line);
    if (measured || called) {
      if (atUs.length + name.length >= limits.maxSamples) {
        tooMany++;
        return;
      }
    }
    if (measured) {
      child.push(measured[1] === undefined ? NONE : Number(measured[1]) % 2 ** 31);
      bytes.push(bytesOf(measured[2]));
      atUs.push(usOf(measured[3]));
    } else if (called) {
      name.push(out.string(called[1] ?? ""));
      startBytes.push(bytesOf(called[2]));
      startUs.push(usOf(called[3]));
      endBytes.push(bytesOf(called[4]));
      endUs.push(usOf(called[5]));
      level.push(called[6] === undefined ? NONE : Number(called[6]));
    } else if (line.startsWith("CMDLINE ")) {
      if (commands.length < 100) commands.push(line.slice(8).trim());
    } else if (line.trim() !== "") unread++;
  }, 1 << 20);

  const write = (): void => {
    let first = Number.POSITIVE_INFINITY;
    for (const column of [atUs.view(), startUs.view()]) for (const us of column) first = Math.min(first, us);
    if (!Number.isFinite(first)) return;
    out.meta({ startedAtMs: Math.floor(first / 1000) });
    out.relativeTime(Math.floor(first / 1e6), (first % 1e6) * 1000);
    for (let i = 0; i < atUs.length; i++) {
      const pid = child.at(i);
      const title = pid === NONE ? "memory" : `memory of child ${pid}`;
      out.counter(title, title, "bytes", (atUs.at(i) - first) * 1000, bytes.at(i));
    }
    const category = out.string("function");
    for (let i = 0; i < name.length; i++) {
      const args = {
        "bytes at start": startBytes.at(i),
        "bytes at end": endBytes.at(i),
        ...(level.at(i) !== NONE && { level: level.at(i) }),
      };
      out.interval({
        start: (startUs.at(i) - first) * 1000,
        end: (endUs.at(i) - first) * 1000,
        category,
        name: name.at(i),
        args: out.string(JSON.stringify(args)),
      });
    }
  };

  out.meta({ format: mprof.id, tool: "memory_profiler" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      write();
      out.meta({ target: commands.join("; ") });
      if (unread > 0) out.note(`${unread} ${unread === 1 ? "line" : "lines"} could not be read.`);
      if (tooMany > 0) out.note(`${tooMany} lines more than the limit were left out.`);
    },
  };
}
