import { textOf } from "../bytes/ascii.ts";
import { JsonTokenizer } from "../bytes/json.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import { heapClasses } from "../model/heap-classes.ts";
import { heapDominators } from "../model/heap-dominators.ts";
import type { HeapGraph } from "../model/profile.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { HeapGraphReader } from "./shared/heap-graph-reader.ts";
import { addDominatorTree, addTimeline, classFrames } from "./shared/heap-series.ts";

/**
 * Heap snapshots of V8 (`v8.writeHeapSnapshot()`, `--heapsnapshot-signal`, DevTools), and its allocation timelines, which
 * are snapshots that also know when and where objects were made.
 */
export const heapsnapshot: StreamImporter = {
  id: "heapsnapshot",
  title: "V8 heap snapshot",
  extensions: ["heapsnapshot", "heaptimeline"],
  order: 103,
  kind: "stream",
  sniff: (head) =>
    /^\ufeff?\s*\{\s*"snapshot"\s*:\s*\{\s*"(meta|title|uid)"/.test(textOf(head.subarray(0, 512))),
  open: (out, context) => new HeapSnapshotParser(out, context),
};

const BOM = [0xef, 0xbb, 0xbf];
/** Deeper than this nobody looks; what is below counts for what is above. */
const MAX_DOMINATOR_DEPTH = 2000;

class HeapSnapshotParser implements StreamParser {
  readonly #out: ProfileBuilder;
  readonly #context: ImportContext;
  readonly #reader: HeapGraphReader;
  readonly #tokens: JsonTokenizer;
  #isFirst = true;

  constructor(out: ProfileBuilder, context: ImportContext) {
    this.#out = out;
    this.#context = context;
    this.#reader = new HeapGraphReader(context.limits.maxSamples);
    this.#tokens = new JsonTokenizer(this.#reader);
    out.meta({ format: heapsnapshot.id, tool: "V8" });
  }

  push(chunk: Uint8Array): void {
    const hasBom = this.#isFirst && BOM.every((byte, i) => chunk[i] === byte);
    if (chunk.length > 0) this.#isFirst = false;
    this.#tokens.push(hasBom ? chunk.subarray(BOM.length) : chunk);
  }

  end(): void {
    const out = this.#out;
    const reader = this.#reader;
    const { maxStackDepth } = this.#context.limits;
    this.#tokens.end();
    const { fault } = this.#tokens;
    if (fault !== null) out.note(`The file is damaged; what comes before the damage was read: ${fault}.`);
    if (reader.isCut)
      out.note(`Only the first ${this.#context.limits.maxSamples} rows of each table were read.`);
    if (reader.locationCount > 0)
      out.note("Where functions are in their scripts was not read: the file names scripts by number only.");

    const strings = Int32Array.from(reader.strings, (text) => out.string(text));
    reader.strings.length = 0;
    const stacks = reader.tree.stacks(out, this.#functionFrames(strings), maxStackDepth);
    const graph = this.#graph(strings, reader.tree.stackById(stacks));
    if (graph.nodes.length === 0) {
      out.note("The file has no objects.");
      return;
    }
    out.heap(graph);
    const textAt = (index: number): string => out.text(index);
    const classes = heapClasses(graph, textAt);
    const frames = classFrames(out, classes);
    const depth = Math.min(maxStackDepth, MAX_DOMINATOR_DEPTH);
    addDominatorTree(out, graph, heapDominators(graph, textAt), classes, frames, depth);
    reader.tree.addAllocations(out, stacks);
    const [timesUs, lastIds] = this.#samples();
    addTimeline(out, graph, classes, frames, timesUs, lastIds);
  }

  #graph(strings: Int32Array, stackOfTrace: ReadonlyMap<number, number>): HeapGraph {
    const out = this.#out;
    const reader = this.#reader;
    const count = reader.nodeType.length;
    const empty = out.string("");
    const nodeTypes = reader.nodeTypes.map((text) => out.string(text));
    const edgeTypes = reader.edgeTypes;
    const edgeTypeStrings = edgeTypes.map((text) => out.string(text));
    // An element's number, or one that V8 made up.
    const hasIndex = edgeTypes.map((text) => text === "element" || text === "hidden");

    const type = reader.nodeType.view();
    const name = reader.nodeName.view();
    const stack = new Int32Array(count).fill(NONE);
    for (let node = 0; node < count; node++) {
      type[node] = nodeTypes[type[node] as number] ?? empty;
      name[node] = strings[name[node] as number] ?? empty;
      if (stackOfTrace.size > 0) stack[node] = stackOfTrace.get(reader.traceNode.at(node)) ?? NONE;
    }
    const edgeType = reader.edgeType.view();
    const edgeName = reader.edgeName.view();
    const to = reader.edgeTo.view();
    const firstEdge = reader.firstEdge.view();
    const edgeIndex = new Int32Array(edgeType.length).fill(NONE);
    let kept = 0;
    let edge = 0;
    let lost = 0;
    for (let node = 0; node < count; node++) {
      const end = Math.min(firstEdge[node + 1] as number, edgeType.length);
      firstEdge[node] = kept;
      for (; edge < end; edge++) {
        const target = to[edge] as number;
        if (target < 0 || target >= count) {
          lost++;
          continue;
        }
        const kind = edgeType[edge] as number;
        const value = edgeName[edge] as number;
        const isIndexed = hasIndex[kind] === true;
        edgeType[kept] = edgeTypeStrings[kind] ?? empty;
        edgeIndex[kept] = isIndexed ? value : NONE;
        edgeName[kept] = isIndexed ? NONE : (strings[value] ?? empty);
        to[kept] = target;
        kept++;
      }
    }
    firstEdge[count] = kept;
    lost += edgeType.length - edge;
    if (lost > 0)
      out.note(`${lost} references do not lead from an object of the file to another, and were left out.`);
    return {
      nodes: {
        length: count,
        type,
        name,
        id: reader.nodeId.view(),
        selfSizeBytes: reader.selfSize.view(),
        firstEdge,
        detached: reader.detached.length === count ? reader.detached.view() : new Uint8Array(count),
        stack,
      },
      edges: {
        length: kept,
        type: edgeType.subarray(0, kept),
        name: edgeName.subarray(0, kept),
        index: edgeIndex.subarray(0, kept),
        to: to.subarray(0, kept),
      },
    };
  }

  /** Frames of the functions that allocated. */
  #functionFrames(strings: Int32Array): Int32Array {
    const out = this.#out;
    const fields = this.#reader.fields("trace_function_info_fields");
    const values = this.#reader.functionInfos.view();
    const at = (name: string): number => fields.indexOf(name);
    const [name, script, line, column] = [at("name"), at("script_name"), at("line"), at("column")];
    if (fields.length === 0 || name === NONE) return new Int32Array(0);
    const frames = new Int32Array(Math.floor(values.length / fields.length));
    for (let row = 0; row < frames.length; row++) {
      const value = (field: number): number =>
        field === NONE ? NONE : (values[row * fields.length + field] as number);
      const file = strings[value(script)];
      const hasFile = file !== undefined && out.text(file) !== "";
      const named = strings[value(name)];
      const isNamed = named !== undefined && out.text(named) !== "";
      // Counted from 1; 0 is none.
      const lineNumber = value(line) > 0 ? value(line) : NONE;
      frames[row] = out.frame({
        function: out.function({
          name: isNamed ? named : out.string("(anonymous)"),
          kind: hasFile ? "node" : "runtime",
          ...(hasFile && { file }),
          line: lineNumber,
        }),
        line: lineNumber,
        column: value(column) > 0 ? value(column) : NONE,
      });
    }
    return frames;
  }

  #samples(): readonly [Float64Array, Float64Array] {
    const fields = this.#reader.fields("sample_fields");
    const values = this.#reader.samples.view();
    const time = fields.indexOf("timestamp_us");
    const last = fields.indexOf("last_assigned_id");
    const count =
      fields.length === 0 || time === NONE || last === NONE ? 0 : Math.floor(values.length / fields.length);
    const column = (field: number): Float64Array =>
      Float64Array.from({ length: count }, (_, i) => values[i * fields.length + field] as number);
    return [column(time), column(last)];
  }
}
