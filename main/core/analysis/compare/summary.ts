import { formatCount, formatPercent } from "../../base/numbers.ts";
import {
  type Change,
  type ChangeState,
  type CompareMethod,
  type CompareSummaryTable,
  isNoise,
} from "../../model/compare.ts";
import type { SeriesKind } from "../../model/profile.ts";
import type { JoinedTree } from "./joined-tree.ts";

/** What was compared, and what came of it, in numbers and in words. */
export function summary(joined: JoinedTree): CompareSummaryTable {
  const states: Record<ChangeState, number> = { same: 0, grown: 0, shrunk: 0, new: 0, gone: 0 };
  const changed: Named[] = [];
  let functions = 0;
  let beyond = 0;
  let within = 0;
  for (let name = 0; name < joined.strings.length; name++) {
    const change = joined.nameChange(name, "self");
    if (change.before === 0 && change.after === 0) continue;
    functions++;
    states[change.state]++;
    if (change.certainty === "beyond") beyond++;
    if (change.certainty === "within" && change.state !== "same") within++;
    if (!isNoise(change)) changed.push({ name: joined.strings[name] ?? "", change });
  }
  const what = joined.first.unit === "nanoseconds" ? timeWords[joined.first.kind] : "weight";
  const total = joined.totalChange();
  const { facts } = joined;
  const parts = { facts, total, what, changed, within, runs: runsOf(joined) };
  return {
    view: "summary",
    ...facts,
    before: joined.runsOf("before"),
    after: joined.runsOf("after"),
    total,
    what,
    functions,
    states,
    beyond,
    within,
    verdict: [...verdictOf(parts)],
    basis: basisWords(facts.method, parts.runs, facts.confidence),
  };
}

interface Named {
  readonly name: string;
  readonly change: Change;
}

const timeWords: Readonly<Record<SeriesKind, string>> = {
  cpu: "CPU time",
  wall: "time",
  offcpu: "time off the CPU",
  alloc: "allocation",
  heap: "memory",
  lock: "waiting for locks",
  syscall: "time in system calls",
  io: "time in I/O",
  trace: "time",
  other: "time",
};

const runsOf = (joined: JoinedTree): readonly [number, number] => [
  joined.runsOf("before").length,
  joined.runsOf("after").length,
];

/** Those that weigh most are told by name. */
const MOST_NAMED = 3;

function* verdictOf(parts: {
  readonly facts: JoinedTree["facts"];
  readonly total: Change;
  readonly what: string;
  readonly changed: readonly Named[];
  readonly within: number;
}): Iterable<string> {
  const { facts, total, what, changed, within } = parts;
  yield wholeSentence(total, facts.by === "time" ? `${what} for each second recorded` : what);
  const bySize = changed.toSorted((a, b) => Math.abs(b.change.change) - Math.abs(a.change.change));
  for (const named of bySize.slice(0, MOST_NAMED)) yield functionSentence(named, facts);
  const others = changed.length - Math.min(MOST_NAMED, changed.length);
  if (others > 0) yield `${countOf(others, "other function")} changed${doubt(changed)}.`;
  if (within > 0)
    yield changed.length === 0
      ? `No function changed beyond noise: ${countOf(within, "difference")} ${within === 1 ? "is" : "are"} within it.`
      : `${countOf(within, "other")} ${within === 1 ? "is" : "are"} within noise.`;
  else if (changed.length === 0) yield "No function changed.";
}

const countOf = (count: number, what: string): string =>
  `${formatCount(count)} ${what}${count === 1 ? "" : "s"}`;

const doubt = (changed: readonly Named[]): string =>
  changed.some(({ change }) => change.certainty === "unknown") ? "" : ", beyond noise";

function wholeSentence(total: Change, what: string): string {
  const { before, after, change, changeHalf, certainty, state } = total;
  if (state === "same") return `The same ${what} in all.`;
  if (before === 0 || after === 0)
    return `${before === 0 ? "Nothing before" : "Nothing after"}: no ${what} in all.`;
  const half = Number.isNaN(changeHalf) ? "" : ` (±${formatPercent(changeHalf, before)})`;
  const size = formatPercent(Math.abs(change), before);
  const more = change > 0 ? "more" : "less";
  if (certainty === "within") return `${size} ${more} ${what} in all${half}: within noise.`;
  return `${size} ${more} ${what} in all${half}${certainty === "beyond" ? ", beyond noise" : ""}.`;
}

function functionSentence({ name, change }: Named, facts: JoinedTree["facts"]): string {
  const share = (value: number, whole: number): string => formatPercent(value, whole);
  const [before, after] = [share(change.before, facts.wholeBefore), share(change.after, facts.wholeAfter)];
  const sure = change.certainty === "beyond" ? ", beyond noise" : "";
  switch (change.state) {
    case "new":
      return `${name} is new with ${after}${sure}.`;
    case "gone":
      return `${name} is gone; it had ${before}${sure}.`;
    default:
      return `${name} ${change.change > 0 ? "grew" : "shrank"} from ${before} to ${after}${sure}.`;
  }
}

function basisWords(
  method: CompareMethod,
  [before, after]: readonly [number, number],
  confidence: number,
): string {
  const percent = `${Number((100 * confidence).toPrecision(5))} %`;
  const sure = `Intervals hold with ${percent} certainty: one of ${formatCount(Math.round(1 / (1 - confidence)))} unchanged functions looks changed.`;
  switch (method) {
    case "runs": {
      const few =
        Math.min(before, after) < 3 ? " Two runs say little about their spread; five say much more." : "";
      return `Noise is the spread of ${before} and ${after} runs (Welch's t), and at least that of sampling. ${sure}${few}`;
    }
    case "runs-of-one":
      return `One side has a single run: the spread of the other side's ${Math.max(before, after)} stands for both. ${sure}`;
    case "sampling":
      return `One run a side: noise is the chance of sampling alone. How much runs differ is not known; open several of each to see. ${sure}`;
    case "counted":
      return "Costs were counted, not sampled: nothing of the change is sampling noise. How much runs differ is not known.";
    case "none":
      return "How much is noise cannot be said: the files do not tell how many samples were taken. Open several runs of each side.";
  }
}
