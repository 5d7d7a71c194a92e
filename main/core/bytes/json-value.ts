import type { JsonHandler } from "./json.ts";

/** What JSON can say. Objects have no prototype, so that a key is only ever a key. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

type Open = JsonValue[] | Record<string, JsonValue | undefined>;

/**
 * A JSON text as a value, built as it comes and without recursion: for formats that are small next to what they
 * describe. Of a damaged text everything up to the damage is there. Past `maxValues` it takes no more and `isCut`.
 */
export class JsonValueBuilder implements JsonHandler {
  readonly #maxValues: number;
  readonly #open: Open[] = [];
  readonly #keys: string[] = [];
  #values = 0;
  #root: JsonValue = null;

  constructor(maxValues: number) {
    this.#maxValues = maxValues;
  }

  get root(): JsonValue {
    return this.#root;
  }

  get isCut(): boolean {
    return this.#values > this.#maxValues;
  }

  beginObject(): void {
    this.#begin(Object.create(null));
  }

  endObject(): void {
    this.#end();
  }

  beginArray(): void {
    this.#begin([]);
  }

  endArray(): void {
    this.#end();
  }

  key(text: string): void {
    this.#keys[this.#keys.length - 1] = text;
  }

  string(text: string): void {
    this.#add(text);
  }

  number(value: number): void {
    this.#add(value);
  }

  literal(value: boolean | null): void {
    this.#add(value);
  }

  #begin(container: Open): void {
    this.#add(container as JsonValue);
    this.#open.push(container);
    this.#keys.push("");
  }

  #end(): void {
    this.#open.pop();
    this.#keys.pop();
  }

  #add(value: JsonValue): void {
    this.#values++;
    if (this.#values > this.#maxValues) return;
    const into = this.#open.at(-1);
    if (into === undefined) this.#root = value;
    else if (Array.isArray(into)) into.push(value);
    else into[this.#keys.at(-1) ?? ""] = value;
  }
}

export const isJsonObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An empty object where it is something else. */
export const jsonObject = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});
/** An empty array where it is something else. */
export const jsonArray = (value: JsonValue | undefined): readonly JsonValue[] =>
  Array.isArray(value) ? value : [];
/** "" where it is something else. */
export const jsonText = (value: JsonValue | undefined): string => (typeof value === "string" ? value : "");
/** `otherwise` where it is no finite number. */
export const jsonNumber = (value: JsonValue | undefined, otherwise = Number.NaN): number =>
  typeof value === "number" && Number.isFinite(value) ? value : otherwise;
/** A number or a text that identifies something, as text; "" where it is something else. */
export const jsonKey = (value: JsonValue | undefined): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
/** The value as JSON again; "" where it is nested too deeply for that. */
export function jsonAgain(value: JsonValue): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // JSON.stringify recurses, and a file may nest as deep as it likes.
    if (error instanceof RangeError) return "";
    throw error;
  }
}
