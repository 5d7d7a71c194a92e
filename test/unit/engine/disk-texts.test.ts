import { expect, test } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { counters } from "#core/importers/counters.ts";
import { sysstat } from "#core/importers/sysstat.ts";
import { sysstatJson } from "#core/importers/sysstat-json.ts";
import { diskRates, readDisks } from "../../../main/engine/io/disk-texts.ts";
import { bytesOf, feed, fixture } from "../core/importers/importing.ts";

const stats = (reads: number, sectors: number, readMs: number, busyMs: number): string =>
  ` 254       0 vda ${reads} 0 ${sectors} ${readMs} 0 0 0 0 0 ${busyMs} ${2 * busyMs} 0 0 0 0 0 0\n` +
  ` 254       1 vda1 ${reads} 0 ${sectors} ${readMs} 0 0 0 0 0 ${busyMs} 0 0 0 0 0 0 0\n` +
  "   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n";

test("two readings of /proc/diskstats, in iostat's columns", () => {
  const isDisk = (name: string): boolean => !/\d$/.test(name);
  const before = readDisks(stats(100, 1000, 50, 200), isDisk);
  const now = readDisks(stats(300, 5000, 450, 700), isDisk);
  expect([...now.keys()]).toEqual(["vda"]);
  const rates = Object.fromEntries(diskRates(before, now, 2000).map(({ id, value }) => [id, value]));
  expect(rates).toMatchObject({
    "vda r/s": 100,
    "vda rkB/s": 1000,
    "vda r_await": 2,
    "vda w/s": 0,
    "vda aqu-sz": 0.5,
    "vda %util": 25,
  });
});

test("what the workbench reads: counters of disks, bytes by thread; what is not such a line is said", () => {
  const profile = feed(
    counters,
    bytesOf(
      [
        "flamewright-counters 1",
        '{"id":"vda r/s","name":"vda r/s","unit":"/s","timeNs":1e9,"value":10}',
        '{"id":"vda %util","name":"vda %util","unit":"percent","timeNs":1e9,"value":40}',
        '{"pid":7,"tid":8,"thread":"worker","read":100,"written":0,"timeNs":1e9}',
        '{"pid":7,"tid":8,"thread":"worker","read":20,"written":5,"timeNs":2e9}',
        '{"pid":7,"tid":8}',
        "",
      ].join("\n"),
    ),
  );
  const table = createAnalyst().answer(profile, { view: "io", selection: {} });
  expect(table.disks).toMatchObject([{ device: "vda", readsPerSecond: 10, busyShare: 0.4 }]);
  expect(table.threads).toMatchObject([{ name: "worker", tid: 8, readBytes: 120, writtenBytes: 5 }]);
  expect(profile.meta.notes).toEqual(["1 line could not be read."]);
});

test.each([
  ["text", sysstat, "sysstat/iostat-x-t.txt"],
  ["JSON", sysstatJson, "sysstat-json/iostat.json"],
] as const)("disks of iostat's own %s", (_, importer, file) => {
  const table = createAnalyst().answer(feed(importer, fixture(file)), { view: "io", selection: {} });
  expect(table.disks.map(({ device }) => device)).toContain("vda");
  const disk = table.disks.find(({ device }) => device === "vda");
  expect(disk?.busyShare).toBeGreaterThan(0);
  expect(disk?.busyShare).toBeLessThanOrEqual(1);
  expect(disk?.writtenBytesPerSecond).toBeGreaterThan(0);
});
