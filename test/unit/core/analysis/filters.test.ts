import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { perfScript } from "#core/importers/perf-script.ts";
import { presetOf, presets } from "#core/model/presets.ts";
import type { Profile } from "#core/model/profile.ts";
import { transformSchema } from "#core/model/transform.ts";
import { feed, fixture } from "../importers/importing.ts";
import { profileOf } from "../stacks-profile.ts";

const offered = (profile: Profile): readonly string[] =>
  createAnalyst()
    .answer(profile, { view: "filters" })
    .presets.map(({ id }) => id);

/** Functions that are left with time of their own, the most first. */
function leftBy(profile: Profile, ...ids: readonly string[]): readonly string[] {
  const transforms = ids.flatMap((id) => [...(presetOf(id)?.transforms ?? [])]);
  const table = createAnalyst().answer(profile, { view: "top", selection: { transforms } });
  return Array.from(table.name.subarray(0, table.length), (name) => table.strings[name] ?? "");
}

const offCpu = feed(perfScript, fixture("perf-script/offcpu_dwarf.script.txt"));
const nodeJit = feed(perfScript, fixture("perf-script/node_jit.script.txt.gz"));

describe("presets", () => {
  it("are transforms like any other, of names that may stand in a word", () => {
    for (const { id, transforms } of presets) {
      expect(id).toMatch(/^[a-z-]+$/);
      for (const each of transforms) expect(v.parse(transformSchema, each)).toEqual(each);
    }
    expect(new Set(presets.map(({ id }) => id)).size).toBe(presets.length);
  });

  it("are offered where they would change something", () => {
    expect(offered(offCpu)).toContain("hide-libc");
    expect(offered(offCpu)).toContain("hide-kernel");
    expect(offered(offCpu)).not.toContain("hide-jvm");
    expect(offered(nodeJit)).toContain("hide-event-loop");
    expect(offered(profileOf([{ stack: "main;a" }]))).toEqual([]);
    expect(offered(profileOf([{ stack: "a;b;a" }]))).toEqual(["collapse-recursion"]);
  });

  it("leave the program's own functions, with all the time", () => {
    expect(leftBy(offCpu)[0]).toBe("__schedule");
    expect(leftBy(offCpu, "only-my-code").join()).not.toMatch(/__schedule|nanosleep|__libc_start|read/);
    expect(leftBy(offCpu, "only-my-code")).toEqual(
      expect.arrayContaining(["sleeper", "pipe_wait", "burner"]),
    );
    const whole = (ids: readonly string[]): number =>
      createAnalyst().answer(offCpu, {
        view: "top",
        selection: { transforms: ids.flatMap((id) => [...(presetOf(id)?.transforms ?? [])]) },
      }).totalValue;
    expect(whole(["only-my-code"])).toBe(whole([]));
  });
});
