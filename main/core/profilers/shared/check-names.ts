import type { TargetFacts } from "../../model/recording.ts";
import type { Check } from "../profiler.ts";
import { passed } from "./checks.ts";

/**
 * perf sees machine code: what an interpreter or a just-in-time compiler runs has names only where the runtime writes them
 * to a map. Flags as `TargetFacts.flags` has them.
 */
export function checkRuntimeNames(facts: TargetFacts | null): readonly Check[] {
  if (facts === null) return [];
  switch (facts.language) {
    case "python":
      return [checkPython(facts)];
    case "node":
      return [checkFlag(facts, node)];
    case "java":
      return [checkFlag(facts, java)];
    default:
      return [];
  }
}

const title = "Names of the program's own functions";
const trampolinesSince = 12;

/** Python's functions are named while it runs: in a map, or with `-X perf_jit` in a jitdump. */
const trampolineFlag = /^-X ?(perf(?:_jit)?)$/;
export const hasTrampolines = ({ language, flags }: TargetFacts): boolean =>
  language === "python" && flags.some((flag) => trampolineFlag.test(flag));

function checkPython(facts: TargetFacts): Check {
  const { version, flags } = facts;
  const minor = Number(/^3\.(\d+)/.exec(version)?.[1] ?? Number.NaN);
  const called = version === "" ? "Python" : `Python ${version}`;
  const given = flags.map((flag) => trampolineFlag.exec(flag)?.[1]).find(Boolean);
  if (given === "perf") return passed("runtime-names", title, `${called} was started with -X perf`);
  const warning: Check = {
    id: "runtime-names",
    title,
    status: "warn",
    found:
      given === undefined
        ? `It is ${called}, started without -X perf`
        : `It is ${called}, started with -X perf_jit: it keeps the newest names to itself for as long as it runs`,
    prevents:
      given === undefined
        ? "perf sees the functions of the interpreter alone, and none of Python."
        : "Functions that were called first of late have names only when what perf wrote is opened after the program's end.",
    fix: "Start it with -X perf, or record it with py-spy, which needs no switch.",
    consequence:
      "Holds for that start, and costs a few percent; whole stacks of interpreters without frame pointers need the call graph DWARF.",
  };
  if (minor >= trampolinesSince) return warning;
  return {
    ...warning,
    found: `It is ${called}: perf trampolines came with 3.12`,
    fix: "Record it with py-spy or austin, which read the interpreter.",
    consequence: "",
  };
}

interface NamedBy {
  readonly runtime: string;
  readonly flags: readonly string[];
  readonly without: string;
  readonly instead: string;
  readonly cost: string;
}

const node: NamedBy = {
  runtime: "Node",
  flags: ["--perf-basic-prof", "--perf-basic-prof-only-functions"],
  without: "perf sees V8 and native code alone: JavaScript functions are addresses.",
  instead: "record it through its inspector, which needs no switch",
  cost: "Holds for that start; the map in /tmp grows with every function that is compiled. What V8 inlines counts for its caller: --no-turbo-inlining keeps them apart, and is slower.",
};
const java: NamedBy = {
  runtime: "The JVM",
  flags: ["-XX:+PreserveFramePointer"],
  without: "Stacks end at the first Java method, and methods are addresses.",
  instead: "record it with Flight Recorder or async-profiler, which need no switch",
  cost: "Holds for that start, and costs about 1 %; jcmd PID Compiler.perfmap then writes the names (JDK 17 and later).",
};

function checkFlag({ version, flags }: TargetFacts, named: NamedBy): Check {
  const [first = ""] = named.flags;
  // V8 takes its switches with either mark.
  const said = new Set(flags.map((flag) => flag.replaceAll("_", "-")));
  const given = named.flags.find((flag) => said.has(flag));
  const called = version === "" ? named.runtime : `${named.runtime} ${version}`;
  if (given !== undefined) return passed("runtime-names", title, `${called} was started with ${given}`);
  return {
    id: "runtime-names",
    title,
    status: "warn",
    found: `${called} was started without ${first}`,
    prevents: named.without,
    fix: `Start it with ${first}, or ${named.instead}.`,
    consequence: named.cost,
  };
}
