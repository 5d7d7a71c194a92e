import { formatCount, formatCountOf, formatDuration, formatPercent } from "../../base/numbers.ts";
import { formatInterval } from "../../base/shares.ts";
import type { Selection } from "../../model/query.ts";
import type { FlameTable, InfoTable } from "../../model/tables.ts";
import { type Transform, transformSubject } from "../../model/transform.ts";

/** What was recorded, as a report says it: name and text, without those that are not known. */
export function reportFacts(info: InfoTable, flame: FlameTable, selection: Selection): [string, string][] {
  const facts: [string, string][] = [
    ["Target", info.target],
    [
      "Recorded",
      info.startedAtMs < 0 ? "" : new Date(info.startedAtMs).toISOString().replace(/\.\d+Z$/, "Z"),
    ],
    ["Host", [info.host, info.kernel].filter(Boolean).join(", kernel ")],
    ["Duration", info.durationNs > 0 ? formatDuration(info.durationNs) : ""],
    ["Profiler", [info.tool, info.toolVersion].filter(Boolean).join(" ") || info.format],
    ["Rate", info.periodNs > 0 ? `${formatCount(Math.round(1e9 / info.periodNs))} a second` : ""],
    ["Samples", `${formatCount(flame.totalSamples)}, ${formatCount(info.lostSamples)} lost`],
    ["Certainty", certaintyOf(flame)],
    ["Series", `${flame.series} in ${flame.unit}`],
    ["Stacks", info.stackMethod],
    ["Filters", filtersText(info, selection)],
    ["Command", info.command],
    [
      "Too narrow",
      flame.narrowNodes > 0
        ? `${formatPercent(flame.narrowValue, flame.totalValue)} of the weight, in ${formatCountOf(flame.narrowNodes, "frame")} too narrow to draw`
        : "nothing was left out of the graph",
    ],
  ];
  return facts.filter(([, text]) => text !== "");
}

/** Every share of a sampled profile is an estimate: how good a one, at the size that is mostly read. */
function certaintyOf({ sampleSize }: FlameTable): string {
  if (sampleSize <= 0) return "";
  const interval = formatInterval(sampleSize / 10, { totalValue: sampleSize, sampleSize });
  return `a share of 10 % is ${interval} with 95 % certainty (Wilson)`;
}

const transformWords: Readonly<Record<Transform["type"], string>> = {
  focus: "only stacks with",
  ignore: "without stacks with",
  hide: "hidden, their time given to the caller:",
  show: "only frames that match",
  "show-from": "only from the first frame that matches",
  "prune-from": "only down to",
  tagfocus: "only samples labelled",
  tagignore: "without samples labelled",
  "focus-function": "only what is under",
  "focus-subtree": "only what is under the calls",
  "merge-function": "merged into their callers:",
  "merge-node": "one call merged into its caller:",
  "drop-function": "without stacks with the function",
  "collapse-function": "with all that it calls as one:",
  "collapse-direct-recursion": "direct recursion as one call",
  "collapse-recursion": "recursion as one call",
  "collapse-module": "each binary as one frame",
  invert: "inverted",
};

function filtersText(info: InfoTable, selection: Selection): string {
  const parts: string[] = [];
  if (selection.rangeNs)
    parts.push(`from ${formatDuration(selection.rangeNs[0])} to ${formatDuration(selection.rangeNs[1])}`);
  else if (selection.lastNs !== null) parts.push(`the last ${formatDuration(selection.lastNs)}`);
  if (selection.threads !== null) {
    const names = selection.threads.map((index) => {
      const thread = info.threads[index];
      return thread ? `${thread.name} ${thread.tid}` : `#${index}`;
    });
    parts.push(`threads ${names.join(", ")}`);
  }
  if (selection.processes !== null) {
    const names = selection.processes.map((index) => {
      const process = info.processes[index];
      return process ? `${process.name} ${process.pid}` : `#${index}`;
    });
    parts.push(`processes ${names.join(", ")}`);
  }
  for (const transform of selection.transforms)
    parts.push(`${transformWords[transform.type]} ${transformSubject(transform)}`.trim());
  if (selection.search !== "") parts.push(`marked: what matches ${selection.search}`);
  return parts.join("; ") || "none";
}
