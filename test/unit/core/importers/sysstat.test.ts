import { describe, expect, test } from "vitest";
import type { StreamImporter } from "#core/importers/importer.ts";
import { sysstat } from "#core/importers/sysstat.ts";
import { sysstatJson } from "#core/importers/sysstat-json.ts";
import { vmstat } from "#core/importers/vmstat.ts";
import type { Counter, Profile } from "#core/model/profile.ts";
import { bytesOf, feed, fixture } from "./importing.ts";

const counterOf = (profile: Profile, id: string): Counter | undefined =>
  profile.counters.find((each) => each.id === id);

function check(
  importer: StreamImporter,
  bytes: Uint8Array,
  id: string,
  expected: readonly (readonly [number, number])[],
  unit: string,
): Profile {
  const profile = feed(importer, bytes);
  const counter = counterOf(profile, id);
  expect([...(counter?.time ?? [])].map((time, i) => [time / 1e9, counter?.value[i]])).toEqual(expected);
  expect(counter?.unit).toBe(unit);
  return profile;
}

describe("iostat", () => {
  test("JSON: processors and extended devices", () => {
    const bytes = fixture("sysstat-json/iostat.json");
    check(
      sysstatJson,
      bytes,
      "vda wkB/s",
      [
        [0, 707036],
        [1, 939848],
        [2, 900776],
      ],
      "kB/s",
    );
    check(
      sysstatJson,
      bytes,
      "vda w_await",
      [
        [0, 0.27],
        [1, 0.13],
        [2, 0.15],
      ],
      "milliseconds",
    );
    const { meta } = check(
      sysstatJson,
      bytes,
      "CPU user",
      [
        [0, 64.5],
        [1, 56.35],
        [2, 49.49],
      ],
      "%",
    );
    expect(meta).toMatchObject({ host: "vm", notes: [] });
  });

  test("text with times, past midnight", () => {
    const bytes = fixture("sysstat/iostat-x-t.txt");
    check(
      sysstat,
      bytes,
      "vda wkB/s",
      [
        [0, 707036],
        [1, 939848],
      ],
      "kB/s",
    );
    expect(
      check(
        sysstat,
        bytes,
        "CPU %user",
        [
          [0, 64.5],
          [1, 56.35],
        ],
        "%",
      ).meta.notes,
    ).toEqual([]);
  });

  test("text without times: reports a second apart, and told", () => {
    const report = "Device tps kB/s\nvda 1.00 2,50\nsda 3.00 4.00\n\n";
    const bytes = bytesOf(`Linux 6.1 (vm) \t11/22/26 \t_x86_64_\t(2 CPU)\n\n${report}${report}`);
    const { meta } = check(
      sysstat,
      bytes,
      "vda kB/s",
      [
        [0, 2.5],
        [1, 2.5],
      ],
      "kB/s",
    );
    expect(meta.notes.join()).toContain("one second apart");
  });

  test("times of ISO 8601 say when it was", () => {
    const bytes = bytesOf(
      "Linux 6.1 (vm) \t2026-11-22 \t_x86_64_\t(2 CPU)\n\n2026-11-22T11:35:13+0100\nDevice tps kB/s\nvda 1 2\n",
    );
    expect(feed(sysstat, bytes).meta.startedAtMs).toBe(Date.parse("2026-11-22T10:35:13Z"));
  });
});

describe("pidstat", () => {
  test("-h -urdw: one line a process, seconds since 1970", () => {
    const bytes = fixture("sysstat/pidstat-h.txt");
    const profile = check(
      sysstat,
      bytes,
      "io/13392 kB_wr/s",
      [
        [0, 861184],
        [1, 1020928],
      ],
      "kB/s",
    );
    expect([...profile.processes.pid]).toEqual([13392]);
    expect(profile.meta.startedAtMs).toBe(1795347316000);
  });

  test("tables by kind, threads, names with blanks", () => {
    const bytes = fixture("sysstat/pidstat-t.txt");
    check(sysstat, bytes, "io worker 1/13393 %system", [[0, 36]], "%");
    check(sysstat, bytes, "io/13392 kB_wr/s", [[1, 861184]], "kB/s");
  });
});

describe("sar", () => {
  test("processors, devices, memory; what is left out is told", () => {
    const bytes = fixture("sysstat/sar.txt");
    check(
      sysstat,
      bytes,
      "CPU all %user",
      [
        [0, 1.1],
        [600, 2.1],
      ],
      "%",
    );
    check(sysstat, bytes, "vda await", [[0, 0.6]], "milliseconds");
    const { meta } = check(sysstat, bytes, "kbmemfree", [[0, 100000]], "kB");
    expect(meta.notes).toHaveLength(2);
  });

  test("sadf nests", () => {
    const text = JSON.stringify({
      sysstat: {
        hosts: [
          {
            nodename: "web1",
            statistics: [
              {
                timestamp: { date: "2026-11-22", time: "10:00:01", utc: 1, interval: 1 },
                "cpu-load": [{ cpu: "all", user: 12.5 }],
                network: { "net-dev": [{ iface: "eth0", rxkB: 5 }] },
              },
            ],
          },
        ],
      },
    });
    const profile = check(sysstatJson, bytesOf(text), "CPU all user", [[0, 12.5]], "%");
    expect(counterOf(profile, "eth0 rxkB")?.value[0]).toBe(5);
    expect(profile.meta.startedAtMs).toBe(Date.parse("2026-11-22T10:00:01Z"));
  });
});

describe("vmstat", () => {
  test("with times", () => {
    const profile = feed(vmstat, fixture("vmstat/vmstat-t.txt"));
    expect([...(counterOf(profile, "free")?.time ?? [])]).toEqual([0, 1e9]);
    expect(counterOf(profile, "free")).toMatchObject({ unit: "bytes" });
    expect(counterOf(profile, "free")?.value[0]).toBe(23_046_128 * 1024);
    expect(profile.meta.notes).toEqual([]);
  });
  test("without", () => {
    expect(feed(vmstat, fixture("vmstat/vmstat.txt")).meta.notes).toHaveLength(1);
  });
  test("wide, with active memory", () => {
    expect(counterOf(feed(vmstat, fixture("vmstat/vmstat-w-a-t.txt")), "active")?.length).toBe(2);
  });
});
