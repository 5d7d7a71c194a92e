import { jsonObject } from "../bytes/json-value.ts";
import type { StreamImporter } from "./importer.ts";
import { jsonParser } from "./shared/json-import.ts";
import { readPySpy } from "./shared/py-spy-read.ts";
import { looksLikePySpy } from "./shared/py-spy-sniff.ts";

/**
 * `py-spy record --format speedscope`, by what py-spy means with it: every weight is one sample, `process ...` and
 * `thread ...` at the root of a stack are no frames, and a frame of a library is native.
 *
 * The samples of a thread are in order, without times: those in which it was idle are left out by py-spy, so that the
 * others move up. https://github.com/benfred/py-spy/blob/master/src/speedscope.rs
 */
export const pySpy: StreamImporter = {
  id: "py-spy",
  title: "py-spy",
  extensions: ["json", "speedscope"],
  order: 89,
  kind: "stream",
  sniff: looksLikePySpy,
  open: (out, context) => {
    out.meta({ format: pySpy.id, tool: "py-spy" });
    return jsonParser(out, (root) => readPySpy(out, jsonObject(root), context, unknownSpan));
  },
};

/** The file does not say when it was recorded. */
const unknownSpan = { beganNs: 0, endedNs: Number.POSITIVE_INFINITY, isGil: false };
