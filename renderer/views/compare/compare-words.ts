import { formatPercent, formatValue } from "#core/base/numbers.ts";
import {
  type Change,
  type ChangeColumns,
  type CompareBasis,
  changeAt,
  isNoise,
} from "#core/model/compare.ts";

/** Numbers of a comparison as people read them: shares where sides are made comparable by share. */

const isShares = ({ by }: CompareBasis): boolean => by === "total";

export const valueWords = (value: number, whole: number, basis: CompareBasis): string =>
  isShares(basis) ? formatPercent(value, whole) : formatValue(value, basis.unit);

export const beforeWords = ({ before }: Change, basis: CompareBasis): string =>
  valueWords(before, basis.wholeBefore, basis);
export const afterWords = ({ after }: Change, basis: CompareBasis): string =>
  valueWords(after, basis.wholeAfter, basis);

/** "+13.0 %": of the whole where values are shares, so percentage points. */
export function changeWords({ change, state }: Change, basis: CompareBasis): string {
  if (state === "same") return "0";
  return `${change > 0 ? "+" : "−"}${valueWords(Math.abs(change), basis.wholeBefore, basis)}`;
}

export const plusMinusWords = (half: number, basis: CompareBasis): string =>
  Number.isFinite(half) ? `±${valueWords(half, basis.wholeBefore, basis)}` : "";

/** "×1.42", "new", "gone". */
export function ratioWords({ before, after, state }: Change): string {
  if (state === "new" || state === "gone") return state;
  if (state === "same" || before === 0) return "=";
  const ratio = after / before;
  return `×${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(2)}`;
}

export function certaintyWords({ certainty, state }: Change): string {
  if (state === "same") return "no change";
  return { unknown: "not known", within: "within noise", beyond: "beyond noise" }[certainty];
}

/** What a box says beside its colour. */
export function changeFacts(
  self: ChangeColumns,
  total: ChangeColumns,
  row: number,
  basis: CompareBasis,
): readonly string[] {
  const line = (name: string, change: Change): string => {
    const half = plusMinusWords(change.changeHalf, basis);
    const ratio = change.state === "same" ? "" : `, ${ratioWords(change)}`;
    return `${name} ${beforeWords(change, basis)} → ${afterWords(change, basis)} (${changeWords(change, basis)}${half === "" || change.state === "same" ? "" : ` ${half}`}${ratio})`;
  };
  const of = changeAt(total, row);
  return [line("total", of), line("self", changeAt(self, row)), `${stateWords(of)}, ${certaintyWords(of)}`];
}

const stateWords = ({ state }: Change): string =>
  ({ same: "as before", grown: "grown", shrunk: "shrunk", new: "new", gone: "gone" })[state];

/** How far a colour goes: a change of all of the box is the strongest. */
export function strengthOf(change: Change): number {
  if (isNoise(change)) return 0;
  const size = Math.abs(change.change) / Math.max(Math.abs(change.before), Math.abs(change.after));
  // Square root: a change of a tenth is to be seen too.
  return Math.sign(change.change) * Math.sqrt(Math.min(1, size));
}
