import { formatPercent } from "../base/numbers.ts";
import type { ObserverCost, TargetFacts } from "./recording.ts";

/** What is known of a program, for people: the most telling first. */

const languages: Readonly<Record<string, string>> = {
  c: "C",
  "c++": "C++",
  rust: "Rust",
  go: "Go",
  python: "Python",
  node: "Node.js",
  java: "Java",
  ruby: "Ruby",
};

/** "Python 3.11.2"; of C and C++ the version is the compiler's, which nobody asks for first. "" where unknown. */
export function runtimeWords({ language, version }: TargetFacts): string {
  const name = languages[language] ?? "";
  return version === "" || name === "" || language === "c" || language === "c++"
    ? name
    : `${name} ${version}`;
}

const symbolWords = { full: "symbols full", dynamic: "stripped", none: "no symbols" } as const;

/** "built with AddressSanitizer and UndefinedBehaviorSanitizer". */
export const sanitizerWords = (names: readonly string[]): string =>
  `built with ${names.map((name) => `${sanitizerNames[name] ?? name}Sanitizer`).join(" and ")}`;

const sanitizerNames: Readonly<Record<string, string>> = {
  address: "Address",
  leak: "Leak",
  thread: "Thread",
  memory: "Memory",
  undefined: "UndefinedBehavior",
};

export function factWords(facts: TargetFacts): readonly string[] {
  const runtime = runtimeWords(facts);
  return [
    ...(runtime === "" ? [] : [runtime]),
    ...(facts.symbols === null ? [] : [symbolWords[facts.symbols]]),
    ...(facts.framePointers === null ? [] : [`frame pointers ${facts.framePointers ? "yes" : "no"}`]),
    ...(facts.debugInfo === true ? ["debug information"] : []),
    ...(facts.optimised === false ? ["built without optimisation!"] : []),
    ...(facts.sanitizers.length > 0 ? [`${sanitizerWords(facts.sanitizers)}!`] : []),
    ...(facts.inspector?.state === "open" ? [`inspector open at ${facts.inspector.address}`] : []),
    ...(facts.namespaces.pid || facts.namespaces.mount ? ["in namespaces of its own"] : []),
  ];
}

/** "profiler 1.2 %, workbench 3.4 % of a core". */
export function observerWords({ profilerPercent, workbenchPercent }: ObserverCost): string {
  const profiler = profilerPercent === null ? "" : `profiler ${formatPercent(profilerPercent, 100)}, `;
  return `${profiler}workbench ${formatPercent(workbenchPercent, 100)} of a core`;
}
