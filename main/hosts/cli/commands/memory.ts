import { readFile } from "node:fs/promises";
import {
  formatBytes,
  formatCount,
  formatCountOf,
  formatDuration,
  formatPercent,
} from "#core/base/numbers.ts";
import { ProblemError, problemOf } from "#core/base/result.ts";
import type { MemorySite, MemoryTable, PageFaults } from "#core/model/memory-table.ts";
import { type MemorySort, memorySorts } from "#core/model/query.ts";
import { everyRow, openSelected } from "../ask-file.ts";
import {
  type Command,
  exitCodes,
  numberFlag,
  onlyFile,
  type Parsed,
  printJson,
  type Terminal,
  textFlag,
  UsageError,
} from "../command.ts";
import { ask, openFile, withEngine } from "../engine-client.ts";
import { heapDiffLines } from "../heap-diff-text.ts";
import { isLive, liveFlags, liveHelp, showLive } from "../live-table.ts";
import { recordRequest } from "../record-flags.ts";
import { memberHelp, parseQuery, selectionHelp } from "../selection-flags.ts";
import { textTable, visible } from "../text-table.ts";

/** The JSON contract of `memory --json`: scripts rely on it, so nothing is renamed or taken away. */
const memoryJson = (table: MemoryTable) => ({
  source: table.source,
  sampledObjects: table.sampledObjects,
  leastSizes: table.leastSizes,
  startNs: table.startNs,
  endNs: table.endNs,
  peakBytes: table.peakBytes,
  peakAtNs: table.peakAtNs,
  liveAtStartBytes: table.liveAtStartBytes,
  liveAtEndBytes: table.liveAtEndBytes,
  liveAtEndBlocks: table.liveAtEndBlocks,
  allocatedBytes: table.allocatedBytes,
  allocations: table.allocations,
  freedBytes: table.freedBytes,
  temporaryAllocations: table.temporary,
  ratePerS: table.ratePerS,
  counters: table.counters,
  pageFaults: table.pageFaults,
  sizes: table.sizes,
  suppressed: table.suppressed,
  sites: table.sites.map(({ kind: _kind, function: _function, suspicion, ...site }) => ({
    ...site,
    suspicion: Number.isNaN(suspicion) ? null : suspicion,
  })),
});

const signed = (bytes: number): string => `${bytes > 0 ? "+" : ""}${formatBytes(bytes)}`;
/** Less than a byte a second is noise of the line that is laid through the points. */
const rate = (bytesPerS: number): string =>
  Math.abs(bytesPerS) < 1 ? "" : `${signed(Math.round(bytesPerS))}/s`;
const place = ({ file, line, binary }: MemorySite): string =>
  file === "" ? binary : line > 0 ? `${file}:${line}` : file;

function summaryLines(table: MemoryTable): string[] {
  const lines: string[] = [];
  const add = (name: string, text: string): void => void lines.push(`${name.padEnd(10)} ${text}`);
  if (table.liveSeries !== "") {
    const when = table.peakAtNs < 0 ? "" : ` at ${formatDuration(table.peakAtNs)}`;
    add("peak", `${formatBytes(table.peakBytes)}${when}`);
    const what = table.sampledObjects ? "sampled object" : "block";
    const blocks = table.liveAtEndBlocks > 0 ? ` in ${formatCountOf(table.liveAtEndBlocks, what)}` : "";
    add(
      "live",
      `${table.leastSizes ? "at least " : ""}${formatBytes(table.liveAtEndBytes)}${blocks}${table.timed ? " at the end" : ""}`,
    );
    if (table.timed)
      add(
        "growth",
        `${signed(table.liveAtEndBytes - table.liveAtStartBytes)} from ${formatBytes(table.liveAtStartBytes)}`,
      );
    if (table.timed && rate(table.ratePerS) !== "") add("trend", rate(table.ratePerS));
  }
  if (table.allocatedSeries !== "") {
    const count = table.allocations > 0 ? ` in ${formatCount(table.allocations)} allocations` : "";
    add("allocated", `${formatBytes(table.allocatedBytes)}${count}`);
    if (table.liveSeries !== "" && !table.sampledObjects) add("freed", formatBytes(table.freedBytes));
  }
  if (table.leastSizes)
    add("sizes", "not told by this JVM: an array counts as its elements, any other object as 16 B");
  if (table.temporary > 0)
    add(
      "temporary",
      `${formatCount(table.temporary)} allocations, ${formatPercent(table.temporary, table.allocations)}`,
    );
  return lines;
}

function counterLines(table: MemoryTable): string[] {
  const shown = table.counters.filter(({ peakBytes }) => peakBytes > 0);
  const faults = table.pageFaults === null ? [] : [faultWords(table.pageFaults)];
  if (shown.length === 0) return faults;
  const more = shown.length - mostCounters;
  const rows = textTable(
    [
      { title: "MEMORY", align: "left" },
      { title: "FIRST", align: "right" },
      { title: "LAST", align: "right" },
      { title: "PEAK", align: "right" },
      { title: "RATE", align: "right" },
    ],
    shown
      .slice(0, mostCounters)
      .map(({ name, firstBytes, lastBytes, peakBytes, ratePerS }) => [
        name,
        formatBytes(firstBytes),
        formatBytes(lastBytes),
        formatBytes(peakBytes),
        rate(ratePerS),
      ]),
  );
  return [...rows, ...(more > 0 ? [`and ${formatCount(more)} more; --json has them all`] : []), ...faults];
}

const faultWords = ({ perS, mostPerS, majorPerS }: PageFaults): string =>
  `page faults: ${formatCount(Math.round(perS))} a second, at most ${formatCount(Math.round(mostPerS))}; ${formatCount(Math.round(majorPerS))} a second from a disk`;

/** A JVM has dozens; the workbench's own come first. */
const mostCounters = 12;

function siteLines(table: MemoryTable, width?: number): string[] {
  if (table.sites.length === 0) return [];
  const hasLive = table.liveSeries !== "";
  const hasTrend = hasLive && table.timed;
  const hasBlocks = hasLive && table.sites.some(({ liveBlocks }) => liveBlocks !== 0);
  return textTable(
    [
      ...(hasTrend ? [{ title: "SUSPECT", align: "right" } as const] : []),
      ...(hasLive ? [{ title: "LIVE", align: "right" } as const] : []),
      ...(hasBlocks ? [{ title: "BLOCKS", align: "right" } as const] : []),
      ...(hasTrend
        ? [{ title: "GROWN", align: "right" } as const, { title: "RATE", align: "right" } as const]
        : []),
      ...(table.allocatedSeries === "" ? [] : [{ title: "ALLOCATED", align: "right" } as const]),
      { title: "SITE", align: "left" },
      { title: "WHERE", align: "left" },
    ],
    table.sites.map((site) => [
      ...(hasTrend ? [Number.isNaN(site.suspicion) ? "" : formatPercent(site.suspicion, 1)] : []),
      ...(hasLive ? [formatBytes(site.liveBytes)] : []),
      ...(hasBlocks ? [formatCount(site.liveBlocks)] : []),
      ...(hasTrend ? [signed(site.grownBytes), rate(site.ratePerS)] : []),
      ...(table.allocatedSeries === "" ? [] : [formatBytes(site.allocatedBytes)]),
      site.name,
      place(site),
    ]),
    width,
  );
}

const mostObjectSites = 5;

/** Of objects: their class, how many, how old, and what keeps one. */
function objectLines(table: MemoryTable): string[] {
  const told = table.sites.filter(({ objects }) => objects.length > 0).slice(0, mostObjectSites);
  return told.flatMap(({ name, objects }) =>
    objects.flatMap(({ type, objects: count, oldestNs, keptBy }) => [
      `${visible(name)}: ${formatCount(count)} ${visible(type || "objects")}, the oldest ${formatDuration(oldestNs)} old`,
      ...(keptBy.length === 0 ? [] : [`  kept by ${keptBy.map(visible).join(" ← ")}`]),
    ]),
  );
}

function lines(table: MemoryTable, width?: number): string[] {
  const suppressed = table.suppressed.map(
    ({ name, liveBytes, liveBlocks, sites }) =>
      `suppressed by ${visible(name)}: ${formatBytes(liveBytes)} in ${formatCountOf(liveBlocks, "block")} of ${formatCount(sites)} ${sites === 1 ? "site" : "sites"}`,
  );
  const parts = [
    summaryLines(table),
    counterLines(table),
    siteLines(table, width),
    objectLines(table),
    suppressed,
  ];
  return parts
    .filter((part) => part.length > 0)
    .flatMap((part, index) => (index === 0 ? part : ["", ...part]));
}

/** Files of rules and single rules, as one text. */
async function suppressionsOf(parsed: Parsed): Promise<string> {
  const texts: string[] = [];
  for (const { name, value = "" } of parsed.given) {
    if (name === "suppress") texts.push(value);
    if (name !== "suppressions") continue;
    try {
      texts.push(await readFile(value, "utf8"));
    } catch {
      throw new ProblemError(
        problemOf("no-such-file", `The suppressions ${value} cannot be read.`, "Check the path."),
      );
    }
  }
  return texts.join("\n");
}

function sortOf(parsed: Parsed): MemorySort {
  const given = textFlag(parsed, "sort") || "suspicion";
  const sort = memorySorts.find((each) => each === given);
  if (sort === undefined) throw new UsageError(`--sort takes ${memorySorts.join(", ")}`);
  return sort;
}

async function liveMemory(parsed: Parsed, terminal: Terminal): Promise<number> {
  const query = {
    view: "memory",
    selection: { series: textFlag(parsed, "series") },
    sort: sortOf(parsed),
    suppressions: await suppressionsOf(parsed),
  } as const;
  return showLive(parsed, terminal, {
    request: recordRequest(parsed, "proc-memory"),
    view: "memory",
    query: (limit) => ({ ...query, limit }),
    lines,
    json: memoryJson,
    elapsedNs: ({ endNs }) => endNs,
  });
}

/** What came and what went between two heap snapshots of one program. */
async function compareHeaps(parsed: Parsed, terminal: Terminal): Promise<number> {
  const json = parsed.values.json === true;
  const limit = numberFlag(parsed, "limit", 1) ?? (json ? everyRow : 30);
  const [first = "", second = ""] = parsed.positionals;
  return withEngine(terminal, async (client) => {
    const before = await openFile(client, first, terminal, "");
    const after = await openFile(client, second, terminal, "");
    const table = await client.call("heap.diff", { before: before.profileId, after: after.profileId });
    if (json) printJson(terminal, { ...table, rows: table.rows.slice(0, limit) });
    else {
      const width = terminal.outIsTty ? terminal.columns : undefined;
      terminal.out(`${heapDiffLines(table, limit, width).join("\n")}\n`);
    }
    return exitCodes.done;
  });
}

export const memoryCommand: Command = {
  name: "memory",
  summary: "what a program keeps: the peak, what lives, leaks by site; of a file, or live",
  usage: [
    "memory FILE [--from T] [--until T] [--sort ...] [--suppressions FILE] [--limit N] [--json]",
    "memory BEFORE.heapsnapshot AFTER.heapsnapshot [--limit N] [--json]",
    "memory --pid N [--profiler ID] [--duration S] [--json]",
    "memory [--profiler ID] [--duration S] -- COMMAND ...",
  ],
  flags: [
    ...selectionHelp,
    memberHelp,
    ["--limit N", "sites to print (default: 30; with --json: all)"],
    [`--sort ${memorySorts.join("|")}`, "order (default: suspicion)"],
    ["--suppress RULE", "leave out leaks with a frame that matches: an expression, or leak:PATTERN"],
    ["--suppressions FILE", "rules as LeakSanitizer or valgrind take them"],
    ["--json", "print it as JSON; live as a line a second"],
    ...liveHelp("proc-memory, which needs no tool"),
  ],
  examples: [
    "flamewright memory leak.fwp",
    "flamewright memory --pid 4711",
    "flamewright memory before.heapsnapshot after.heapsnapshot",
    "flamewright memory --profiler heaptrack -- ./server",
    "flamewright memory heap.zst --suppressions lsan.supp --json",
  ],
  run: async (args, terminal) => {
    const parsed = parseQuery(args, {
      limit: { type: "string" },
      sort: { type: "string" },
      suppress: { type: "string", multiple: true },
      suppressions: { type: "string", multiple: true },
      ...liveFlags,
    });
    if (isLive(parsed)) return liveMemory(parsed, terminal);
    if (parsed.positionals.length === 2) return compareHeaps(parsed, terminal);
    const file = onlyFile(parsed, "memory");
    const json = parsed.values.json === true;
    const sort = sortOf(parsed);
    const suppressions = await suppressionsOf(parsed);
    const limit = numberFlag(parsed, "limit", 1) ?? (json ? everyRow : 30);
    return withEngine(terminal, async (client) => {
      const { profileId, selection } = await openSelected(client, file, parsed, terminal);
      const descending = (sort !== "name") !== (parsed.values.reverse === true);
      const query = { view: "memory", selection, sort, descending, suppressions, limit } as const;
      const table = await ask(client, profileId, query);
      if (json) printJson(terminal, memoryJson(table));
      else if (table.source === "" && table.counters.length === 0)
        terminal.err("There is nothing about memory in this profile.\n");
      else {
        terminal.out(`${lines(table, terminal.outIsTty ? terminal.columns : undefined).join("\n")}\n`);
        terminal.err(`${formatCount(table.sites.length)} of ${formatCount(table.sitesInAll)} sites\n`);
      }
      return exitCodes.done;
    });
  },
};
