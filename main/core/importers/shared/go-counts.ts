import { textOf } from "../../bytes/ascii.ts";
import { LineSplitter } from "../../bytes/lines.ts";
import type { ProfileBuilder } from "../../model/builder.ts";
import type { ImportContext, StreamParser } from "../importer.ts";
import { goLabels } from "./go-labels.ts";
import { isMapHeader } from "./legacy-maps.ts";
import { LegacyRows } from "./legacy-rows.ts";

export const goCountHeader = /^(\S+) profile: total (\d+)\s*$/;
const AT = 64;
const HASH = 35;

/**
 * Goroutines, threads or whatever a program counts, by stack (`debug=1`):
 *
 *     goroutine profile: total 15
 *     3 @ 0x47f2ae 0x4158ee 0x4857c1
 *     # labels: {"request":"GET /"}
 *     #	0x4158ed	main.chanWait+0x18	/srv/demo/main.go:26
 */
export function goCounts(out: ProfileBuilder, context: ImportContext): StreamParser {
  const rows = new LegacyRows(out, context);
  let name = "goroutine";
  let promised = -1;
  let counted = 0;
  let inMaps = false;
  let malformed = 0;

  const lines = new LineSplitter((bytes, start, end) => {
    if (start === end) return;
    const at = inMaps || bytes[start] === HASH ? -1 : bytes.subarray(start, end).indexOf(AT);
    if (at !== -1) {
      const count = /^(\d+) $/.exec(textOf(bytes, start, start + Math.min(at, 40)));
      if (!count) malformed++;
      else {
        rows.add(rows.stacks.read(bytes, start + at + 1, end), Number(count[1]));
        counted += Number(count[1]);
      }
      return;
    }
    const text = textOf(bytes, start, end);
    const header = goCountHeader.exec(text);
    if (header && promised === -1) {
      name = header[1] ?? name;
      promised = Number(header[2]);
    } else if (isMapHeader(text)) inMaps = true;
    else if (inMaps) rows.stacks.maps.line(text);
    else if (text.startsWith("# labels: ")) rows.label(out.labelSet(goLabels(out, text)));
    else if (!text.startsWith("#")) malformed += text.trim() === "" ? 0 : 1;
    else rows.stacks.comment(text);
  }, 8 << 20);

  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      rows.write(
        out.series({
          id: name,
          kind: name === "goroutine" ? "wall" : "other",
          timed: false,
          values: [{ name, unit: "count" }],
        }),
      );
      if (promised > counted) out.note(`The file promises ${promised} but has ${counted}: it is not whole.`);
      if (malformed > 0) out.note(`${malformed} lines could not be read.`);
    },
  };
}
