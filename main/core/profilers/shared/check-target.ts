import { sanitizerWords } from "../../model/fact-words.ts";
import type { TargetFacts } from "../../model/recording.ts";
import type { Check } from "../profiler.ts";
import { hasTrampolines } from "./check-names.ts";
import { passed } from "./checks.ts";

/** How good a profile of a program can be, from what its file tells; known before the recording. */

const compiled = new Set(["c", "c++", "rust", "go", ""]);

/** Of what runs as machine code. Of an interpreter, where only its namespaces matter here. */
export function checkTargetQuality(facts: TargetFacts): readonly Check[] {
  const checks: Check[] = [];
  if (compiled.has(facts.language)) {
    if (facts.symbols !== null) checks.push(checkSymbols(facts));
    if (facts.framePointers !== null) checks.push(checkFramePointers(facts));
    if (facts.optimised !== null) checks.push(checkOptimised(facts));
    if (facts.sanitizers.some((name) => slow.has(name))) checks.push(checkSanitizers(facts));
  }
  const { pid, mount, user } = facts.namespaces;
  if (pid || mount || user) checks.push(checkNamespaces(facts));
  return checks;
}

function checkSymbols({ symbols, executable }: TargetFacts): Check {
  const title = "Names of functions";
  if (symbols === "full") return passed("symbols", title, "The program has all its symbols");
  return {
    id: "symbols",
    title,
    status: "warn",
    found:
      symbols === "dynamic"
        ? `${executable} is stripped: only what it exports has a name`
        : `${executable} has no symbols at all`,
    prevents: "Its own functions show as addresses.",
    fix: "Run a build that was not stripped (no -s, no strip), or install its package of debug symbols (-dbgsym).",
    consequence: "Symbols take disk, not time; whoever reads the file then sees the names.",
  };
}

function checkFramePointers({ framePointers, language }: TargetFacts): Check {
  const title = "Frame pointers";
  if (framePointers) return passed("frame-pointers", title, "The program keeps them: stacks are whole");
  return {
    id: "frame-pointers",
    title,
    status: "warn",
    found: "The program was built without frame pointers",
    prevents: "Stacks that are read by frame pointers skip callers, or end after one or two frames.",
    fix:
      language === "rust"
        ? "RUSTFLAGS=-Cforce-frame-pointers=yes cargo build --release"
        : "Build with -fno-omit-frame-pointer, or record with the call graph DWARF.",
    consequence:
      "Frame pointers cost about 1 % of the time, as long as that build runs; DWARF costs 8 KiB a sample.",
  };
}

/** LeakSanitizer looks at the end only, and UndefinedBehaviorSanitizer's checks are a few percent. */
const slow: ReadonlySet<string> = new Set(["address", "thread", "memory"]);

const checkSanitizers = ({ sanitizers }: TargetFacts): Check => ({
  id: "sanitizers",
  title: "Sanitizers",
  status: "warn",
  found: `The program was ${sanitizerWords(sanitizers)}`,
  prevents:
    "The profile shows the costs of its checks: 2 times the time and more, most where memory is touched.",
  fix: "Record a build without -fsanitize.",
  consequence: "As long as that build runs; what the sanitizer finds, it finds in its own build.",
});

function checkOptimised({ optimised, language }: TargetFacts): Check {
  const title = "Optimisation";
  if (optimised) return passed("optimised", title, "The program was built with optimisation");
  return {
    id: "optimised",
    title,
    status: "warn",
    found: "The program was built without optimisation",
    prevents: "The profile shows costs that a release build does not have.",
    fix:
      language === "go"
        ? "go build (without -gcflags=-N)"
        : language === "rust"
          ? "cargo build --release"
          : "Build with -O2 -g -fno-omit-frame-pointer.",
    consequence: "As long as that build runs; debuggers show less of it.",
  };
}

function checkNamespaces({ namespaces, pidInside }: TargetFacts): Check {
  const kinds = [
    ...(namespaces.pid ? [`processes (it is ${pidInside} there)`] : []),
    ...(namespaces.mount ? ["files"] : []),
    ...(namespaces.user ? ["users"] : []),
  ];
  return {
    id: "namespaces",
    title: "Namespaces",
    status: "warn",
    found: `The process has its own view of ${kinds.join(", ")}`,
    prevents:
      "Its paths are not ours: symbols of its libraries may be missing, and tools that attach may not find it.",
    fix: "Record it from here with perf; where names are missing, run Flamewright in the same container.",
    consequence: "Nothing is changed.",
  };
}

/** The call graph that suits a program where none was asked for, and why, in words for the recording's remarks. */
export function callGraphFor(facts: TargetFacts | null): {
  readonly callGraph: "fp" | "dwarf";
  readonly reason: string;
} {
  if (facts !== null && hasTrampolines(facts) && facts.framePointers !== true)
    return {
      callGraph: "dwarf",
      reason:
        "Python names its functions for perf, and the interpreter may keep no frame pointers: DWARF is used, which reads whole stacks without them.",
    };
  if (facts === null || !compiled.has(facts.language) || facts.framePointers !== false)
    return { callGraph: "fp", reason: "" };
  return {
    callGraph: "dwarf",
    reason:
      "The program was built without frame pointers: DWARF is used, which reads whole stacks without them.",
  };
}
