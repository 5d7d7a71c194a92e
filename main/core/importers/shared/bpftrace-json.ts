import { type JsonHandler, JsonTokenizer } from "../../bytes/json.ts";
import { type JsonValue, JsonValueBuilder } from "../../bytes/json-value.ts";

/** One entry of a map as it is printed; `key` is null for a map without keys. */
export type OnEntry = (type: string, map: string, key: string | null, value: JsonValue) => void;
/** What a program prints itself: "printf", "cat", "time". */
export type OnText = (type: string, text: string) => void;

const MAX_VALUES = 1e6;
/** {"type": ..., "data": {"@map": {"key": value}}} */
const DATA_DEPTH = 2;

/**
 * One line of `bpftrace -f json`. Its objects are not objects of JavaScript: two stacks that differ only in addresses
 * print the same, so that keys may come twice.
 */
export function readBpftraceJson(
  bytes: Uint8Array,
  onEntry: OnEntry,
  onText: OnText | null = null,
): string | null {
  const tokens = new JsonTokenizer(new EntryHandler(onEntry, onText));
  tokens.push(bytes);
  tokens.end();
  return tokens.fault;
}

class EntryHandler implements JsonHandler {
  readonly #onEntry: OnEntry;
  readonly #onText: OnText | null;
  readonly #keys: string[] = [];
  #type = "";
  /** What lies deeper than a map's entries is built as a value. */
  #value: JsonValueBuilder | null = null;
  #valueDepth = 0;

  constructor(onEntry: OnEntry, onText: OnText | null) {
    this.#onEntry = onEntry;
    this.#onText = onText;
  }

  beginObject(): void {
    if (this.#value || this.#keys.length > DATA_DEPTH) this.#begin((into) => into.beginObject());
    else this.#keys.push("");
  }

  endObject(): void {
    if (this.#value) this.#end((into) => into.endObject());
    else this.#keys.pop();
  }

  beginArray(): void {
    this.#begin((into) => into.beginArray());
  }

  endArray(): void {
    this.#end((into) => into.endArray());
  }

  key(text: string): void {
    if (this.#value) this.#value.key(text);
    else this.#keys[this.#keys.length - 1] = text;
  }

  string(text: string): void {
    if (this.#value) this.#value.string(text);
    else if (this.#keys.length === 1 && this.#keys[0] === "type") this.#type = text;
    else if (this.#onText !== null && this.#keys.length === 1 && this.#keys[0] === "data")
      this.#onText(this.#type, text);
    else this.#emit(text);
  }

  number(value: number): void {
    if (this.#value) this.#value.number(value);
    else this.#emit(value);
  }

  literal(value: boolean | null): void {
    if (this.#value) this.#value.literal(value);
    else this.#emit(value);
  }

  #begin(open: (into: JsonValueBuilder) => void): void {
    this.#value ??= new JsonValueBuilder(MAX_VALUES);
    this.#valueDepth++;
    open(this.#value);
  }

  #end(close: (into: JsonValueBuilder) => void): void {
    if (!this.#value) return;
    close(this.#value);
    if (--this.#valueDepth > 0) return;
    const { root } = this.#value;
    this.#value = null;
    this.#emit(root);
  }

  #emit(value: JsonValue): void {
    const [where, map = "", key] = this.#keys;
    if (where === "data") this.#onEntry(this.#type, map, key ?? null, value);
  }
}
