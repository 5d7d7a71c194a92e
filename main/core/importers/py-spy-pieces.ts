import { JsonTokenizer } from "../bytes/json.ts";
import { JsonValueBuilder, jsonNumber, jsonObject } from "../bytes/json-value.ts";
import { LineSplitter } from "../bytes/lines.ts";
import type { StreamImporter } from "./importer.ts";
import { readPySpy } from "./shared/py-spy-read.ts";
import { looksLikePySpyPieces } from "./shared/py-spy-sniff.ts";

/**
 * Recordings of py-spy as the workbench makes them: one after the other, a line of JSON each, with when it began and
 * ended on CLOCK_MONOTONIC and what py-spy wrote: `{"beganNs":1,"endedNs":2,"profile":{...}}`; with `"gil":true` in
 * it where only holders of the GIL were sampled.
 */
export const pySpyPieces: StreamImporter = {
  id: "py-spy-pieces",
  title: "py-spy, in pieces",
  extensions: ["ndjson"],
  order: 87,
  kind: "stream",
  sniff: looksLikePySpyPieces,
  open: (out, context) => {
    let unread = 0;
    out.meta({ format: pySpyPieces.id, tool: "py-spy" });
    const lines = new LineSplitter((bytes, start, end) => {
      if (start === end) return;
      const values = new JsonValueBuilder(MAX_VALUES);
      const tokens = new JsonTokenizer(values);
      tokens.push(bytes.subarray(start, end));
      tokens.end();
      const piece = jsonObject(values.root);
      const beganNs = jsonNumber(piece.beganNs, Number.NaN);
      const endedNs = jsonNumber(piece.endedNs, Number.NaN);
      if (tokens.fault !== null || !(beganNs >= 0 && endedNs >= beganNs)) {
        unread++;
        return;
      }
      const timeNs = Math.max(0, out.relativeTime(Math.floor(beganNs / 1e9), beganNs % 1e9));
      const span = { beganNs: timeNs, endedNs: timeNs + endedNs - beganNs, isGil: piece.gil === true };
      readPySpy(out, jsonObject(piece.profile), context, span);
    }, MAX_LINE);
    return {
      push: (chunk) => lines.push(chunk),
      end: () => {
        lines.end();
        if (unread > 0) out.note(`${unread} ${unread === 1 ? "piece" : "pieces"} could not be read.`);
      },
    };
  },
};

const MAX_VALUES = 60e6;
const MAX_LINE = 256 << 20;
