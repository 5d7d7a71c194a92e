import { describe, expect, test } from "vitest";
import { whatWasRead } from "#core/analysis/fidelity.ts";
import { ProfileBuilder } from "#core/model/builder.ts";

describe("what was read", () => {
  const check = (fill: (out: ProfileBuilder) => void, expected: readonly string[]): void => {
    const out = new ProfileBuilder();
    fill(out);
    expect(whatWasRead(out.build())).toEqual(expected);
  };

  test("nothing of nothing", () => check(() => undefined, []));

  test("samples, values, threads, frames and labels", () =>
    check(
      (out) => {
        const thread = out.thread(out.process(1, "p"), 2, "t");
        const fn = out.function({ name: out.string("f") });
        const outer = out.stack(-1, out.frame({ function: fn, line: 3, addressHigh: 0, addressLow: 16 }));
        const inner = out.stack(outer, out.frame({ function: fn, inlineDepth: 1 }));
        const labels = out.labelSet([{ key: out.string("cpu"), number: 1 }]);
        out
          .series({
            id: "cpu-clock",
            kind: "cpu",
            timed: true,
            values: [
              { name: "period", unit: "nanoseconds" },
              { name: "samples", unit: "samples", counted: true },
            ],
          })
          .add(out.seen(5), thread, inner, 7, 0, labels);
      },
      [
        "cpu-clock: 1 sample with times, threads, labels; period (nanoseconds), samples (samples)",
        "1 thread of 1 process",
        "1 function, 2 frames (1 inlined, 1 with a line, 1 with an address), 2 stack nodes",
        "labels: cpu",
      ],
    ));

  test("exact costs, intervals and counters", () =>
    check(
      (out) => {
        const fn = out.function({ name: out.string("f") });
        const series = out.series({
          id: "Ir",
          kind: "cpu",
          timed: false,
          values: [{ name: "Ir", unit: "instructions" }],
        });
        series.exact.function(fn, 1, Number.NaN, [3], [4]);
        series.exact.call(-1, fn, 1, 2, [4]);
        out.interval({ start: 0, end: 5, category: out.string("GC"), name: out.string("minor") });
        out.counter("rss", "RSS", "bytes", 0, 5);
      },
      [
        "Ir: 0 samples; Ir (instructions); exact costs of 1 function and 1 call",
        "1 interval: GC",
        "1 counter: RSS (bytes)",
      ],
    ));
});
