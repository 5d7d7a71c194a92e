import { expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { NONE, ProfileBuilder } from "#core/model/builder.ts";
import type { QueryInput, Selection } from "#core/model/query.ts";
import { sourceLines } from "#core/model/source-lines.ts";

/** main.c:3 calls parse at line 10, into which add.h:2 is inlined; parse calls itself from line 11. */
function profile() {
  const out = new ProfileBuilder();
  const series = out.series({
    id: "cpu",
    kind: "cpu",
    timed: true,
    values: [{ name: "time", unit: "nanoseconds" }],
  });
  const binary = out.binary("/srv/demo/app", "abcd");
  const fn = (name: string, file: string, line: number): number =>
    out.function({ name: out.string(name), file: out.string(file), line, binary, kind: "native" });
  const main = fn("main", "/src/main.c", 1);
  const parse = fn("parse", "/src/parse.c", 8);
  const add = fn("add", "/src/add.h", 1);
  const thread = out.thread(out.process(1, "app"), 1, "app");
  const stack = (...frames: readonly Parameters<ProfileBuilder["frame"]>[0][]): number =>
    frames.reduce((above, frame) => out.stack(above, out.frame(frame)), NONE);
  const inMain = { function: main, line: 3, addressHigh: 0, addressLow: 0x1010 };
  const at = (line: number, addressLow: number) => ({ function: parse, line, addressHigh: 0, addressLow });
  const inlined = { function: add, line: 2, addressHigh: 0, addressLow: 0x2020, inlineDepth: 1 };
  let time = 0;
  const sample = (weight: number, which: number): void =>
    void series.add(out.seen(time++), thread, which, weight);
  sample(5, stack(inMain, at(9, 0x2008)));
  sample(7, stack(inMain, at(10, 0x2020), inlined));
  sample(11, stack(inMain, at(11, 0x2030), at(11, 0x2030), at(9, 0x2008)));
  return out.build();
}

const ask = (name: string, selection: Partial<Selection> = {}, file = "") =>
  createAnalyst().answer(profile(), {
    view: "source",
    selection,
    function: name,
    file,
  } satisfies QueryInput);

it("a line counts once on a stack, and inlined code stands at its own line", () => {
  const parse = ask("parse");
  expect([parse.file, parse.startLine, parse.self, parse.total]).toEqual(["/src/parse.c", 8, 16, 23]);
  expect(sourceLines(parse, null, parse.file)).toEqual([
    { line: 9, self: 16, total: 16 },
    { line: 10, self: 0, total: 7 },
    { line: 11, self: 0, total: 11 },
  ]);
  const add = ask("add");
  expect(sourceLines(add, null, "/src/add.h")).toEqual([{ line: 2, self: 7, total: 7 }]);
  expect(add.addresses.length).toBe(0);
});

it("instructions have what was inlined into them as their own, and calls at where they return to", () => {
  const { addresses, binary, buildId, landmarks } = ask("parse");
  expect([binary, buildId, landmarks.length]).toEqual(["/srv/demo/app", "abcd", 0]);
  expect(Array.from(addresses.low, (low, row) => [low, addresses.self[row], addresses.calls[row]])).toEqual([
    [0x2008, 16, 0],
    [0x2020, 7, 0],
    [0x2030, 0, 22],
  ]);
});

it("follows the selection: its range, and its transforms", () => {
  expect(ask("parse", { rangeNs: [0, 1] }).total).toBe(5);
  expect(ask("add", { transforms: [{ type: "hide", pattern: "^add$" }] }).function).toBe("add");
  expect(ask("add", { transforms: [{ type: "hide", pattern: "^add$" }] }).total).toBe(0);
  const hidden = ask("parse", { transforms: [{ type: "hide", pattern: "^add$" }] });
  expect(sourceLines(hidden, null, hidden.file)[1]).toEqual({ line: 10, self: 7, total: 7 });
});

it("has nothing of a function that is not there", () => {
  const none = ask("nobody");
  expect([none.function, none.file, none.length, none.total]).toEqual(["", "", 0, 0]);
});
