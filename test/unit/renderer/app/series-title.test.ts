import { expect, it } from "vitest";
import type { SeriesInfo } from "#core/model/tables.ts";
import { seriesTitle } from "../../../../renderer/app/series-title.ts";

const series = (id: string, name: string, unit: string): SeriesInfo => ({
  id,
  name,
  unit,
  kind: "cpu",
  samples: 1,
  total: 1,
});

it("values of one event are told apart by their unit, or by their own names", () => {
  const all = [
    series("cycles", "cycles", "count"),
    series("clock/time", "clock", "nanoseconds"),
    series("clock/samples", "clock", "count"),
    series("heap/alloc_space", "heap", "bytes"),
    series("heap/inuse_space", "heap", "bytes"),
    series("heap/inuse_objects", "heap", "count"),
  ];
  expect(all.map((each) => seriesTitle(each, all))).toEqual([
    "cycles",
    "clock · time",
    "clock · counts",
    "heap · alloc_space",
    "heap · inuse_space",
    "heap · counts",
  ]);
});

it("an event that is named after one of its values says each by its own name", () => {
  const all = [
    series("inuse_space/inuse_space", "inuse_space", "bytes"),
    series("inuse_space/alloc_space", "inuse_space", "bytes"),
    series("inuse_space/alloc_objects", "inuse_space", "count"),
  ];
  expect(all.map((each) => seriesTitle(each, all))).toEqual(["inuse_space", "alloc_space", "alloc_objects"]);
});
