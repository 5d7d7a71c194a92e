import type { JsonValue } from "../../bytes/json-value.ts";
import type { ProfileBuilder } from "../../model/builder.ts";
import type { ImportServices } from "../importer.ts";
import { type OriginalPlace, readSourceMap, type SourceMap, sourceMapOf } from "./source-map.ts";

/** Where functions of scripts come from, by the source maps that are at hand: of the machine, or in the profile itself. */
export class SourceMapper {
  readonly #find: ((url: string) => Uint8Array | null) | null;
  readonly #maps = new Map<string, SourceMap | null>();
  readonly #used = new Set<string>();
  #isAny = false;
  /** Places of functions in their scripts. */
  readonly #mapped = new Set<string>();
  readonly #unmapped = new Set<string>();

  constructor(services: ImportServices | undefined) {
    this.#find = services?.sourceMap ?? null;
    this.#isAny = this.#find !== null;
  }

  /** A map that the profile brings along. */
  add(url: string, map: JsonValue | Uint8Array): void {
    const read = map instanceof Uint8Array ? readSourceMap(map) : sourceMapOf(map);
    if (!read || url === "") return;
    this.#maps.set(url, read);
    this.#isAny = true;
  }

  /** Where a function that begins there (from 1) is from; null where that is not known. */
  function(url: string, name: string, line: number, column: number): OriginalPlace | null {
    const map = this.#mapOf(url);
    if (!map || line < 1 || column < 1) return null;
    const place = map.placeAt(line, column);
    (place ? this.#mapped : this.#unmapped).add(`${line} ${column} ${url}`);
    if (!place) return null;
    this.#used.add(url);
    // A function begins at its parameters, for V8; the name that a map may know is that of the word before them.
    const original = name === "" ? "" : map.nameAt(line, column - name.length);
    return { ...place, source: resolved(place.source, url), name: original };
  }

  /** Line of the source that a line of the script is from; -1 where that is not known. */
  line(url: string, line: number, source: string): number {
    const place = this.#mapOf(url)?.lineAt(line);
    return place && resolved(place.source, url) === source ? place.line : -1;
  }

  /** Says what was mapped. */
  finish(out: ProfileBuilder): void {
    const mapped = this.#mapped.size;
    if (mapped === 0) return;
    const unmapped = this.#unmapped.size;
    const maps = this.#used.size === 1 ? "1 source map" : `${this.#used.size} source maps`;
    const rest = unmapped > 0 ? `; ${unmapped} others are not in them` : "";
    out.note(
      `${mapped === 1 ? "1 function is" : `${mapped} functions are`} shown in the sources, by ${maps}${rest}. Names that a map does not tell are those of the script.`,
    );
  }

  #mapOf(url: string): SourceMap | null {
    if (!this.#isAny || url === "") return null;
    let map = this.#maps.get(url);
    if (map === undefined) {
      const bytes = this.#find?.(url) ?? null;
      map = bytes ? readSourceMap(bytes) : null;
      this.#maps.set(url, map);
    }
    return map;
  }
}

/** A source's path as the script's address has it: relative ones are from where the script is. */
function resolved(source: string, url: string): string {
  if (/^([a-z][a-z0-9+.-]*:|\/)/i.test(source)) return source;
  const base = /^((?:[a-z][a-z0-9+.-]*:\/\/[^/]*)?)(\/?(?:[^?#]*\/)?)/i.exec(url.replace(/[?#].*$/s, ""));
  const parts: string[] = [];
  for (const part of `${base?.[2] ?? ""}${source}`.split("/")) {
    if (part === "." || (part === "" && parts.length > 0)) continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "" && parts.at(-1) !== "..") parts.pop();
    else if (part !== ".." || parts.at(-1) !== "") parts.push(part);
  }
  return `${base?.[1] ?? ""}${parts.join("/")}`;
}
