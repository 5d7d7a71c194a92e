import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";

/**
 * What the heap checker of gperftools prints at the end of a program, among what the program prints itself.
 * https://gperftools.github.io/gperftools/heap_checker.html
 *
 *     Leak check _main_ detected leaks of 1032000 bytes in 1500 objects
 *     Leak of 1000000 bytes in 1000 objects allocated from:
 *     	@ 56529e86e1d7 leak_here
 */
export const gperftoolsLeaks: StreamImporter = {
  id: "gperftools-leaks",
  title: "gperftools heap checker",
  extensions: ["txt", "log"],
  order: 45,
  kind: "stream",
  sniff: (head) => total.test(textOf(head)),
  open: createParser,
};

const total = /^Leak check (\S+) detected leaks of (\d+) bytes in (\d+) objects/m;
const leak = /^Leak of (\d+) bytes in (\d+) objects allocated from:/;
const place = /^\t@ ([0-9a-f]{1,16}) ?(.*)$/;
const MAX_LINE = 1 << 16;

interface Leak {
  readonly bytes: number;
  readonly objects: number;
  readonly frames: number[];
}

function createParser(out: ProfileBuilder, { limits }: ImportContext): StreamParser {
  let current: Leak | null = null;
  let promised: Leak | null = null;
  let found = 0;
  let unnamed = 0;
  let cut = 0;
  let tooMany = 0;
  let check: string | null = null;

  const series = out.series({
    id: "leaked",
    name: "Leaked memory",
    kind: "heap",
    timed: false,
    values: [
      { name: "leaked_space", unit: "bytes" },
      { name: "leaked_objects", unit: "count" },
    ],
  });

  const close = (): void => {
    if (!current) return;
    const { bytes, objects, frames } = current;
    current = null;
    if (series.length >= limits.maxSamples) {
      tooMany++;
      return;
    }
    let stack = NONE;
    for (let i = frames.length - 1; i >= 0; i--) stack = out.stack(stack, frames[i] as number);
    const labels =
      check === null ? NONE : out.labelSet([{ key: out.string("check"), text: out.string(check) }]);
    series.add(0, NONE, stack, bytes, objects, labels);
    found += bytes;
  };

  const frameOf = (address: string, symbol: string): number => {
    const whole = address.padStart(16, "0");
    const name = symbol.trim();
    if (name === "") unnamed++;
    return out.frame({
      function: out.function({ name: out.string(name || `0x${address}`), kind: "native" }),
      addressHigh: Number.parseInt(whole.slice(0, 8), 16),
      addressLow: Number.parseInt(whole.slice(8), 16),
    });
  };

  const lines = new LineSplitter((bytes, start, end) => {
    const text = textOf(bytes, start, end);
    const at = place.exec(text);
    if (at) {
      if (!current) return;
      if (current.frames.length >= limits.maxStackDepth) cut++;
      else current.frames.push(frameOf(at[1] ?? "", at[2] ?? ""));
      return;
    }
    close();
    const begun = leak.exec(text);
    const all = total.exec(text);
    if (begun) current = { bytes: Number(begun[1]), objects: Number(begun[2]), frames: [] };
    else if (all) {
      check = all[1] ?? "";
      promised = {
        bytes: (promised?.bytes ?? 0) + Number(all[2]),
        objects: (promised?.objects ?? 0) + Number(all[3]),
        frames: [],
      };
    }
  }, MAX_LINE);

  out.meta({ format: gperftoolsLeaks.id, tool: "gperftools" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      close();
      if (promised && promised.bytes > found)
        out.note(
          `The report counts ${promised.bytes} bytes in ${promised.objects} objects, and lists the largest leaks only: ${found} bytes.`,
        );
      if (unnamed > 0)
        out.note(
          "The report has addresses without names, and does not say which files they are of. Run the program with pprof in its PATH, or with PPROF_PATH.",
        );
      if (cut > 0) out.note(`${cut} frames were deeper than ${limits.maxStackDepth} and were cut.`);
      if (tooMany > 0) out.note(`${tooMany} leaks more than the limit were left out.`);
    },
  };
}
