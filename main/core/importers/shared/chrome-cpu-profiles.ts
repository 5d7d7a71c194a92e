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
import { RowInterner } from "../../model/row-interner.ts";
import type { ImportContext } from "../importer.ts";
import { SourceMapper } from "./source-mapper.ts";
import { V8Nodes } from "./v8-nodes.ts";
import { timesFromDeltas, v8Series } from "./v8-times.ts";

interface CpuProfile {
  readonly startUs: number;
  readonly thread: number;
  endUs: number;
  readonly nodes: V8Nodes;
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
        nodes: new V8Nodes(this.#out, this.#context.limits.maxStackDepth, this.#mapper),
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
      const stacks = nodes.stacks();
      const { order, timeUs, durationUs } = timesFromDeltas(deltas.view().subarray(0, count), startUs, endUs);
      const series = out.series(v8Series(true));
      // Only where each sample has one they are those of the samples.
      const hasLines = lines.length === samples.length;
      const pairs = new RowInterner(2);
      const atLine = int32();
      for (let i = 0; i < count; i++) {
        const sample = order ? (order[i] as number) : i;
        const row = nodes.rowOf(samples.at(sample));
        const line = hasLines ? lines.at(sample) : 0;
        let stack = row === NONE ? NONE : (stacks[row] as number);
        if (row === NONE) this.#unknown++;
        else if (line > 0 && stack !== NONE) {
          const pair = pairs.intern(row, line);
          if (pair === atLine.length) atLine.push(nodes.stackAtLine(row, line, stacks));
          stack = atLine.at(pair);
        }
        series.add(out.seen(ns(timeUs[i] as number)), thread, stack, (durationUs[i] as number) * 1000);
      }
    }
    this.#mapper.finish(out);
    if (this.#unknown > 0)
      out.note(`${this.#unknown} samples of CPU profiles are of calls that the file does not describe.`);
  }

  #nodes({ nodes: known }: CpuProfile, nodes: readonly JsonValue[]): void {
    for (const value of nodes) {
      const node = jsonObject(value);
      const row = known.add(NONE);
      const id = jsonNumber(node.id);
      if (!Number.isNaN(id)) known.setId(row, id);
      for (const child of jsonArray(node.children)) known.setChildId(row, jsonNumber(child));
      const parent = jsonNumber(node.parent);
      if (!Number.isNaN(parent)) known.setParentId(row, parent);
      const callFrame = jsonObject(node.callFrame);
      known.setName(row, jsonText(callFrame.functionName));
      known.setUrl(row, jsonText(callFrame.url));
      known.setLine(row, jsonNumber(callFrame.lineNumber, NONE));
      known.setColumn(row, jsonNumber(callFrame.columnNumber, NONE));
    }
  }
}
