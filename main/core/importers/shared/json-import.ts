import { JsonTokenizer } from "../../bytes/json.ts";
import { type JsonValue, JsonValueBuilder } from "../../bytes/json-value.ts";
import type { ProfileBuilder } from "../../model/builder.ts";
import type { StreamParser } from "../importer.ts";

/** Values of one text that are kept in memory while it is read; about 2 GB of the densest. */
const MAX_VALUES = 60e6;
const BOM = [0xef, 0xbb, 0xbf];

/** A parser for JSON formats that are read as one value. `read` is called once, at the end; damage becomes a note. */
export function jsonParser(out: ProfileBuilder, read: (root: JsonValue) => void): StreamParser {
  const values = new JsonValueBuilder(MAX_VALUES);
  const tokens = new JsonTokenizer(values);
  let skipped = 0;
  return {
    push: (chunk) => {
      let from = 0;
      while (skipped < BOM.length && from < chunk.length) {
        if (chunk[from] !== BOM[skipped]) skipped = BOM.length;
        else {
          skipped++;
          from++;
        }
      }
      tokens.push(chunk.subarray(from));
    },
    end: () => {
      tokens.end();
      if (tokens.fault !== null)
        out.note(`The file is damaged; what comes before the damage was read: ${tokens.fault}.`);
      if (values.isCut) out.note(`Only the first ${MAX_VALUES} values of the file were read.`);
      read(values.root);
    },
  };
}
