import { float64, type Growable, int32 } from "./growable.ts";
import type { ExactCosts } from "./profile.ts";

const columns = (count: number): readonly Growable<Float64Array>[] =>
  Array.from({ length: count }, () => float64());

const pushAll = (into: readonly Growable<Float64Array>[], values: ArrayLike<number>): void => {
  for (let i = 0; i < into.length; i++) into[i]?.push(values[i] ?? 0);
};

/** The exact costs of one series while they are being filled. Values are in the order of the series' own. */
export class ExactBuilder {
  readonly #caller = int32();
  readonly #callee = int32();
  readonly #line = int32();
  readonly #calls = float64();
  readonly #callValues: readonly Growable<Float64Array>[];
  readonly #function = int32();
  readonly #functionCalls = float64();
  readonly #primitiveCalls = float64();
  readonly #self: readonly Growable<Float64Array>[];
  readonly #inclusive: readonly Growable<Float64Array>[];

  constructor(values: number) {
    this.#callValues = columns(values);
    this.#self = columns(values);
    this.#inclusive = columns(values);
  }

  /** `caller` -1: not known; `line` -1: not known. `values` are inclusive. */
  call(caller: number, callee: number, line: number, calls: number, values: ArrayLike<number>): void {
    this.#caller.push(caller);
    this.#callee.push(callee);
    this.#line.push(line);
    this.#calls.push(calls);
    pushAll(this.#callValues, values);
  }

  /** `calls` and `primitiveCalls` NaN: not known. */
  function(
    index: number,
    calls: number,
    primitiveCalls: number,
    self: ArrayLike<number>,
    inclusive: ArrayLike<number>,
  ): void {
    this.#function.push(index);
    this.#functionCalls.push(calls);
    this.#primitiveCalls.push(primitiveCalls);
    pushAll(this.#self, self);
    pushAll(this.#inclusive, inclusive);
  }

  view(): ExactCosts {
    return {
      calls: {
        length: this.#callee.length,
        caller: this.#caller.view(),
        callee: this.#callee.view(),
        line: this.#line.view(),
        calls: this.#calls.view(),
        values: this.#callValues.map((column) => column.view()),
      },
      functions: {
        length: this.#function.length,
        function: this.#function.view(),
        calls: this.#functionCalls.view(),
        primitiveCalls: this.#primitiveCalls.view(),
        self: this.#self.map((column) => column.view()),
        inclusive: this.#inclusive.map((column) => column.view()),
      },
    };
  }
}
