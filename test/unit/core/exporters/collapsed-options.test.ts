import { describe, expect, it } from "vitest";
import { ProblemError } from "#core/base/result.ts";
import { exporterWith } from "#core/exporters/index.ts";
import { collapsed } from "#core/importers/collapsed.ts";
import { perfScript } from "#core/importers/perf-script.ts";
import { kindAt, type Profile } from "#core/model/profile.ts";
import { everything } from "#core/model/query.ts";
import { bytesOf, feed } from "../importers/importing.ts";

const text = `sh 7/8 1.000001: 5 cycles:
\tffffffff81000010 do_exec;now ([kernel.kallsyms])
\t          401000 [unknown] (/opt/app)

java 7/8 1.000002: 2 cycles:
\t    7f0000001000 LFoo;::bar(I)V (/tmp/perf-7.map)
\t    7f0000001000 small (inlined)
\t          402000 Lnet/Big;::run (/opt/app)

node 9/9 1.000003: 1 cycles:
\t    7f0000002000 LazyCompile:*hot file:///a b.js:3 (/tmp/perf-9.map)
\t    7f0000003000  (/lib/libc.so)

`;

const collapsedWith = (profile: Profile, ...options: readonly string[]): string[] => {
  const chunks = exporterWith("collapsed", options).write({
    profile,
    selection: everything,
    answer: () => {
      throw new Error("the tree is not asked for");
    },
    title: "",
    widthPx: 0,
    options,
  });
  return Buffer.concat([...chunks])
    .toString("utf8")
    .trimEnd()
    .split("\n");
};

describe("options of collapsed stacks", () => {
  const profile = feed(perfScript, bytesOf(text));
  const check = (options: readonly string[], expected: readonly string[]): void =>
    it(options.join(), () => expect(collapsedWith(profile, ...options)).toEqual(expected));

  check(["kernel"], ["[app];do_exec:now_[k] 5", "Lnet/Big:::run;small;LFoo:::bar(I)V 2", "[libc.so];hot 1"]);
  check(
    ["tid", "all"],
    [
      "sh-7/8;[app];do_exec:now_[k] 5",
      "java-7/8;Lnet/Big:::run;small_[i];LFoo:::bar(I)V_[j] 2",
      "node-9/9;[libc.so];hot_[j] 1",
    ],
  );
  check(
    ["pid", "no-pid", "addrs"],
    [
      "sh-?;[app <401000>];do_exec:now 5",
      "java-?;Lnet/Big:::run;small;LFoo:::bar(I)V 2",
      "node-?;[libc.so <7f0000003000>];hot 1",
    ],
  );
  check(
    ["context"],
    ["[app];do_exec:now 5", "Lnet/Big:::run;small;LFoo:::bar(I)V 2", "[libc.so];hot:file:///a b.js:3 1"],
  );
  check(
    ["flamegraph"],
    [
      "java;net/Big:::run;small;LFoo:::bar 2",
      "node; ;LazyCompile:*hot file:///a b.js:3 1",
      "sh;[app];do_exec:now 5",
    ],
  );

  it("goes out and comes back with its kinds and inlined frames", () => {
    const { functions, frames, strings } = feed(collapsed, bytesOf(collapsedWith(profile, "all").join("\n")));
    const kinds = Object.fromEntries(
      [...frames.function].map((fn, frame) => [
        strings[functions.name[fn]],
        [kindAt(functions.kind[fn]), frames.inlineDepth[frame]],
      ]),
    );
    expect(kinds).toMatchObject({ "do_exec:now": ["kernel", 0], small: ["unknown", 1], hot: ["jit", 0] });
  });

  it("says which options there are", () => {
    expect(() => exporterWith("collapsed", ["kernal"])).toThrow(ProblemError);
    expect(() => exporterWith("svg", ["kernel"])).toThrow("has no option");
  });
});
