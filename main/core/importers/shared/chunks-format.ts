import * as v from "valibot";

/**
 * The workbench's own framing of a recording that comes in pieces:
 *
 *     flamewright-chunks {"version":1,"startedAtMs":1795280000000,"tool":"py-spy"}
 *     {"importer":"pprof","index":0,"startNs":0,"endNs":1004000000,"bytes":5120}
 *     ... so many bytes ...
 *
 * Lines end with "\n"; bytes follow their line at once, and the next line follows the bytes at once.
 */
export const chunksMagic = "flamewright-chunks ";

const whole = v.pipe(v.number(), v.integer(), v.minValue(0));

export const chunksStartSchema = v.object({
  version: v.number(),
  /** Wall clock at time 0 of the recording, ms since the epoch; -1 where unknown. */
  startedAtMs: v.number(),
  tool: v.optional(v.string(), ""),
});

export const chunkHeadSchema = v.object({
  /** Id of the importer of the bytes. */
  importer: v.string(),
  index: whole,
  /** When it was sampled, ns from the start of the recording; equal for a snapshot. */
  startNs: v.number(),
  endNs: v.number(),
  bytes: whole,
  /**
   * What it says is the state at `endNs`, not what came since the piece before: only what has changed counts. The name of
   * the series that the states become; "" for pieces that add up.
   */
  levels: v.optional(v.string(), ""),
  /** Series of it that tell of all objects that are there, where the others tell what came. */
  states: v.optional(v.array(v.string()), []),
});

export const chunksStart = (start: v.InferOutput<typeof chunksStartSchema>): Uint8Array =>
  new TextEncoder().encode(`${chunksMagic}${JSON.stringify(start)}\n`);

export const chunkHead = (head: v.InferInput<typeof chunkHeadSchema>): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(head)}\n`);
