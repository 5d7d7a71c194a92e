import { NONE, ProfileBuilder } from "#core/model/builder.ts";
import type { Profile } from "#core/model/profile.ts";

/** One sample: frames root first, its weight, and when and where it was taken. */
export interface StackSample {
  readonly stack: string;
  readonly weight?: number;
  readonly timeNs?: number;
  readonly tid?: number;
}

/** Adds samples to a builder as one series "cpu" in nanoseconds; frames are separated by ";". */
export function addStacks(builder: ProfileBuilder, samples: readonly StackSample[]): void {
  const series = builder.series({
    id: "cpu",
    kind: "cpu",
    timed: true,
    values: [
      { name: "time", unit: "nanoseconds" },
      { name: "samples", unit: "samples", counted: true },
    ],
  });
  for (const sample of samples) {
    let stack = NONE;
    for (const name of sample.stack === "" ? [] : sample.stack.split(";"))
      stack = builder.stack(
        stack,
        builder.frame({ function: builder.function({ name: builder.string(name), kind: "native" }) }),
      );
    const tid = sample.tid ?? 1;
    const thread = builder.thread(builder.process(1, "program"), tid, `thread ${tid}`);
    series.add(builder.seen(sample.timeNs ?? 0), thread, stack, sample.weight ?? 1);
  }
}

export function profileOf(samples: readonly StackSample[]): Profile {
  const builder = new ProfileBuilder();
  addStacks(builder, samples);
  return builder.build();
}
