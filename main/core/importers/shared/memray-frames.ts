import { NONE, type ProfileBuilder } from "../../model/builder.ts";

const nativeFile = /\.(c|cc|cpp|cxx|h|hh|hpp|hxx|rs|S|so[.\d]*)$/;

/** A frame of memray: Python's, or one of C with `--native`. "???" and "" are what it does not know. */
export function memrayFrame(out: ProfileBuilder, name: string, file: string, line: number): number {
  const isKnown = file !== "" && file !== "???";
  const index = out.function({
    name: out.string(name),
    kind: !isKnown || nativeFile.test(file) ? "native" : "python",
    ...(isKnown && { file: out.string(file) }),
  });
  return out.frame({ function: index, line: line > 0 && line < 2 ** 31 ? line : NONE });
}

/** "hex (name)" of a thread. */
export function memrayThread(out: ProfileBuilder, text: string): number {
  const [, hex, name = ""] = /^0x([0-9a-f]{1,16})(?: \((.*)\))?$/.exec(text) ?? [];
  if (hex === undefined) return NONE;
  return out.thread(out.process(NONE), Number.parseInt(hex.slice(-8), 16) & 0x7fffffff, name);
}

const entities: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#x27;": "'",
  "&amp;": "&",
};

/** What Python's html.escape has made of a text. */
export const htmlUnescaped = (text: string): string =>
  text.includes("&")
    ? text.replace(/&(?:lt|gt|quot|#x27|amp);/g, (entity) => entities[entity] ?? entity)
    : text;

export const memrayValues = [
  { name: "size", unit: "bytes" },
  { name: "allocations", unit: "count" },
] as const;
