import { type Change, type ChangeColumns, certainties, changeStates } from "../../model/compare.ts";

/** Changes as columns. */
export function changeColumns(
  length: number,
  changeOf: (row: number) => Change,
  overweight: (change: Change) => number,
): ChangeColumns {
  const float = (): Float64Array => new Float64Array(length);
  const columns = {
    before: float(),
    after: float(),
    beforeHalf: float(),
    afterHalf: float(),
    changeHalf: float(),
    sigma: float(),
    state: new Uint8Array(length),
    certainty: new Uint8Array(length),
    overweight: float(),
  };
  for (let row = 0; row < length; row++) {
    const change = changeOf(row);
    columns.before[row] = change.before;
    columns.after[row] = change.after;
    columns.beforeHalf[row] = change.beforeHalf;
    columns.afterHalf[row] = change.afterHalf;
    columns.changeHalf[row] = change.changeHalf;
    columns.sigma[row] = change.sigma;
    columns.state[row] = changeStates.indexOf(change.state);
    columns.certainty[row] = certainties.indexOf(change.certainty);
    columns.overweight[row] = overweight(change);
  }
  return columns;
}
