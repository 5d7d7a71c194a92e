import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import type { ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { isMapHeader } from "./shared/legacy-maps.ts";
import { LegacyRows } from "./shared/legacy-rows.ts";

/**
 * Waiting for locks as text: Go's mutex and block profiles (`debug=1`), and contentionz of C++ programs. Delays are in
 * cycles; they become times as pprof makes them: cycles * sampling period / cycles per second.
 * https://github.com/google/pprof/blob/main/profile/legacy_profile.go
 *
 *     --- mutex:
 *     cycles/second=2599999430
 *     sampling period=1
 *     3017832843 1 @ 0x4dd993 0x4dd945 0x4857c1
 */
export const goContention: StreamImporter = {
  id: "go-contention",
  title: "Contention profile as text (Go mutex, block)",
  extensions: ["txt"],
  order: 52,
  kind: "stream",
  sniff: (head) =>
    /^--- (mutex|contention|contentionz \d+ ?-*):?\s*\n\s*\w[\w /]*=/.test(textOf(head.subarray(0, 512))),
  open: createParser,
};

const AT = 64;
const MAX_ATTRIBUTE = 200;
const HASH = 35;

function createParser(out: ProfileBuilder, context: ImportContext): StreamParser {
  const rows = new LegacyRows(out, context);
  let title = "contention";
  let cyclesPerSecond = 0;
  let period = 1;
  let section: "head" | "rows" | "maps" = "head";
  let malformed = 0;

  const attribute = (key: string, value: string): void => {
    const number = Number(value);
    if (key === "cycles/second" && number > 0) cyclesPerSecond = number;
    else if (key === "sampling period" && number > 0) period = number;
    else if (key === "ms since reset" && number >= 0) out.seen(number * 1e6);
    else if (key === "discarded samples" && number > 0) out.meta({ lostSamples: number });
  };

  const row = (bytes: Uint8Array, start: number, at: number, end: number): void => {
    const match = /^\s*(\d+) +(\d+) $/.exec(textOf(bytes, start, Math.min(at, start + 60)));
    if (!match) {
      malformed++;
      return;
    }
    const cycles = Number(match[1]);
    const delayNs = cyclesPerSecond > 0 ? Math.trunc((cycles * period) / (cyclesPerSecond / 1e9)) : cycles;
    rows.add(rows.stacks.read(bytes, at + 1, end), delayNs, Number(match[2]) * period);
  };

  const lines = new LineSplitter((bytes, start, end) => {
    if (start === end) return;
    const at = section === "maps" || bytes[start] === HASH ? -1 : bytes.subarray(start, end).indexOf(AT);
    if (at !== -1) {
      section = "rows";
      row(bytes, start, start + at, end);
      return;
    }
    const text = textOf(bytes, start, end);
    const said = text.length > MAX_ATTRIBUTE ? null : /^\s*(\w[\w /]*?)\s*=\s*(.*?)\s*$/.exec(text);
    if (isMapHeader(text)) section = "maps";
    else if (section === "maps") rows.stacks.maps.line(text);
    else if (text.startsWith("---")) title = /^--- (\w+)/.exec(text)?.[1] ?? title;
    else if (section === "head" && said) attribute(said[1] ?? "", said[2] ?? "");
    else if (!text.startsWith("#")) malformed += text.trim() === "" ? 0 : 1;
    else rows.stacks.comment(text);
  }, 8 << 20);

  out.meta({ format: goContention.id });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      const isMutex = title === "mutex";
      rows.write(
        out.series({
          id: isMutex ? "mutex" : title === "contention" ? "block" : "contention",
          kind: "lock",
          timed: false,
          values: [
            { name: "delay", unit: cyclesPerSecond > 0 ? "nanoseconds" : "cycles" },
            { name: "contentions", unit: "count" },
          ],
        }),
      );
      out.meta({ tool: rows.stacks.kind === "go" ? "runtime/pprof" : "contentionz" });
      if (cyclesPerSecond === 0) out.note("The file does not say how long a cycle is: delays are in cycles.");
      if (period > 1)
        out.note(
          `One of ${period} contentions was sampled; all numbers were multiplied by that, as pprof does. New versions of Go have done so already when they write the file: then they are ${period} times too high.`,
        );
      if (malformed > 0) out.note(`${malformed} lines could not be read.`);
    },
  };
}
