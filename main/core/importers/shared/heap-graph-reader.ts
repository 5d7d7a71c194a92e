import type { JsonHandler, NumberSink } from "../../bytes/json.ts";
import {
  isJsonObject,
  type JsonValue,
  JsonValueBuilder,
  jsonArray,
  jsonObject,
  jsonText,
} from "../../bytes/json-value.ts";
import { NONE } from "../../model/builder.ts";
import { float64, type Growable, int32, uint8 } from "../../model/growable.ts";
import { AllocationTree } from "./heap-allocations.ts";

/** Where in the file a token is. */
const SKIP = 0;
const TOP = 1;
const HEAD = 2;
const TREE = 3;
const STRINGS = 4;
const NUMBERS = 5;

/** What a number of a row is, by the file's own list of fields. */
const nodeRoles: readonly string[] = [
  "type",
  "name",
  "id",
  "self_size",
  "edge_count",
  "trace_node_id",
  "detachedness",
];
const edgeRoles: readonly string[] = ["type", "name_or_index", "to_node"];

const MAX_HEAD_VALUES = 100_000;
const MAX_FIELDS = 64;

/**
 * The flat arrays of a heap snapshot of V8, in columns as they come: nodes, edges and strings name each other by number,
 * so nothing is looked up before all is there.
 * https://github.com/v8/v8/blob/main/src/profiler/heap-snapshot-generator.cc (HeapSnapshotJSONSerializer)
 */
export class HeapGraphReader implements JsonHandler {
  /** As the file numbers them; types are indices of `nodeTypes` and `edgeTypes`, names of `strings`. */
  readonly nodeType = int32();
  readonly nodeName = int32();
  readonly nodeId = float64();
  readonly selfSize = float64();
  /** Where each node's edges begin, and after the last where they end. */
  readonly firstEdge = int32();
  readonly traceNode = int32();
  readonly detached = uint8();
  readonly edgeType = int32();
  readonly edgeName = int32();
  readonly edgeTo = int32();
  readonly strings: string[] = [];
  readonly functionInfos = float64();
  readonly samples = float64();
  readonly tree = new AllocationTree();
  locationCount = 0;
  isCut = false;

  readonly #maxRows: number;
  #head = new JsonValueBuilder(MAX_HEAD_VALUES);
  #meta: Readonly<Record<string, JsonValue | undefined>> = {};
  #place = SKIP;
  #depth = 0;
  #key = "";
  #sink: NumberSink | null = null;
  #edgeEnd = 0;

  constructor(maxRows: number) {
    this.#maxRows = maxRows;
    this.firstEdge.push(0);
  }

  get nodeTypes(): readonly string[] {
    return this.#types("node_types");
  }

  get edgeTypes(): readonly string[] {
    return this.#types("edge_types");
  }

  fields(key: string): readonly string[] {
    return jsonArray(this.#meta[key]).map(jsonText).slice(0, MAX_FIELDS);
  }

  beginObject(): void {
    this.#depth++;
    if (this.#place === HEAD) this.#head.beginObject();
    else if (this.#depth === 1) this.#place = TOP;
    else if (this.#depth === 2 && this.#key === "snapshot") {
      this.#place = HEAD;
      this.#head.beginObject();
    }
  }

  endObject(): void {
    this.#depth--;
    if (this.#place !== HEAD) return;
    this.#head.endObject();
    if (this.#depth > 1) return;
    const meta = jsonObject(this.#head.root).meta;
    if (isJsonObject(meta)) this.#meta = meta;
    this.#head = new JsonValueBuilder(MAX_HEAD_VALUES);
    this.#place = TOP;
  }

  beginArray(): void {
    this.#depth++;
    if (this.#place === HEAD) this.#head.beginArray();
    else if (this.#place === TREE) this.tree.begin();
    else if (this.#place === TOP && this.#depth === 2) this.#enter();
  }

  endArray(): void {
    this.#depth--;
    if (this.#place === HEAD) this.#head.endArray();
    else if (this.#place === TREE && this.#depth > 1) this.tree.end();
    else if (this.#depth === 1) {
      this.#place = TOP;
      this.#sink = null;
    }
  }

  sink(): NumberSink | null {
    return this.#place === NUMBERS && this.#depth === 2 ? this.#sink : null;
  }

  key(text: string): void {
    if (this.#place === HEAD) this.#head.key(text);
    else if (this.#depth === 1) this.#key = text;
  }

  string(text: string): void {
    if (this.#place === STRINGS && this.#depth === 2) this.strings.push(text);
    else if (this.#place === HEAD) this.#head.string(text);
  }

  number(value: number): void {
    if (this.#place === TREE) this.tree.number(value);
    else if (this.#place === HEAD) this.#head.number(value);
  }

  literal(value: boolean | null): void {
    if (this.#place === HEAD) this.#head.literal(value);
  }

  /** The enumeration of the first field. */
  #types(key: string): readonly string[] {
    return jsonArray(jsonArray(this.#meta[key])[0]).map(jsonText);
  }

  #enter(): void {
    this.#sink = null;
    this.#place = NUMBERS;
    switch (this.#key) {
      case "nodes":
        this.#sink = this.#nodesSink();
        break;
      case "edges":
        this.#sink = this.#edgesSink();
        break;
      case "trace_function_infos":
        this.#sink = this.#columnSink(this.functionInfos);
        break;
      case "samples":
        this.#sink = this.#columnSink(this.samples);
        break;
      case "locations":
        this.#sink = { numbers: (_values, count) => (this.locationCount += count) };
        break;
      case "trace_tree":
        this.tree.open(this.fields("trace_node_fields"));
        this.#place = TREE;
        break;
      case "strings":
        this.#place = STRINGS;
        break;
      default:
        this.#place = SKIP;
    }
  }

  #columnSink(column: Growable<Float64Array>): NumberSink {
    return {
      numbers: (values, count) => {
        const room = Math.max(0, Math.min(count, this.#maxRows - column.length));
        if (room < count) this.isCut = true;
        column.append(values, room);
      },
    };
  }

  #nodesSink(): NumberSink {
    const roles = this.fields("node_fields").map((field) => nodeRoles.indexOf(field));
    const hasTrace = roles.includes(5);
    const hasDetached = roles.includes(6);
    let field = 0;
    const row = new Float64Array(nodeRoles.length);
    return {
      numbers: (values, count) => {
        if (roles.length === 0) return;
        for (let i = 0; i < count; i++) {
          const role = roles[field] as number;
          if (role !== NONE) row[role] = values[i] as number;
          if (++field < roles.length) continue;
          field = 0;
          if (this.nodeType.length >= this.#maxRows) {
            this.isCut = true;
            return;
          }
          this.nodeType.push(row[0] as number);
          this.nodeName.push(row[1] as number);
          this.nodeId.push(row[2] as number);
          this.selfSize.push(row[3] as number);
          this.#edgeEnd = Math.min(2 ** 31 - 1, this.#edgeEnd + Math.max(0, row[4] as number));
          this.firstEdge.push(this.#edgeEnd);
          if (hasTrace) this.traceNode.push(row[5] as number);
          // 0: not known, 1: attached, 2: detached.
          if (hasDetached) this.detached.push(row[6] === 2 ? 1 : 0);
        }
      },
    };
  }

  #edgesSink(): NumberSink {
    const roles = this.fields("edge_fields").map((field) => edgeRoles.indexOf(field));
    const fieldsPerNode = this.fields("node_fields").length;
    let field = 0;
    const row = new Float64Array(edgeRoles.length);
    return {
      numbers: (values, count) => {
        if (roles.length === 0) return;
        for (let i = 0; i < count; i++) {
          const role = roles[field] as number;
          if (role !== NONE) row[role] = values[i] as number;
          if (++field < roles.length) continue;
          field = 0;
          if (this.edgeType.length >= this.#maxRows) {
            this.isCut = true;
            return;
          }
          // Nodes are named by where their row starts in the flat array.
          const to = (row[2] as number) / fieldsPerNode;
          this.edgeType.push(row[0] as number);
          this.edgeName.push(row[1] as number);
          this.edgeTo.push(Number.isInteger(to) && to < 2 ** 31 ? to : NONE);
        }
      },
    };
  }
}
