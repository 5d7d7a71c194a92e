import { type Descriptor, descriptorCategory, descriptorKey, descriptorOf } from "../../model/descriptors.ts";
import type { Profile } from "../../model/profile.ts";
import type { OpenRow } from "../../model/tables.ts";

interface State {
  readonly timeNs: number;
  readonly is: Descriptor;
}

/** Changes that are so close are of one stream. */
const STEADY_NS = 2e9;
/** What was moved lately is said over this time. */
const LATELY_NS = 4e9;

/** What the workbench read of /proc of each descriptor, as it changed. */
export class DescriptorStates {
  readonly #of = new Map<string, State[]>();
  readonly #names = new Map<number, string>();
  #rows = 0;

  /** Takes in what is new. */
  update({ intervals, processes, strings }: Profile): void {
    for (let i = 0; i < processes.length; i++)
      this.#names.set(processes.pid[i], strings[processes.name[i]] ?? "");
    const category = strings.indexOf(descriptorCategory);
    for (; this.#rows < intervals.length; this.#rows++) {
      if (category === -1 || intervals.category[this.#rows] !== category) continue;
      const is = descriptorOf(strings[intervals.args[this.#rows]] ?? "");
      if (!is) continue;
      const key = descriptorKey(is);
      const states = this.#of.get(key) ?? [];
      states.push({ timeNs: intervals.start[this.#rows], is });
      this.#of.set(key, states);
    }
  }

  /** The last that was told of a descriptor between two times, and was not that it is closed. */
  between(pid: number, fd: number, fromNs: number, toNs: number): Descriptor | null {
    const states = this.#of.get(keyOf(pid, fd)) ?? [];
    for (let i = states.length - 1; i >= 0; i--) {
      const state = states[i];
      if (!state || state.timeNs > toNs) continue;
      if (state.timeNs < fromNs) return null;
      if (state.is.kind !== "closed") return state.is;
    }
    return null;
  }

  /** What is open at the end of a time, and what was closed within it. */
  rows(fromNs: number, toNs: number): OpenRow[] {
    const rows: OpenRow[] = [];
    for (const states of this.#of.values()) {
      const last = states.findLastIndex(({ timeNs }) => timeNs <= toNs);
      const state = states[last];
      if (!state) continue;
      const isOpen = state.is.kind !== "closed";
      if (!isOpen && state.timeNs < fromNs) continue;
      const shown = isOpen ? state : states[last - 1];
      if (!shown || shown.is.kind === "closed") continue;
      let first = isOpen ? last : last - 1;
      while (first > 0 && states[first - 1]?.is.name === shown.is.name) first--;
      rows.push({
        ...shown.is,
        process: this.#names.get(shown.is.pid) ?? "",
        isOpen,
        sinceNs: states[first]?.timeNs ?? 0,
        bytesPerSecond: isOpen ? lately(states, first, last, toNs) : Number.NaN,
      });
    }
    return rows;
  }
}

/** NaN where nobody counts. */
function lately(states: readonly State[], first: number, last: number, atNs: number): number {
  const isCounted = (state: State | undefined): boolean =>
    state !== undefined && (state.is.position >= 0 || state.is.receivedBytes >= 0);
  let from = last;
  while (from > first && (states[from]?.timeNs ?? 0) > atNs - LATELY_NS && isCounted(states[from - 1]))
    from--;
  const [before, now] = [states[from], states[last]];
  if (!before || !now) return Number.NaN;
  if (!isCounted(now)) return Number.NaN;
  // Of what changes all the time the last change tells how much came until then; of others nothing moved in between.
  const next = states[Math.min(from + 1, last)];
  const isSteady = next !== undefined && next.timeNs - before.timeNs < STEADY_NS;
  const spanNs =
    isSteady && from !== last ? now.timeNs - before.timeNs : Math.min(LATELY_NS, atNs - before.timeNs);
  const moved =
    now.is.position >= 0
      ? Math.abs(now.is.position - before.is.position)
      : now.is.receivedBytes - before.is.receivedBytes + now.is.sentBytes - before.is.sentBytes;
  // Who reads at a place of his own (pread), or goes back, moves bytes and stands where he stood.
  if (moved === 0 && now.is.position >= 0) return Number.NaN;
  return spanNs > 0 ? (moved * 1e9) / spanNs : 0;
}

const keyOf = (pid: number, fd: number): string => `${pid} ${fd}`;
