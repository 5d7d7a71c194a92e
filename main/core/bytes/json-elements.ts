import type { ElementSink, JsonHandler } from "./json.ts";
import { type JsonValue, JsonValueBuilder } from "./json-value.ts";

/**
 * Takes the elements of one large array out of a JSON text, one at a time: of the text itself where it is an array, else
 * of the key `key` of the outermost object. What is left is in `rest`.
 */
export class JsonElements implements JsonHandler {
  readonly #key: string;
  readonly #onElement: (value: JsonValue) => void;
  readonly #sink: ElementSink;
  readonly #maxValues: number;
  readonly #rest: JsonValueBuilder;
  #element: JsonValueBuilder;
  #depth = 0;
  #lastKey = "";
  /** Depth of the array whose elements are wanted; -1 outside of it. */
  #array = -1;

  constructor(key: string, maxValues: number, onElement: (value: JsonValue) => void) {
    this.#key = key;
    this.#onElement = onElement;
    this.#sink = { element: onElement };
    this.#maxValues = maxValues;
    this.#rest = new JsonValueBuilder(maxValues);
    this.#element = new JsonValueBuilder(maxValues);
  }

  /** Everything but the elements. */
  get rest(): JsonValue {
    return this.#rest.root;
  }

  get isCut(): boolean {
    return this.#rest.isCut;
  }

  beginObject(): void {
    this.#into().beginObject();
    this.#depth++;
  }

  endObject(): void {
    this.#depth--;
    this.#into().endObject();
    this.#closed();
  }

  beginArray(): void {
    const isWanted =
      this.#array === -1 && (this.#depth === 0 || (this.#depth === 1 && this.#lastKey === this.#key));
    this.#into().beginArray();
    this.#depth++;
    if (isWanted) this.#array = this.#depth;
  }

  endArray(): void {
    if (this.#depth === this.#array) this.#array = -1;
    this.#depth--;
    this.#into().endArray();
    this.#closed();
  }

  elements(): ElementSink | null {
    return this.#depth === this.#array ? this.#sink : null;
  }

  key(text: string): void {
    if (this.#depth === 1) this.#lastKey = text;
    this.#into().key(text);
  }

  string(text: string): void {
    this.#into().string(text);
    this.#closed();
  }

  number(value: number): void {
    this.#into().number(value);
    this.#closed();
  }

  literal(value: boolean | null): void {
    this.#into().literal(value);
    this.#closed();
  }

  #into(): JsonValueBuilder {
    return this.#array === -1 ? this.#rest : this.#element;
  }

  /** A value has ended: is it an element? */
  #closed(): void {
    if (this.#array === -1 || this.#depth !== this.#array) return;
    const element = this.#element.root;
    this.#element = new JsonValueBuilder(this.#maxValues);
    this.#onElement(element);
  }
}
