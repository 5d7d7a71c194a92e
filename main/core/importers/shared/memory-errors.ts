import type { ProfileBuilder, SeriesBuilder } from "../../model/builder.ts";

/** Memory that was never given back: bytes, and in how many `counted` (blocks or objects, as the tool calls them). */
export const leakSeries = (out: ProfileBuilder, counted: string): SeriesBuilder =>
  out.series({
    id: "leaks",
    name: "Leaks",
    kind: "heap",
    timed: false,
    values: [
      { name: "bytes", unit: "bytes" },
      { name: counted, unit: "count" },
    ],
  });

/** Errors with their stacks: each counts once, at its first stack; its others count as stacks only. */
export const errorSeries = (out: ProfileBuilder): SeriesBuilder =>
  out.series({
    id: "errors",
    name: "Errors",
    kind: "other",
    timed: false,
    values: [
      { name: "errors", unit: "count" },
      { name: "stacks", unit: "count" },
    ],
  });
