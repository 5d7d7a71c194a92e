import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { NONE, ProfileBuilder } from "#core/model/builder.ts";
import { parseDurationNs } from "#core/model/label-filter.ts";
import type { Profile } from "#core/model/profile.ts";
import type { Transform } from "#core/model/transform.ts";

/** One function a sample; its name says its labels. */
function labelled(): Profile {
  const out = new ProfileBuilder();
  const series = out.series({
    id: "heap",
    kind: "heap",
    timed: false,
    values: [{ name: "space", unit: "bytes" }],
  });
  const add = (name: string, labels: Parameters<ProfileBuilder["labelSet"]>[0]): void => {
    const frame = out.frame({ function: out.function({ name: out.string(name) }) });
    series.add(0, NONE, out.stack(NONE, frame), 1, 0, out.labelSet(labels));
  };
  const text = (key: string, value: string) => ({ key: out.string(key), text: out.string(value) });
  const number = (key: string, value: number, unit = "") => ({
    key: out.string(key),
    number: value,
    ...(unit !== "" && { unit: out.string(unit) }),
  });
  add("none", []);
  add("get", [text("request", "GET /a"), text("user", "ann")]);
  add("post", [text("request", "POST /b"), text("user", "bob")]);
  add("64k", [number("bytes", 65536)]);
  add("1m", [number("bytes", 2 ** 20, "bytes")]);
  add("2m", [number("size", 2048, "kilobytes"), text("user", "ann")]);
  add("90ms", [number("latency", 90e6, "nanoseconds")]);
  add("2s", [number("latency", 2, "s")]);
  return out.build();
}

const passing = (...transforms: readonly Transform[]): string[] => {
  const table = createAnalyst().answer(labelled(), {
    view: "top",
    selection: { transforms: [...transforms] },
    sort: "name",
    descending: false,
  });
  return Array.from(table.name, (name) => table.strings[name] ?? "");
};
const everyName = ["1m", "2m", "2s", "64k", "90ms", "get", "none", "post"];

describe("labels", () => {
  const cases: [string, string[]][] = [
    ["ann", ["2m", "get"]],
    ["GET", ["get"]],
    ["request:POST", ["post"]],
    ["user=ann", ["2m", "get"]],
    ["user=ann,bob", ["2m", "get", "post"]],
    ["ann,GET", ["get"]],
    ["128kb:1mb", ["1m"]],
    ["128kb:", ["1m", "2m"]],
    [":128kb", ["64k"]],
    ["64kb", ["64k"]],
    ["size=2mb", ["2m"]],
    [":100ms", ["90ms"]],
    ["latency=1s:", ["2s"]],
    ["latency=2", ["2s"]],
    ["1500ms:2s", ["2s"]],
    ["no such", []],
  ];
  it.each(cases)("%s", (pattern, expected) => {
    expect(passing({ type: "tagfocus", pattern })).toEqual(expected);
    expect(passing({ type: "tagignore", pattern })).toEqual(
      everyName.filter((name) => !expected.includes(name)),
    );
  });

  it("all of several must hold", () => {
    expect(
      passing({ type: "tagfocus", pattern: "user=ann" }, { type: "tagignore", pattern: "request=GET" }),
    ).toEqual(["2m"]);
  });
});

it("reads times as people write them", () => {
  expect(["1.5s", "200ms", "3", "2min", "7kb", "x", "-1s"].map(parseDurationNs)).toEqual([
    1.5e9,
    200e6,
    3e9,
    120e9,
    null,
    null,
    null,
  ]);
});

it("labels are listed to choose from, with their texts, the most common first", () => {
  expect(createAnalyst().answer(labelled(), { view: "filters" }).labels).toEqual([
    { key: "request", texts: ["GET /a", "POST /b"], textsInAll: 2, isNumber: false },
    { key: "user", texts: ["ann", "bob"], textsInAll: 2, isNumber: false },
    { key: "bytes", texts: [], textsInAll: 0, isNumber: true },
    { key: "size", texts: [], textsInAll: 0, isNumber: true },
    { key: "latency", texts: [], textsInAll: 0, isNumber: true },
  ]);
});
