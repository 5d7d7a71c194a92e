import { describe, expect, it } from "vitest";
import type { ListedTarget } from "#core/model/recording.ts";
import { createAppStore } from "../../../../renderer/app/store/store.ts";
import { arrangeTargets, type TargetRow } from "../../../../renderer/app/store/target-order.ts";
import { parseDuration } from "../../../../renderer/app/store/targets.ts";

const target = (pid: number, part: Partial<ListedTarget> = {}): ListedTarget => ({
  pid,
  ppid: 1,
  name: `program-${pid}`,
  command: `/usr/bin/program-${pid} --serve`,
  user: "ada",
  uid: 1000,
  cpuPercent: 0,
  rssBytes: 0,
  threads: 1,
  startedAtMs: 1_000,
  runtime: "native",
  container: "",
  own: true,
  profilers: [],
  ...part,
});
const byCpu = { column: "cpu", descending: true };
const pids = (rows: readonly TargetRow[]): readonly string[] =>
  rows.map((row) => `${row.pid}${row.gone ? " gone" : ""}`);

describe("the list of processes", () => {
  const first = [target(1, { cpuPercent: 5 }), target(2, { cpuPercent: 50 }), target(3)];
  const rows = arrangeTargets([], first, byCpu, "", false);

  it("is sorted, equal ones by pid", () => {
    expect(pids(rows)).toEqual(["2", "1", "3"]);
    expect(pids(arrangeTargets([], first, { column: "name", descending: false }, "", false))).toEqual([
      "1",
      "2",
      "3",
    ]);
    expect(pids(arrangeTargets([], [target(9), target(8)], byCpu, "", false))).toEqual(["8", "9"]);
  });

  it("moves no row while it is held", () => {
    const next = [
      target(1, { cpuPercent: 99 }),
      target(3, { cpuPercent: 70 }),
      target(4, { cpuPercent: 100 }),
    ];
    const held = arrangeTargets(rows, next, byCpu, "", true);
    expect(pids(held)).toEqual(["2 gone", "1", "3", "4"]);
    expect(held[1]?.cpuPercent).toBe(99);
    expect(pids(arrangeTargets(held, next, byCpu, "", false))).toEqual(["4", "1", "3"]);
  });

  it("knows a pid that was used again from the one before", () => {
    const again = arrangeTargets(rows, [target(2, { startedAtMs: 9_000 })], byCpu, "", true);
    expect(pids(again)).toEqual(["2 gone", "1 gone", "3 gone", "2"]);
  });

  it("is searched by every word in any field", () => {
    const list = [
      target(11, { name: "node", runtime: "node", command: "node server.js" }),
      target(12, { name: "nginx", user: "www", container: "web" }),
    ];
    const check = (search: string, expected: readonly string[]) =>
      expect(pids(arrangeTargets([], list, byCpu, search, false))).toEqual(expected);
    check("node", ["11"]);
    check("SERVER node", ["11"]);
    check("www web", ["12"]);
    check("12", ["12"]);
    check("node www", []);
  });
});

describe("a duration", () => {
  const cases: readonly (readonly [string, number | null | "problem"])[] = [
    ["", null],
    ["  ", null],
    ["30", 30],
    ["0.5", 0.5],
    ["30 s", 30],
    ["5min", 300],
    ["2 h", 7200],
    ["0", "problem"],
    ["-3", "problem"],
    ["soon", "problem"],
    ["1e9", "problem"],
  ];
  it.each(cases)("%j", (text, expected) => {
    const parsed = parseDuration(text);
    expect(typeof parsed === "string" ? "problem" : parsed).toBe(expected);
  });
});

it("a range is picked beside what was picked before, without programs that have ended", () => {
  const store = createAppStore();
  const first = [target(1), target(2), target(3), target(4)];
  store.getState().setTargets(first, 0);
  store.getState().pickTarget(4);
  const { pickTargets } = store.getState();
  pickTargets(arrangeTargets([], first, byCpu, "", false).slice(0, 2));
  pickTargets([...store.getState().targetRows.slice(1, 2), { ...target(3), gone: true }]);
  expect(store.getState().pickedPids).toEqual([4, 1, 2]);
});
