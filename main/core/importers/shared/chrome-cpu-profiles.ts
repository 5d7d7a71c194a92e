import {
  type JsonObject,
  type JsonValue,
  jsonArray,
  jsonKey,
  jsonNumber,
  jsonObject,
  jsonText,
} from "../../bytes/json-value.ts";
import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { float64, type Growable, int32 } from "../../model/growable.ts";
import type { ImportContext } from "../importer.ts";
import { SourceMapper } from "./source-mapper.ts";
import { v8CallFrame } from "./v8-call-frame.ts";
import { timesFromDeltas, v8Series } from "./v8-times.ts";

interface CallNode {
  /** The caller's node; they come before what they call. */
  readonly parent: CallNode | null;
  readonly callFrame: JsonObject;
  /** Known at the end, when all source maps are. */
  stack: number;
}

interface CpuProfile {
  readonly startUs: number;
  readonly thread: number;
  endUs: number;
  /** By the number of the node. */
  readonly nodes: Map<number, CallNode>;
  /** Which line of the innermost function a sample was on, from 1; 0 where the file does not say. */
  readonly lines: Growable<Int32Array>;
  readonly samples: Growable<Int32Array>;
  readonly deltas: Growable<Float64Array>;
}

/** The CPU profiles of V8 that Chrome puts into its traces: whole ("CpuProfile"), or in chunks ("Profile", "ProfileChunk"). */
export class ChromeCpuProfiles {
  readonly #out: ProfileBuilder;
  readonly #context: ImportContext;
  readonly #profiles = new Map<string, CpuProfile>();
  readonly #mapper: SourceMapper;
  #unknown = 0;

  constructor(out: ProfileBuilder, context: ImportContext) {
    this.#out = out;
    this.#context = context;
    this.#mapper = new SourceMapper(context.services);
  }

  /** Of the earliest profile; infinite where there is none. */
  get startUs(): number {
    let start = Number.POSITIVE_INFINITY;
    for (const profile of this.#profiles.values()) start = Math.min(start, profile.startUs);
    return start;
  }

  /** true: the event was a part of a CPU profile. */
  take(
    event: JsonObject,
    us: number,
    threadOf: (pid: JsonValue | undefined, tid: JsonValue | undefined) => number,
  ): boolean {
    const name = jsonText(event.name);
    if (name !== "Profile" && name !== "ProfileChunk" && name !== "CpuProfile") return false;
    const data = jsonObject(jsonObject(event.args).data);
    const whole = jsonObject(data.cpuProfile);
    if (
      name !== "Profile" &&
      data.cpuProfile === undefined &&
      data.timeDeltas === undefined &&
      data.endTime === undefined
    )
      return false;
    const key = `${jsonKey(event.pid)}/${name === "CpuProfile" ? `whole ${jsonKey(event.tid)}` : jsonKey(event.id)}`;
    let profile = this.#profiles.get(key);
    if (!profile) {
      profile = {
        startUs: jsonNumber(data.startTime, jsonNumber(whole.startTime, us)),
        thread: threadOf(event.pid, event.tid),
        endUs: jsonNumber(whole.endTime, -1),
        nodes: new Map(),
        lines: int32(),
        samples: int32(),
        deltas: float64(),
      };
      this.#profiles.set(key, profile);
    }
    const end = jsonNumber(data.endTime, -1);
    if (end >= 0) profile.endUs = end;
    this.#nodes(profile, jsonArray(whole.nodes));
    const room = this.#context.limits.maxSamples - profile.samples.length;
    for (const sample of jsonArray(whole.samples).slice(0, room))
      profile.samples.push(jsonNumber(sample, -1));
    for (const line of jsonArray(data.lines ?? whole.lines).slice(0, room))
      profile.lines.push(jsonNumber(line, 0));
    for (const delta of jsonArray(data.timeDeltas ?? whole.timeDeltas).slice(0, room))
      profile.deltas.push(jsonNumber(delta, 0));
    return true;
  }

  /** A source map that the trace brings along. */
  addSourceMap(url: string, map: JsonValue | Uint8Array): void {
    this.#mapper.add(url, map);
  }

  /** Writes the samples; `ns` makes a time of the trace one of the profile. */
  finish(ns: (us: number) => number): void {
    const out = this.#out;
    for (const { startUs, endUs, thread, nodes, lines, samples, deltas } of this.#profiles.values()) {
      const count = Math.min(samples.length, deltas.length);
      if (count === 0) continue;
      if (count < samples.length)
        out.note(`${samples.length - count} samples of CPU profiles have no time and were left out.`);
      this.#stacks(nodes);
      const { order, timeUs, durationUs } = timesFromDeltas(deltas.view().subarray(0, count), startUs, endUs);
      const series = out.series(v8Series(true));
      // Only where each sample has one they are those of the samples.
      const hasLines = lines.length === samples.length;
      const atLine = new Map<string, number>();
      for (let i = 0; i < count; i++) {
        const sample = order ? (order[i] as number) : i;
        const id = samples.at(sample);
        const node = nodes.get(id);
        const line = hasLines ? lines.at(sample) : 0;
        let stack = node?.stack;
        if (node && line > 0 && node.stack !== NONE) {
          const key = `${id} ${line}`;
          stack =
            atLine.get(key) ??
            out.stack(node.parent?.stack ?? NONE, v8CallFrame(out, node.callFrame, line, this.#mapper));
          atLine.set(key, stack);
        }
        if (stack === undefined) this.#unknown++;
        series.add(
          out.seen(ns(timeUs[i] as number)),
          thread,
          stack ?? NONE,
          (durationUs[i] as number) * 1000,
        );
      }
    }
    this.#mapper.finish(out);
    if (this.#unknown > 0)
      out.note(`${this.#unknown} samples of CPU profiles are of calls that the file does not describe.`);
  }

  #nodes({ nodes: known }: CpuProfile, nodes: readonly JsonValue[]): void {
    const callers = new Map<number, number>();
    for (const value of nodes) {
      const node = jsonObject(value);
      const id = jsonNumber(node.id, -1);
      for (const child of jsonArray(node.children)) callers.set(jsonNumber(child), id);
      const parent = known.get(jsonNumber(node.parent, callers.get(id) ?? -1)) ?? null;
      known.set(id, { parent, callFrame: jsonObject(node.callFrame), stack: NONE });
    }
  }

  #stacks(nodes: ReadonlyMap<number, CallNode>): void {
    const out = this.#out;
    for (const node of nodes.values()) {
      const above = node.parent?.stack ?? NONE;
      const isRoot = above === NONE && jsonText(node.callFrame.functionName) === "(root)";
      node.stack = isRoot ? NONE : out.stack(above, v8CallFrame(out, node.callFrame, NONE, this.#mapper));
    }
  }
}
