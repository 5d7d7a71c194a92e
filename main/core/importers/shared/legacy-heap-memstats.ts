import type { ProfileBuilder } from "../../model/builder.ts";

/**
 * The comment at the end of Go's heap profile as text: runtime.MemStats as counters, and its garbage collections, of which
 * the last 256 are known, as intervals. https://pkg.go.dev/runtime#MemStats
 */
export class GoMemStats {
  readonly #numbers = new Map<string, number>();
  #pauseNs: readonly string[] = [];
  #pauseEnd: readonly string[] = [];

  /** "# HeapAlloc = 16121512"; false where it is something else. */
  line(text: string): boolean {
    const match = /^# ([A-Za-z]+) = (.*)$/.exec(text);
    if (!match) return /^# runtime\.MemStats$/.test(text);
    const [, name = "", value = ""] = match;
    const list = /^\[([\d ]*)\]$/.exec(value);
    const pair = /^(\d+) \/ (\d+)$/.exec(value);
    if (list) {
      const items = (list[1] ?? "").split(" ", 256).filter((item) => item !== "");
      if (name === "PauseNs") this.#pauseNs = items;
      else if (name === "PauseEnd") this.#pauseEnd = items;
    } else if (pair) {
      this.#numbers.set(`${name} in use`, Number(pair[1]));
      this.#numbers.set(`${name} from the system`, Number(pair[2]));
    } else if (/^-?[\d.]+(e[-+]?\d+)?$/.test(value)) this.#numbers.set(name, Number(value));
    return true;
  }

  write(out: ProfileBuilder): void {
    const pauses: { readonly ns: number; readonly end: bigint }[] = [];
    for (let i = 0; i < this.#pauseEnd.length; i++) {
      const end = this.#pauseEnd[i] ?? "0";
      if (/^[1-9]\d{0,18}$/.test(end)) pauses.push({ ns: Number(this.#pauseNs[i] ?? 0), end: BigInt(end) });
    }
    pauses.sort((a, b) => (a.end < b.end ? -1 : a.end > b.end ? 1 : 0));
    const [first] = pauses;
    if (first) {
      const start = first.end - BigInt(first.ns);
      const nanos = 1_000_000_000n;
      out.meta({ startedAtMs: Number(start / 1_000_000n) });
      const category = out.string("gc");
      const name = out.string("GC pause");
      for (const { ns, end } of pauses) {
        const at = end - BigInt(ns);
        const startNs = out.relativeTime(Number(at / nanos), Number(at % nanos));
        // The first call of relativeTime is of the earliest pause: that is time zero.
        out.interval({ start: startNs, end: startNs + ns, category, name });
      }
    }
    for (const [name, value] of this.#numbers) {
      // When the last collection ended is told by its interval.
      if (name !== "LastGC") out.counter(`MemStats.${name}`, name, unitOf(name), out.lastTimeNs, value);
    }
  }
}

const unitOf = (name: string): string => {
  if (name === "GCCPUFraction") return "share";
  return /^(Lookups|Mallocs|Frees|HeapObjects|NumGC|NumForcedGC)$/.test(name) ? "count" : "bytes";
};
