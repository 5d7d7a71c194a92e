import { formatCount, formatCountOf, formatDuration, formatValue } from "#core/base/numbers.ts";
import { observerWords } from "#core/model/fact-words.ts";
import type { Finding, InfoTable } from "#core/model/tables.ts";
import { type Command, exitCodes, onlyFile, parseWords, printJson, textFlag } from "../command.ts";
import { ask, openFiles, untilRead, withEngine } from "../engine-client.ts";
import { textTable, visible } from "../text-table.ts";

interface Told {
  readonly info: InfoTable;
  readonly findings: readonly Finding[];
}

/** The JSON contract of `info FILE --json`: scripts rely on it, so nothing is renamed or taken away. */
const infoJson = ({ info, findings }: Told) => ({
  format: info.format,
  tool: info.tool,
  command: info.command,
  durationNs: info.durationNs,
  processes: info.processes.map(({ pid, name }) => ({ pid, name })),
  threads: info.threads.map(({ pid, tid, name }) => ({ pid, tid, name })),
  series: info.series.map(({ id, name, unit, samples, total }) => ({ id, name, unit, samples, total })),
  read: info.read,
  notes: info.notes,
  observer: info.observer,
  advice: findings,
  ...(info.heap.length > 0 && { heap: info.heap }),
});

/** More than anyone reads: the busiest are shown. */
const MAX_THREADS = 100;
const MAX_SERIES = 1000;

function infoText({ info, findings }: Told, width: number): string {
  const facts: [string, string][] = [
    ["format", info.format],
    ["tool", `${info.tool} ${info.toolVersion}`.trim()],
    ["command", info.command],
    ["target", info.target],
    ["host", `${info.host} ${info.kernel}`.trim()],
    ["started", info.startedAtMs < 0 ? "" : new Date(info.startedAtMs).toISOString()],
    ["duration", info.durationNs > 0 ? formatDuration(info.durationNs) : ""],
    ["stacks", info.stackMethod],
    ["cost", info.observer ? `${observerWords(info.observer)}, on average` : ""],
    ["lost", info.lostSamples > 0 ? formatCountOf(info.lostSamples, "sample") : ""],
  ];
  const lines = facts
    .filter(([, text]) => text !== "")
    .map(([name, text]) => `${name.padEnd(9)} ${visible(text)}`);
  lines.push("");
  lines.push(
    ...textTable(
      [
        { title: "SERIES", align: "left" },
        { title: "UNIT", align: "left" },
        { title: "SAMPLES", align: "right" },
        { title: "TOTAL", align: "right" },
      ],
      info.series
        .slice(0, MAX_SERIES)
        .map((series) => [
          series.id,
          series.unit,
          formatCount(series.samples),
          formatValue(series.total, series.unit),
        ]),
      width,
    ),
  );
  const more = info.series.length - MAX_SERIES;
  if (more > 0) lines.push(`and ${formatCount(more)} more series; --json has them all`);
  if (info.threads.length > 0) {
    const busiest =
      info.threads.length <= MAX_THREADS
        ? info.threads
        : info.threads.toSorted((a, b) => b.samples - a.samples).slice(0, MAX_THREADS);
    lines.push("");
    lines.push(
      ...textTable(
        [
          { title: "PID", align: "right" },
          { title: "TID", align: "right" },
          { title: "SAMPLES", align: "right" },
          { title: "THREAD", align: "left" },
        ],
        busiest.map((thread) => [
          String(thread.pid),
          String(thread.tid),
          formatCount(thread.samples),
          thread.name,
        ]),
        width,
      ),
    );
  }
  const hidden = info.threads.length - MAX_THREADS;
  if (hidden > 0) lines.push(`and ${formatCount(hidden)} threads with less; --json has them all`);
  if (info.heap.length > 0) {
    lines.push("");
    lines.push(
      ...textTable(
        [
          { title: "RETAINED", align: "right" },
          { title: "SELF", align: "right" },
          { title: "OBJECTS", align: "right" },
          { title: "CONSTRUCTOR", align: "left" },
        ],
        info.heap.map((row) => [
          formatValue(row.retainedBytes, "bytes"),
          formatValue(row.selfBytes, "bytes"),
          formatCount(row.objects),
          row.name,
        ]),
        width,
      ),
    );
  }
  if (info.read.length > 0) lines.push("", ...info.read.map((line) => `read: ${visible(line)}`));
  for (const note of info.notes) lines.push("", `note: ${visible(note)}`);
  for (const { severity, title, evidence, fix } of findings)
    lines.push(
      "",
      `${severity === "warn" ? "warning" : "advice"}: ${visible(title)}`,
      `  ${visible(evidence)}`,
      `  ${visible(fix)}`,
    );
  return `${lines.join("\n")}\n`;
}

export const infoCommand: Command = {
  name: "info",
  summary: "say what a profile file holds",
  usage: ["info FILE [--json]", "info FOLDER|ARCHIVE [--member NAME] [--json]"],
  flags: [
    ["--member NAME", "only this profile of a folder or an archive"],
    ["--json", "print it as JSON; of several profiles as an array"],
  ],
  examples: ["flamewright info server.fwp", "flamewright info perf.txt --json | jq .series"],
  run: async (args, terminal) => {
    const parsed = parseWords(args, { json: { type: "boolean" }, member: { type: "string" } });
    const file = onlyFile(parsed, "info");
    return withEngine(terminal, async (client) => {
      const opened = await openFiles(client, file, textFlag(parsed, "member"));
      const infos: Told[] = [];
      for (const each of opened) {
        await untilRead(client, each, terminal);
        const info = await ask(client, each.profileId, { view: "info" });
        const { findings } = await ask(client, each.profileId, { view: "advice" });
        const told = { info, findings };
        infos.push(told);
        if (parsed.values.json) continue;
        if (opened.length > 1) terminal.out(`${infos.length > 1 ? "\n" : ""}${visible(each.title)}\n\n`);
        terminal.out(infoText(told, terminal.columns));
      }
      const [only] = infos;
      if (parsed.values.json)
        printJson(terminal, infos.length === 1 && only ? infoJson(only) : infos.map(infoJson));
      return exitCodes.done;
    });
  },
};
