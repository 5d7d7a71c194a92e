import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { findExporter } from "#core/exporters/index.ts";
import { NONE, ProfileBuilder } from "#core/model/builder.ts";
import type { Profile } from "#core/model/profile.ts";
import { everything } from "#core/model/query.ts";
import { needs } from "../needs.ts";

function profile(): Profile {
  const out = new ProfileBuilder();
  out.meta({ command: "record -p 4711", periodNs: 10e6, startedAtMs: 1.7e12 });
  const binary = out.binary("/usr/bin/worker", "abcdef01");
  const file = out.string("/src/worker.c");
  const frame = (name: string, line: number, inlineDepth = 0): number =>
    out.frame({
      function: out.function({ name: out.string(name), binary, file, line: 1 }),
      addressHigh: 0x7fff,
      addressLow: inlineDepth > 0 ? 0x2000 : line * 0x100,
      line,
      inlineDepth,
    });
  const main = out.stack(NONE, frame("main", 16));
  const parse = out.stack(main, frame("parse", 32));
  const small = out.stack(parse, frame("small", 33, 1));
  const thread = out.thread(out.process(4711, "worker"), 4712, "reader");
  const labels = out.labelSet([{ key: out.string("request"), text: out.string("GET /") }]);
  const cpu = out.series({
    id: "cpu",
    kind: "cpu",
    timed: true,
    values: [{ name: "cpu", unit: "nanoseconds" }],
  });
  cpu.add(out.seen(10e6), thread, main, 10e6);
  cpu.add(out.seen(20e6), thread, small, 30e6, 0, labels);
  cpu.add(out.seen(30e6), thread, small, 60e6, 0, labels);
  const space = out.series({
    id: "space",
    kind: "alloc",
    timed: true,
    values: [{ name: "space", unit: "bytes" }],
  });
  space.add(out.seen(25e6), thread, parse, 2 ** 20);
  return out.build();
}

needs("go")("go tool pprof reads our export", () => {
  const folder = mkdtempSync(join(tmpdir(), "flamewright-pprof-"));
  const file = join(folder, "profile.pb");
  const pprof = (...args: readonly string[]): string =>
    execFileSync("go", ["tool", "pprof", "-symbolize=none", ...args, file], {
      encoding: "utf8",
      env: { ...process.env, PPROF_TMPDIR: folder },
      stdio: ["ignore", "pipe", "ignore"],
    });

  beforeAll(() => {
    const source = profile();
    const analyst = createAnalyst();
    const chunks = findExporter("pprof")?.write({
      profile: source,
      selection: everything,
      answer: (query) => analyst.answer(source, query),
      title: "",
      widthPx: 1200,
    });
    writeFileSync(file, Buffer.concat([...(chunks ?? [])]));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("as a table of functions, of the value it starts with", () => {
    const top = pprof("-top");
    expect(top).toContain("Type: cpu");
    expect(top).toMatch(/90ms\s+90\.00%\s+90\.00%\s+90ms\s+90\.00%\s+small/);
    expect(top).toMatch(/10ms\s+10\.00%\s+100%\s+100ms\s+100%\s+main/);
    expect(top).toMatch(/\s0\s+0%\s+100%\s+90ms\s+90\.00%\s+parse/);
  });

  it("of every value", () => {
    expect(pprof("-top", "-sample_index=space")).toMatch(/1MB\s+100%\s+100%\s+1MB\s+100%\s+parse/);
    expect(pprof("-top", "-sample_index=samples")).toMatch(/2\s+66\.67%.*small/);
  });

  it("by thread and label", () => {
    expect(pprof("-tags")).toMatch(/request: Total 90(\.0)?ms/);
    expect(pprof("-top", "-tagfocus=request=GET")).toContain("small");
    expect(pprof("-tags")).toMatch(/tid:.*\n.*4712/);
  });

  it("with what was inlined, lines, files, addresses and the binary", () => {
    const raw = pprof("-raw");
    expect(raw).toMatch(
      /0x7fff00002000 M=1 small \/src\/worker\.c:33(:0)? s=1.*\n\s+parse \/src\/worker\.c:32/,
    );
    expect(raw).toContain("/usr/bin/worker abcdef01 [FN][FL][LN][IN]");
    expect(raw).toContain("record -p 4711");
    expect(raw).toMatch(/PeriodType: cpu nanoseconds\nPeriod: 10000000/);
  });
});
