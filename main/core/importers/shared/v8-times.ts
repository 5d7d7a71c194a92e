/** When the samples of a V8 profile were taken, in its own microseconds, in order; and how long each stands for. */
export interface V8Times {
  /** Order of the samples by time; null where they are in order. */
  readonly order: Uint32Array | null;
  readonly timeUs: Float64Array;
  readonly durationUs: Float64Array;
}

/**
 * `deltas[i]` is the time from the sample before (the start of the profile for the first). A sample stands for the
 * time until the next one, as in DevTools; the last one until the end of the profile, or, where that is not known, as
 * long as they all on average. Deltas may be negative: V8 adds samples from two sources. The times may be written over
 * the deltas.
 */
export function timesFromDeltas(deltas: Float64Array, startUs: number, endUs: number): V8Times {
  let at = startUs;
  for (let i = 0; i < deltas.length; i++) {
    at += deltas[i] as number;
    deltas[i] = at;
  }
  return timesOf(deltas, endUs);
}

export function timesOf(unsorted: Float64Array, endUs: number): V8Times {
  const count = unsorted.length;
  let inOrder = true;
  for (let i = 1; i < count && inOrder; i++) inOrder = (unsorted[i] as number) >= (unsorted[i - 1] as number);
  let order: Uint32Array | null = null;
  let timeUs = unsorted;
  if (!inOrder) {
    order = Uint32Array.from({ length: count }, (_, i) => i).sort(
      (a, b) => (unsorted[a] as number) - (unsorted[b] as number) || a - b,
    );
    timeUs = Float64Array.from(order, (i) => unsorted[i] as number);
  }
  const durationUs = new Float64Array(count);
  for (let i = 0; i + 1 < count; i++) durationUs[i] = (timeUs[i + 1] as number) - (timeUs[i] as number);
  if (count > 0) {
    const last = timeUs[count - 1] as number;
    const average = count > 1 ? (last - (timeUs[0] as number)) / (count - 1) : 0;
    durationUs[count - 1] = endUs >= last ? endUs - last : average;
  }
  return { order, timeUs, durationUs };
}

/** More values than this are looked at in part. */
const MEDIAN_OF = 1 << 16;

export function median(values: Float64Array): number {
  if (values.length === 0) return -1;
  const step = Math.ceil(values.length / MEDIAN_OF);
  const some =
    step === 1
      ? values.slice()
      : Float64Array.from({ length: Math.floor(values.length / step) }, (_, i) => values[i * step] as number);
  return some.sort()[some.length >> 1] as number;
}

export const v8Series = (timed: boolean) =>
  ({
    id: "cpu",
    name: "CPU",
    kind: "cpu",
    timed,
    values: timed
      ? [
          { name: "time", unit: "nanoseconds" },
          { name: "samples", unit: "samples", counted: true },
        ]
      : [{ name: "samples", unit: "samples" }],
  }) as const;
