import { expect, test } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { writeOldObjects } from "#core/importers/shared/jfr-old-objects.ts";
import { ProfileBuilder } from "#core/model/builder.ts";

const object = (sizeBytes: number, isSizeTold: boolean) => ({
  toldNs: 1000,
  bornNs: sizeBytes,
  allocatedNs: sizeBytes,
  thread: -1,
  stack: -1,
  sizeBytes,
  isSizeTold,
  type: "Session",
  elements: -1,
  heapBytes: 0,
  keptBy: "",
});

test.each([
  [false, 16, 1],
  [true, 48, 0],
])("sizes that the JVM does not tell are said to be the least; told: %s", (isSizeTold, bytes, notes) => {
  const out = new ProfileBuilder();
  writeOldObjects(out, [object(bytes, isSizeTold)], "jdk.OldObjectSample");
  const profile = out.snapshot();
  expect(profile.meta.notes.filter((note) => note.includes("tells no sizes"))).toHaveLength(notes);
  expect(createAnalyst().answer(profile, { view: "memory", selection: {} })).toMatchObject({
    sampledObjects: true,
    leastSizes: !isSizeTold,
    liveAtEndBytes: bytes,
    liveAtEndBlocks: 1,
  });
});
