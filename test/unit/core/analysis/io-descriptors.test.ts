import { expect, test } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { perfPipe } from "#core/importers/perf-pipe.ts";
import { strace } from "#core/importers/strace.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import { type Descriptor, descriptorArgs, descriptorCategory, untold } from "#core/model/descriptors.ts";
import type { Profile } from "#core/model/profile.ts";
import type { QueryInput } from "#core/model/query.ts";
import { bytesOf, feed, fixture, importContext } from "../importers/importing.ts";

const descriptor = (part: Partial<Descriptor>): Descriptor => ({
  pid: 7,
  fd: 3,
  kind: "file",
  name: "/srv/a",
  ...untold,
  access: "r",
  ...part,
});

/** Calls with numbers of descriptors alone, as perf has them, and what the workbench read of /proc in between. */
function profileOf(
  calls: readonly string[],
  read: readonly (readonly [number, Partial<Descriptor>])[],
): Profile {
  const out = new ProfileBuilder();
  out.meta({ originSeconds: 1_700_000_000, originNanos: 0 });
  for (const [timeMs, part] of read) {
    const whole = descriptor(part);
    const args = out.string(descriptorArgs(whole));
    const [category, name] = [out.string(descriptorCategory), out.string(whole.name)];
    out.interval({ start: timeMs * 1e6, end: timeMs * 1e6, category, name, args });
  }
  return feed(strace, bytesOf(`${calls.join("\n")}\n`), [], importContext(), out);
}
const rowsBy = (by: "file" | "peer", profile: Profile) =>
  createAnalyst()
    .answer(profile, { view: "io", selection: {}, by } satisfies QueryInput)
    .rows.map(({ name, calls }) => [name, calls])
    .sort();

test("a number is the file that it was while it was open, before anybody looked too", () => {
  const profile = profileOf(
    [
      "7 1700000000.010000 openat(AT_FDCWD, 0x7f00, 0x0) = 3 <0.000010>",
      "7 1700000000.020000 read(3, 0x7f00, 10) = 10 <0.000010>",
      "7 1700000000.300000 read(3, 0x7f00, 10) = 10 <0.000010>",
      "7 1700000000.310000 close(3) = 0 <0.000010>",
      "7 1700000000.320000 openat(AT_FDCWD, 0x7f00, 0x0) = 3 <0.000010>",
      "7 1700000000.330000 read(3, 0x7f00, 10) = 10 <0.000010>",
      "7 1700000000.340000 close(3) = 0 <0.000010>",
      "7 1700000000.350000 socket(0x2, 0x1, 0x0) = 3 <0.000010>",
      "7 1700000000.360000 write(3, 0x7f00, 10) = 10 <0.000010>",
      "7 1700000000.370000 read(5, 0x7f00, 10) = 10 <0.000010>",
    ],
    [
      [250, { name: "/srv/a" }],
      [255, { fd: 5, name: "/srv/b" }],
      [500, { kind: "socket", name: "TCP 127.0.0.1:9 → 127.0.0.1:80", peer: "127.0.0.1:80" }],
    ],
  );
  // The one in between was open for too short a time.
  expect(rowsBy("file", profile)).toEqual([
    ["/srv/a", 4],
    ["/srv/b", 1],
    ["descriptor 3", 3],
  ]);
  expect(rowsBy("peer", profile)).toEqual([["127.0.0.1:80", 2]]);
});

test("what was seen closed is another one afterwards; other processes' numbers are theirs", () => {
  const profile = profileOf(
    [
      "7 1700000000.100000 read(3, 0x7f00, 10) = 10 <0.000010>",
      "7 1700000000.200000 close(3) = 0 <0.000010>",
      "7 1700000000.300000 read(3, 0x7f00, 10) = 10 <0.000010>",
      "8 1700000000.300000 read(3, 0x7f00, 10) = 10 <0.000010>",
    ],
    [
      [50, { name: "/srv/a" }],
      [250, { name: "/srv/a", kind: "closed" }],
    ],
  );
  expect(rowsBy("file", profile)).toEqual([
    ["/srv/a", 2],
    ["descriptor 3", 2],
  ]);
});

test("perf's calls: durations, results, errors; pages that had to be read and pages that writing made", () => {
  const profile = feed(perfPipe, fixture("perf-pipe/calls.data"));
  const table = createAnalyst().answer(profile, { view: "io", selection: {} });
  const row = (name: string) => table.rows.find((each) => each.name === name);
  expect(row("write")).toMatchObject({ calls: 3, errors: 0, bytes: 12_288 });
  expect(row("openat")).toMatchObject({ errors: 1 });
  expect(row("read")?.bytes).toBe(4 * 4096 + 832);
  const totals = profile.series.map(({ id, length }) => [id, length]);
  expect(totals).toContainEqual(["page-cache-misses", 4]);
  expect(totals).toContainEqual(["page-cache-new", 3]);
});
