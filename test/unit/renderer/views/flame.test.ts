import { describe, expect, it } from "vitest";
import {
  boxOf,
  chartHeightPx,
  type FlameLook,
  type FlameSpan,
  framesInSpan,
  levelsInView,
  outline,
  rowHeightPx,
} from "../../../../renderer/widgets/flame/flame-geometry.ts";
import {
  type FlameFrame,
  type FlameModel,
  flameModelOf,
  frameAt,
} from "../../../../renderer/widgets/flame/flame-model.ts";
import { type FlameMove, moveFrom, moveOfKey } from "../../../../renderer/widgets/flame/flame-navigation.ts";
import {
  between,
  holderOf,
  inside,
  placeIn,
  seenFrom,
  within,
  zoomedAbout,
} from "../../../../renderer/widgets/flame/flame-place.ts";
import { kindStrip, stripOfKind } from "../../../../renderer/widgets/flame/flame-strip.ts";
import {
  createLabels,
  detailsOf,
  narrowText,
  spokenDetails,
  weightText,
} from "../../../../renderer/widgets/flame/flame-text.ts";
import { plainName } from "../../../../renderer/widgets/function-text.ts";
import { flameTableOf } from "./sample-tables.ts";

const split = [
  "main@demo.c:9;phase;burn_a@demo.c:3 60",
  "main@demo.c:9;phase;burn_b 30",
  "main@demo.c:9;burn_c 10",
];

function modelOf(lines: readonly string[] = split, zoomTo = ""): FlameModel {
  const model = flameModelOf(flameTableOf(lines, zoomTo));
  if (model === null) throw new Error("nothing to draw");
  return model;
}

function named(model: FlameModel, name: string): FlameFrame {
  const found = model.frames.find((frame) => frame.name === name);
  if (found === undefined) throw new Error(`no frame ${name}`);
  return found;
}

const spaces = (text: string): string => text.replaceAll("\u00a0", " ");

describe("the frames of a table", () => {
  const check = (model: FlameModel, expected: Record<string, readonly [number, number, number]>) => {
    const drawn = model.frames.map((frame) => [
      frame.name,
      [frame.depth, Number(frame.x0.toFixed(4)), Number(frame.x1.toFixed(4))],
    ]);
    expect(Object.fromEntries(drawn)).toEqual(expected);
  };

  it("lie where the table puts them", () => {
    check(modelOf(), {
      all: [0, 0, 1],
      main: [1, 0, 1],
      burn_c: [2, 0, 0.1],
      phase: [2, 0.1, 1],
      burn_a: [3, 0.1, 0.7],
      burn_b: [3, 0.7, 1],
    });
  });

  it("fill the width from the zoomed frame down, below their callers", () => {
    const model = modelOf(split, "phase");
    expect([named(model, "main").x0, named(model, "main").x1, named(model, "main").ancestor]).toEqual([
      0,
      1,
      true,
    ]);
    expect([named(model, "phase").x1, named(model, "phase").ancestor]).toEqual([1, false]);
    expect(named(model, "burn_b").x0).toBeCloseTo(2 / 3);
    expect(model.zoomPath.map((frame) => frame.name)).toEqual(["all", "main", "phase"]);
  });

  it("keep gaps where a sibling was too narrow to be in the table", () => {
    const table = flameTableOf(split);
    const row = named(modelOf(), "burn_a").row;
    const start = table.start.slice();
    start[row] = 15;
    const model = flameModelOf({ ...table, start });
    expect(model && named(model, "burn_a").x0).toBeCloseTo(0.15);
  });

  it("get a root of their own where the table has several", () => {
    const table = flameTableOf(split);
    const kind = table.kind.slice();
    kind[0] = 0;
    const model = flameModelOf({ ...table, kind });
    expect(model?.frames.map((frame) => [frame.name, frame.depth]).slice(0, 2)).toEqual([
      ["all", 0],
      ["all", 1],
    ]);
    expect(model?.root.row).toBe(-1);
  });

  it("are none where nothing was sampled", () => {
    expect(flameModelOf(flameTableOf([]))).toBeNull();
  });

  it("survive stacks thousands of frames deep", () => {
    const deep = Array.from({ length: 5000 }, (_, level) => `level_${level}`).join(";");
    const model = modelOf([`${deep} 7`]);
    expect(model.levels.length).toBe(5001);
    expect(moveFrom(model, model.root, "last").name).toBe("level_4999");
  });

  it("are found under the pointer", () => {
    const model = modelOf();
    const at = (depth: number, x: number) => frameAt(model, depth, x)?.name ?? null;
    expect([at(0, 0.5), at(2, 0.05), at(2, 0.1), at(3, 0.05), at(3, 0.699), at(3, 0.7), at(9, 0)]).toEqual([
      "all",
      "burn_c",
      "phase",
      null,
      "burn_a",
      "burn_b",
      null,
    ]);
  });
});

describe("the keys", () => {
  const check = (from: string, move: FlameMove, expected: string) => {
    const model = modelOf();
    expect(moveFrom(model, named(model, from), move).name).toBe(expected);
  };

  it("go to callers, widest callees and neighbours", () => {
    check("burn_a", "caller", "phase");
    check("all", "caller", "all");
    check("main", "callee", "phase");
    check("burn_b", "callee", "burn_b");
    check("burn_c", "next", "phase");
    check("burn_c", "previous", "burn_c");
    check("burn_b", "previous", "burn_a");
    check("burn_b", "first", "all");
    check("all", "last", "burn_a");
    check("burn_a", "shallower", "all");
    check("all", "deeper", "burn_a");
  });

  it("follow the picture up and down", () => {
    expect([moveOfKey("ArrowUp", true), moveOfKey("ArrowUp", false)]).toEqual(["caller", "callee"]);
    expect([moveOfKey("PageDown", true), moveOfKey("PageDown", false)]).toEqual(["deeper", "shallower"]);
    expect(moveOfKey("a", true)).toBeNull();
  });
});

describe("the words", () => {
  it("carry units and context", () => {
    const whole = { unit: "nanoseconds", totalValue: 11.88e9, totalSamples: 1188, series: "cpu" };
    expect(spaces(weightText(3.68e9, 368, whole))).toBe("31.0 % · 368 of 1,188 samples · 3.68 s");
    expect(spaces(weightText(368, 368, { ...whole, unit: "samples", totalValue: 1188 }))).toBe(
      "31.0 % · 368 of 1,188 samples",
    );
  });

  it("tell place, kind and share of the zoomed frame", () => {
    const model = modelOf(split, "phase");
    const details = detailsOf(named(model, "burn_a"), model);
    expect([details.place, details.kind, spaces(details.ofZoomed), spaces(details.self)]).toEqual([
      "demo.c:3",
      "native",
      "66.7 % of phase",
      "self 60.0 % · 60 samples",
    ]);
    expect(detailsOf(model.root, model).self).toBe("");
  });

  it("mark kinds with a sign, not by colour alone", () => {
    const model = modelOf(["main;kernel!do_sys_poll 1", "main;gc!Mark-Compact 1"]);
    const labelOf = createLabels();
    expect(labelOf(named(model, "do_sys_poll"), 200)).toBe("◆ do_sys_poll");
    expect(labelOf({ ...named(model, "main"), inlined: true }, 200)).toBe("↳ main");
  });

  it("drop the path before a name that does not fit", () => {
    const check = (name: string, roomPx: number, expected: string) => {
      expect(createLabels()({ ...named(modelOf(), "main"), name }, roomPx)).toBe(expected);
    };
    check("cmd/compile/internal/ssa.Compile", 400, "cmd/compile/internal/ssa.Compile");
    check("cmd/compile/internal/ssa.Compile", 90, "ssa.Compile");
    check("operator/(int, a/b)", 40, "operator/(int, a/b)");
    check("read(a/b)", 40, "read(a/b)");
  });

  it("keep hostile names on one line, as text", () => {
    expect(plainName("<img src=x onerror=alert(1)>")).toBe("<img src=x onerror=alert(1)>");
    expect(plainName("a\nb\u0000c\u202ed")).toBe("a b c d");
    expect(plainName("x".repeat(10_000)).length).toBe(241);
    expect(plainName("")).toBe("(no name)");
  });

  it("say what is too narrow", () => {
    const table = { ...flameTableOf(split), narrowNodes: 340, narrowValue: 2.1 };
    expect(spaces(narrowText(table))).toBe("too narrow to draw: 2.1 % in 340 frames");
    expect(narrowText(flameTableOf(split))).toBe("");
  });

  it("are read aloud with the place in the tree", () => {
    const model = modelOf();
    expect(spaces(spokenDetails(named(model, "burn_b"), model))).toBe(
      "burn_b, 30.0 % · 30 of 100 samples, 95 % certain: 21.9–39.6 %, self 30.0 % · 30 samples, native, level 4, 2 of 2, no callees drawn",
    );
  });
});

describe("the picture", () => {
  const look: FlameLook = {
    widthPx: 1000,
    rootOnTop: true,
    selectedFunction: -1,
    fill: () => "",
    strip: kindStrip,
  };

  it("hangs down or grows up", () => {
    const model = modelOf();
    const height = chartHeightPx(model, { topPx: 0, heightPx: 20 });
    expect(height).toBe(4 * rowHeightPx());
    expect(boxOf(named(model, "burn_b"), look, height)).toMatchObject({ x: 700, y: 3 * rowHeightPx() });
    expect(boxOf(named(model, "burn_b"), { ...look, rootOnTop: false }, height).y).toBe(0);
  });

  it("draws only the levels near the window", () => {
    const model = modelOf([`${Array.from({ length: 500 }, (_, level) => `f${level}`).join(";")} 1`]);
    const window = { topPx: 200 * rowHeightPx(), heightPx: 20 * rowHeightPx() };
    expect(levelsInView(model, look, window)).toEqual([188, 232]);
    expect(levelsInView(model, { ...look, rootOnTop: false }, window)).toEqual([269, 313]);
  });

  it("cuts off what a span leaves out, callers with the picture", () => {
    const model = modelOf();
    const height = 4 * rowHeightPx();
    expect(boxOf(named(model, "burn_a"), look, height, [0.4, 0.9])).toMatchObject({
      x: 0,
      width: expect.closeTo(600),
    });
    expect(boxOf(named(model, "burn_c"), look, height, [0.4, 0.9])).toMatchObject({ width: 0 });
    const [, , level] = model.levels;
    expect(framesInSpan(level ?? [], [0.1, 0.5])).toEqual([1, 2]);
    expect(framesInSpan(level ?? [], [0, 1])).toEqual([0, 2]);
  });

  it("tells kernel, inlined and runtime frames apart without colours", () => {
    const strips = (["native", "kernel", "runtime", "gc"] as const).map(stripOfKind);
    expect(strips).toEqual([null, "solid", "dotted", "dotted"]);
    const frame = named(modelOf(), "main");
    expect(kindStrip({ ...frame, inlined: true }, modelOf().table)).toBe("dashed");
  });

  it("outlines frames inside their boxes", () => {
    expect(outline([{ x: 10, y: 18, width: 40 }])).toBe("M11 19h38v16h-38z");
    expect(outline([{ x: 0, y: 0, width: 1 }])).toBe("M1 1h0.5v16h-0.5z");
  });
});

describe("a zoom", () => {
  const near = (span: FlameSpan | null, expected: readonly [number, number]) => {
    expect(span?.[0]).toBeCloseTo(expected[0]);
    expect(span?.[1]).toBeCloseTo(expected[1]);
  };
  const all = modelOf();
  const phase = modelOf(split, "phase");
  const burnA = modelOf(split, "burn_a@demo.c:3");

  it("begins where the frames were, in and out", () => {
    near(placeIn(all, all), [0, 1]);
    near(placeIn(all, phase), [-1 / 9, 1]);
    near(placeIn(phase, all), [0.1, 1]);
    near(placeIn(phase, burnA), [0, 1.5]);
    expect(placeIn(burnA, modelOf(split, "burn_c"))).toBeNull();
  });

  it("goes there and back through the same places", () => {
    const there = placeIn(all, phase) ?? [0, 1];
    near(within(there, seenFrom(there, [0.25, 0.5])), [0.25, 0.5]);
    near(between([-1, 1], [0, 1], 0), [-1, 1]);
    near(between([-1, 1], [0, 1], 1), [0, 1]);
    // Half of the way the scale is in the middle of both: 1.5 times.
    const [from, to] = between([-1, 1], [0, 1], 0.5);
    expect(to - from).toBeCloseTo(1 / 0.75);
  });

  it("by hand stays inside, and keeps what is under the pointer there", () => {
    near(zoomedAbout([0, 1], 0.25, 0.5), [0.125, 0.625]);
    near(inside([-0.2, 0.3]), [0, 0.5]);
    near(inside([0.8, 1.3]), [0.5, 1]);
    expect(inside([-1, 3])).toEqual([0, 1]);
    expect(holderOf(all, [0.2, 0.5]).name).toBe("burn_a");
    expect(holderOf(all, [0.05, 0.5]).name).toBe("main");
  });
});
