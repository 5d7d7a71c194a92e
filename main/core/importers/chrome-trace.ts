import { textOf } from "../bytes/ascii.ts";
import { JsonTokenizer } from "../bytes/json.ts";
import { JsonElements } from "../bytes/json-elements.ts";
import { jsonObject } from "../bytes/json-value.ts";
import type { StreamImporter } from "./importer.ts";
import { ChromeEvents } from "./shared/chrome-events.ts";
import { addStackSamples } from "./shared/chrome-samples.ts";

/**
 * Trace events of Chrome, Node, Android, Hermes and everything else that writes them: the array form, also where its end
 * is missing, and the object form.
 * https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
 */
export const chromeTrace: StreamImporter = {
  id: "chrome-trace",
  title: "Chrome trace events",
  extensions: ["json", "trace"],
  order: 130,
  kind: "stream",
  sniff: looksLikeTrace,
  open: (out, context) => {
    const events = new ChromeEvents(out, context);
    const elements = new JsonElements("traceEvents", MAX_VALUES, (value) => events.add(jsonObject(value)));
    const tokens = new JsonTokenizer(elements);
    out.meta({ format: chromeTrace.id, tool: "trace events" });
    let isFirst = true;
    return {
      push: (chunk) => {
        const hasBom = isFirst && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf;
        if (chunk.length > 0) isFirst = false;
        tokens.push(hasBom ? chunk.subarray(3) : chunk);
      },
      end: () => {
        tokens.end();
        const { fault } = tokens;
        // Writers that were killed leave the array open: that is allowed.
        if (fault !== null && !/end|closed|ended/i.test(fault))
          out.note(`The file is damaged; what comes before the damage was read: ${fault}.`);
        else if (fault !== null)
          out.note("The list of events has no end: its writer did not finish, or it is cut off.");
        if (elements.isCut) out.note(`Only the first ${MAX_VALUES} values beside the events were read.`);
        const rest = jsonObject(elements.rest);
        events.finish(rest);
        addStackSamples(out, rest, events, context);
      },
    };
  },
};

/** Beside the events: stack frames, samples and what the writer says of itself. */
const MAX_VALUES = 60e6;

function looksLikeTrace(head: Uint8Array): boolean {
  const text = textOf(head);
  const start = /^\ufeff?\s*([[{])/.exec(text);
  if (!start) return false;
  const hasEvent = /\{[^{}]*"ph"\s*:\s*"[A-Za-z(){}]"/.test(text) || /"ph"\s*:\s*"[A-Za-z()]"/.test(text);
  const isList = start[1] === "[" || /"traceEvents"\s*:\s*\[/.test(text);
  if (isList && hasEvent) return true;
  return start[1] === "{" && /"traceEvents"\s*:/.test(text) && /"(stackFrames|samples)"\s*:/.test(text);
}
