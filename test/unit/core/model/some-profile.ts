import { ProfileBuilder } from "#core/model/builder.ts";
import type { Profile } from "#core/model/profile.ts";

/** A profile with something in every table. */
export function someProfile(samples = 40): Profile {
  const out = new ProfileBuilder();
  out.meta({ format: "test", tool: "perf", command: "perf record -g", originSeconds: 12, originNanos: 5 });
  const process = out.process(100, "prögram");
  const threads = [out.thread(process, 100, "main"), out.thread(process, 101, "__proto__")];
  out.processLife(process, 0, Number.NaN);
  out.threadLife(threads[0] ?? 0, 1, 2);
  const binary = out.binary("/usr/bin/program", "abcdef");
  const frames = ["main", "<script>", "]]>", "operator()(int) const"].map((name, i) =>
    out.frame({
      function: out.function({
        name: out.string(name),
        binary,
        file: out.string("a.c"),
        line: i,
        kind: "native",
      }),
      addressHigh: 0xffffffff,
      addressLow: i,
      line: i,
      column: 2,
      inlineDepth: i % 2,
    }),
  );
  const cpu = out.series({
    id: "cpu-clock",
    kind: "cpu",
    timed: true,
    values: [
      { name: "period", unit: "nanoseconds" },
      { name: "samples", unit: "samples", counted: true },
    ],
  });
  const label = out.labelSet([{ key: out.string("cpu"), number: 3 }]);
  for (let i = 0; i < samples; i++) {
    let stack = -1;
    for (let depth = 0; depth <= i % 4; depth++) stack = out.stack(stack, frames[depth] ?? 0);
    cpu.add(out.seen(i * 1e6), threads[i % 2] ?? 0, stack, 1e6, 1, i % 3 === 0 ? label : -1);
  }
  const untimed = out.series({
    id: "heap",
    kind: "heap",
    timed: false,
    values: [{ name: "space", unit: "bytes" }],
  });
  untimed.add(0, -1, -1, Number.NaN);
  out.counter("rss", "RSS", "bytes", 5e6, 123);
  const name = out.string("mark");
  out.interval({ start: 1e6, end: Number.NaN, category: name, name, thread: 0, stack: 0 });
  out.note("a note");
  return out.build();
}
