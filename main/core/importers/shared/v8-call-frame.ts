import { type JsonObject, jsonNumber, jsonText } from "../../bytes/json-value.ts";
import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import type { SourceMapper } from "./source-mapper.ts";

/** A "callFrame" of the inspector as a row of the frame table. */
export function v8CallFrame(
  out: ProfileBuilder,
  frame: JsonObject,
  mapper: SourceMapper | null = null,
): number {
  const name = jsonText(frame.functionName) || "(anonymous)";
  const file = jsonText(frame.url);
  // V8 counts lines and columns from 0.
  const line = jsonNumber(frame.lineNumber, NONE);
  const column = jsonNumber(frame.columnNumber, NONE);
  const place = mapper?.function(file, jsonText(frame.functionName), line + 1, column + 1) ?? null;
  if (place) {
    const func = out.function({
      name: out.string(place.name || name),
      file: out.string(place.source),
      line: place.line,
      kind: "node",
    });
    return out.frame({ function: func, line: place.line, column: place.column });
  }
  const isMark = file === "" && /^\(.*\)$/.test(name);
  return out.frame({
    function: out.function({
      name: out.string(name),
      kind: isMark ? (name === "(GC)" ? "gc" : "runtime") : "node",
      ...(file !== "" && { file: out.string(file) }),
      line: line < 0 ? NONE : line + 1,
    }),
    line: line < 0 ? NONE : line + 1,
    column: column < 0 ? NONE : column + 1,
  });
}
