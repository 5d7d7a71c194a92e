/** runtime.MemStats as /debug/pprof/heap?debug=1 prints it behind the profile: https://pkg.go.dev/runtime#MemStats */
export interface GoReading {
  /** By the name of a field. */
  readonly fields: ReadonlyMap<string, number>;
  readonly collections: number;
  /** The last pauses, the newest first: when they ended (ns since the epoch) and how long they took. */
  readonly pauses: readonly { readonly endedNs: bigint; readonly durationNs: number }[];
}

/** Rings of so many, in which the collection n is at (n + 255) % 256. */
const ring = 256;

/** null where the page has no statistics. */
export function readGoMemory(page: string): GoReading | null {
  const fields = new Map<string, number>();
  for (const [, name = "", value = ""] of page.matchAll(/^# (\w+) = (\d+)$/gm))
    fields.set(name, Number(value));
  const collections = fields.get("NumGC");
  if (collections === undefined) return null;
  const list = (name: string): readonly string[] =>
    new RegExp(`^# ${name} = \\[([\\d ]*)\\]$`, "m").exec(page)?.[1]?.split(" ") ?? [];
  const durations = list("PauseNs");
  const ends = list("PauseEnd");
  const pauses: { endedNs: bigint; durationNs: number }[] = [];
  for (let number = collections; number > Math.max(0, collections - ring); number--) {
    const at = (number + ring - 1) % ring;
    const end = ends[at];
    if (end === undefined || end === "0") break;
    pauses.push({ endedNs: BigInt(end), durationNs: Number(durations[at] ?? 0) });
  }
  return { fields, collections, pauses };
}
