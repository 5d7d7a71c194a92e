import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import { movedId } from "../../model/descriptors.ts";

interface Moved {
  readonly thread: number;
  readonly timeNs: number;
  readonly bytes: number;
  readonly labels?: number;
}

/** What a thread read or wrote: by direction, so that views that know nothing else of it show who moved what. */
export function addMoved(
  out: ProfileBuilder,
  what: "read" | "write",
  { thread, timeNs, bytes, labels = NONE }: Moved,
): void {
  if (bytes <= 0) return;
  const series = out.series({
    id: movedId,
    name: "Bytes moved by reads and writes",
    kind: "io",
    timed: true,
    values: [{ name: "bytes", unit: "bytes" }],
  });
  const frame = out.frame({ function: out.function({ name: out.string(what), kind: "kernel" }) });
  series.add(out.seen(timeNs), thread, out.stack(NONE, frame), bytes, 0, labels);
}
