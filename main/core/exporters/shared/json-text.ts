const PART = 4096;

/** A list of numbers, nulls and texts as JSON, in parts of bounded size. */
export function* jsonList(length: number, at: (row: number) => number | string | null): Iterable<string> {
  yield "[";
  for (let from = 0; from < length; from += PART) {
    const part: string[] = [];
    for (let row = from; row < Math.min(length, from + PART); row++) part.push(jsonScalar(at(row)));
    yield (from === 0 ? "" : ",") + part.join(",");
  }
  yield "]";
}

/** JSON has no NaN and no infinity: they become null. */
const jsonScalar = (value: number | string | null): string =>
  typeof value === "number" && Number.isFinite(value) ? String(value) : JSON.stringify(value);

/** `"name":[...]` of a JSON object of columns. */
export function* jsonColumn(
  name: string,
  length: number,
  at: (row: number) => number | string | null,
): Iterable<string> {
  yield `${JSON.stringify(name)}:`;
  yield* jsonList(length, at);
}
