import type { ElementSink, JsonHandler, NumberSink } from "../../bytes/json.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../bytes/json-value.ts";
import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { float64, type Growable, int32 } from "../../model/growable.ts";
import type { SourceMapper } from "./source-mapper.ts";
import { V8Nodes } from "./v8-nodes.ts";

/** Where in the file a token is. */
const SKIP = 0;
const TOP = 1;
const NODES = 2;
const NODE = 3;
const FRAME = 4;
const CHILDREN = 5;
const TICKS = 6;
const TICK = 7;
const SAMPLES = 8;
const DELTAS = 9;
const STAMPS = 10;

/** Collects what a .cpuprofile says, from its tokens, in whatever order they come. */
export class V8Reader implements JsonHandler {
  readonly nodes: V8Nodes;
  /** Ids of nodes; NONE for what is no id. */
  readonly samples = int32();
  readonly deltas = float64();
  /** Absolute times of samples, in files from before deltas. */
  readonly stamps = float64();
  /** How often a node was seen on a line. */
  readonly tickNode = int32();
  readonly tickLine = int32();
  readonly tickCount = float64();
  startTime = -1;
  endTime = -1;
  isCut = false;

  readonly #maxSamples: number;
  #key = "";
  #place = SKIP;
  #depth = 0;
  #places = new Uint8Array(64);
  readonly #rows: number[] = [];
  #line = NONE;
  #ticks = 0;
  readonly #nodesSink: ElementSink = { element: (value) => this.#node(value) };
  readonly #samplesSink = this.#sinkOf(this.samples);
  readonly #deltasSink = this.#sinkOf(this.deltas);
  readonly #stampsSink = this.#sinkOf(this.stamps);

  constructor(out: ProfileBuilder, maxSamples: number, maxDepth: number, mapper: SourceMapper | null = null) {
    this.nodes = new V8Nodes(out, maxDepth, mapper);
    this.#maxSamples = maxSamples;
  }

  get #row(): number {
    return this.#rows.at(-1) ?? NONE;
  }

  beginObject(): void {
    const place = this.#place;
    if (this.#depth === 0) this.#enter(TOP);
    else if (place === NODES || (place === TOP && this.#key === "head")) this.#enterNode(NONE);
    else if (place === CHILDREN) this.#enterNode(this.#row);
    else if (place === NODE && this.#key === "callFrame") this.#enter(FRAME);
    else if (place === TICKS) {
      this.#enter(TICK);
      this.#line = NONE;
      this.#ticks = 0;
    } else this.#enter(SKIP);
  }

  endObject(): void {
    if (this.#place === NODE) this.#rows.pop();
    else if (this.#place === TICK && this.#line > 0 && this.#ticks > 0) {
      this.tickNode.push(this.#row);
      this.tickLine.push(this.#line);
      this.tickCount.push(this.#ticks);
    }
    this.#leave();
  }

  beginArray(): void {
    const key = this.#key;
    if (this.#place === TOP && key === "nodes") this.#enter(NODES);
    else if (this.#place === TOP && key === "samples") this.#enter(SAMPLES);
    else if (this.#place === TOP && key === "timeDeltas") this.#enter(DELTAS);
    else if (this.#place === TOP && key === "timestamps") this.#enter(STAMPS);
    else if (this.#place === NODE && key === "children") this.#enter(CHILDREN);
    else if (this.#place === NODE && key === "positionTicks") this.#enter(TICKS);
    else this.#enter(SKIP);
  }

  endArray(): void {
    this.#leave();
  }

  sink(): NumberSink | null {
    if (this.#place === SAMPLES) return this.#samplesSink;
    if (this.#place === DELTAS) return this.#deltasSink;
    return this.#place === STAMPS ? this.#stampsSink : null;
  }

  elements(): ElementSink | null {
    return this.#place === NODES ? this.#nodesSink : null;
  }

  key(text: string): void {
    this.#key = text;
  }

  string(text: string): void {
    if (this.#place !== NODE && this.#place !== FRAME) return;
    if (this.#key === "functionName") this.nodes.setName(this.#row, text);
    else if (this.#key === "url") this.nodes.setUrl(this.#row, text);
  }

  number(value: number): void {
    switch (this.#place) {
      case CHILDREN:
        this.nodes.setChildId(this.#row, value);
        break;
      case NODE:
      case FRAME:
        this.#nodeNumber(value);
        break;
      case TICK:
        if (this.#key === "line") this.#line = value;
        else if (this.#key === "ticks") this.#ticks = value;
        break;
      case TOP:
        if (this.#key === "startTime") this.startTime = value;
        else if (this.#key === "endTime") this.endTime = value;
        break;
      default:
    }
  }

  literal(): void {
    // None means anything to a profile.
  }

  /** A whole node of the list; what its children hold, where they are no ids, comes after it. */
  #node(value: JsonValue): void {
    const waiting: { readonly node: JsonObject; readonly parent: number }[] = [];
    if (isJsonObject(value)) waiting.push({ node: value, parent: NONE });
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const { node, parent } = next;
      const { nodes } = this;
      const row = nodes.add(parent);
      if (typeof node.id === "number") nodes.setId(row, node.id);
      if (typeof node.hitCount === "number") nodes.setHits(row, node.hitCount);
      if (typeof node.parent === "number") nodes.setParentId(row, node.parent);
      this.#whereabouts(row, node);
      if (isJsonObject(node.callFrame)) this.#whereabouts(row, node.callFrame);
      if (Array.isArray(node.children))
        for (const child of node.children)
          if (typeof child === "number") nodes.setChildId(row, child);
          else if (isJsonObject(child)) waiting.push({ node: child, parent: row });
      if (Array.isArray(node.positionTicks)) this.#lines(row, node.positionTicks);
    }
  }

  /** What says where a call is: in a frame of its own, or in old files in the node itself. */
  #whereabouts(row: number, { functionName, url, lineNumber, columnNumber }: JsonObject): void {
    const { nodes } = this;
    if (typeof functionName === "string") nodes.setName(row, functionName);
    if (typeof url === "string") nodes.setUrl(row, url);
    if (typeof lineNumber === "number") nodes.setLine(row, lineNumber);
    if (typeof columnNumber === "number") nodes.setColumn(row, columnNumber);
  }

  #lines(row: number, ticks: readonly JsonValue[]): void {
    for (const tick of ticks) {
      if (!isJsonObject(tick)) continue;
      const { line, ticks: count } = tick;
      if (typeof line === "number" && line > 0 && typeof count === "number" && count > 0) {
        this.tickNode.push(row);
        this.tickLine.push(line);
        this.tickCount.push(count);
      }
    }
  }

  #nodeNumber(value: number): void {
    const row = this.#row;
    if (this.#key === "lineNumber") this.nodes.setLine(row, value);
    else if (this.#key === "columnNumber") this.nodes.setColumn(row, value);
    else if (this.#place === FRAME) return;
    else if (this.#key === "id") this.nodes.setId(row, value);
    else if (this.#key === "hitCount") this.nodes.setHits(row, value);
    else if (this.#key === "parent") this.nodes.setParentId(row, value);
  }

  #sinkOf(column: Growable<Float64Array> | Growable<Int32Array>): NumberSink {
    const isIds = column === this.samples;
    return {
      numbers: (values, count) => {
        const room = Math.min(count, this.#maxSamples - column.length);
        if (isIds)
          for (let i = 0; i < room; i++) {
            const id = values[i] as number;
            if ((id | 0) !== id) values[i] = NONE;
          }
        column.append(values, room);
        if (room < count) this.isCut = true;
      },
    };
  }

  #enterNode(parent: number): void {
    this.#enter(NODE);
    this.#rows.push(this.nodes.add(parent));
  }

  #enter(place: number): void {
    if (this.#depth === this.#places.length) {
      const next = new Uint8Array(this.#places.length * 2);
      next.set(this.#places);
      this.#places = next;
    }
    this.#places[this.#depth++] = this.#place;
    this.#place = place;
    this.#key = "";
  }

  #leave(): void {
    this.#place = this.#places[--this.#depth] as number;
    this.#key = "";
  }
}
