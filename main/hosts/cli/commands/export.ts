import { resolve } from "node:path";
import { formatBytes } from "#core/base/numbers.ts";
import { ProblemError } from "#core/base/result.ts";
import type { Exporter } from "#core/exporters/exporter.ts";
import { exporters, findExporter } from "#core/exporters/index.ts";
import type { QueryInput } from "#core/model/query.ts";
import { openSelected } from "../ask-file.ts";
import { type Command, exitCodes, onlyFile, textFlag, UsageError } from "../command.ts";
import { type EngineClient, withEngine } from "../engine-client.ts";
import { notesOf } from "../report-notes.ts";
import { memberHelp, parseQuery, selectionHelp } from "../selection-flags.ts";

const ids = exporters.map((exporter) => exporter.id).join("|");

export const exportCommand: Command = {
  name: "export",
  summary: "write a profile in another form",
  usage: [
    `export FILE --to ${ids} [--series ID] [--focus REGEX] ... [--with OPTION,...] [--title TEXT] [-o FILE]`,
  ],
  flags: [
    ["--to ID", exporters.map((exporter) => `${exporter.id}: ${exporter.title}`).join("; ")],
    ...selectionHelp,
    memberHelp,
    [
      "--with OPTION,...",
      exporters
        .flatMap(({ id, options = [] }) => options.map((option) => `${option.id} (${id}): ${option.title}`))
        .join("; "),
    ],
    ["--title TEXT", "title of a report"],
    ["--notes TEXT, --notes-file FILE", "what its reader should know: text, or a file of it"],
    [
      "--panels ID,...",
      exporters
        .flatMap(({ id, panels = [] }) =>
          panels.length === 0 ? [] : [`${id}: ${panels.map((panel) => panel.id).join(", ")}`],
        )
        .join("; "),
    ],
    ["-o, --output FILE", "file to write; standard output when left out"],
  ],
  examples: [
    "flamewright export server.fwp --to svg -o report.svg",
    "flamewright export server.fwp --to html --panels flame,top,timeline --title 'Slow start' --notes-file notes.txt -o report.html",
    "flamewright export perf.txt --to collapsed | sort -k2 -n",
    "flamewright export perf.txt --to pprof --process nginx --from 10s --until 20s -o part.pb",
    "flamewright export perf.txt --to collapsed --with flamegraph,kernel,tid",
  ],
  run: async (args, terminal) => {
    const parsed = parseQuery(
      args,
      {
        to: { type: "string" },
        with: { type: "string" },
        title: { type: "string" },
        notes: { type: "string" },
        "notes-file": { type: "string" },
        panels: { type: "string" },
        output: { type: "string", short: "o" },
      },
      false,
    );
    const file = onlyFile(parsed, "export");
    const to = textFlag(parsed, "to");
    const exporter = findExporter(to);
    if (!exporter)
      throw new UsageError(to === "" ? `export needs --to ${ids}` : `--to takes ${ids}, not ${to}`);
    const panels = wantedPanels(exporter, textFlag(parsed, "panels"));
    const notes = await notesOf(parsed);
    const options = wantedOptions(exporter, textFlag(parsed, "with"));
    // Here --to is the format.
    const asked = { ...parsed, given: parsed.given.filter(({ name }) => name !== "to") };
    const output = textFlag(parsed, "output");
    return withEngine(terminal, async (client) => {
      const { profileId, title, selection } = await openSelected(client, file, asked, terminal);
      const request = {
        profileId,
        exporter: exporter.id,
        query: {
          view: "flame" as const,
          selection,
          widthPx: 1200,
        },
        title: textFlag(parsed, "title") || title,
        options,
        notes,
        panels,
      };
      if (output === "") {
        await exportToStdout(client, request);
        return exitCodes.done;
      }
      const { sizeBytes } = await client.call("profile.exportToFile", { ...request, path: resolve(output) });
      terminal.err(`wrote ${output} (${formatBytes(sizeBytes)})\n`);
      return exitCodes.done;
    });
  },
};

interface ExportRequest {
  readonly profileId: string;
  readonly exporter: string;
  readonly query: QueryInput;
  readonly title: string;
  readonly options: string[];
  readonly notes: string;
  readonly panels: string[] | null;
}

/** The ids of `--panels`, checked before the file is read; null where none are given. */
function wantedPanels({ id, panels = [] }: Exporter, text: string): string[] | null {
  if (text === "") return null;
  const asked = text.split(",").filter((each) => each !== "");
  const known = panels.map((panel) => panel.id);
  const stray = asked.find((each) => !known.includes(each));
  if (stray === undefined) return asked;
  throw new UsageError(
    known.length === 0 ? `--to ${id} takes no --panels` : `--panels takes ${known.join(", ")}, not ${stray}`,
  );
}

/** The ids of `--with`, checked before the file is read. */
function wantedOptions({ id, options = [] }: Exporter, text: string): string[] {
  const asked = text.split(",").filter((each) => each !== "");
  const known = options.map((option) => option.id);
  const stray = asked.find((each) => !known.includes(each));
  if (stray === undefined) return asked;
  throw new UsageError(
    known.length === 0
      ? `--to ${id} takes no --with ${stray}`
      : `--with takes ${known.join(", ")}, not ${stray}`,
  );
}

/** Bytes as they come; a reader that is slow slows the export down. */
const exportToStdout = (client: EngineClient, request: ExportRequest): Promise<void> =>
  new Promise((done, reject) => {
    client.stream("profile.export", request, {
      item: async (chunk) => {
        if (!process.stdout.write(chunk))
          await new Promise((drained) => process.stdout.once("drain", drained));
      },
      end: done,
      problem: (problem) => reject(new ProblemError(problem)),
    });
  });
