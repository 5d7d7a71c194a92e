import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { ProblemError, problemOf } from "#core/base/result.ts";
import { exporters, findExporter } from "#core/exporters/index.ts";
import { type Command, exitCodes, onlyFile, parseWords, textFlag, UsageError } from "../command.ts";
import { openFile, withEngine } from "../engine-client.ts";

const ids = exporters.map((exporter) => exporter.id).join("|");

export const exportCommand: Command = {
  name: "export",
  summary: "write a profile in another form",
  usage: [`export FILE --to ${ids} [--series ID] [--title TEXT] [-o FILE]`],
  flags: [
    ["--to ID", exporters.map((exporter) => `${exporter.id}: ${exporter.title}`).join("; ")],
    ["--series ID", "series to export, as `info` lists them; the first when left out"],
    ["--title TEXT", "title of a report"],
    ["-o, --output FILE", "file to write; standard output when left out"],
  ],
  examples: [
    "flamewright export server.fwp --to svg -o report.svg",
    "flamewright export perf.txt --to collapsed | sort -k2 -n",
  ],
  run: async (args, terminal) => {
    const parsed = parseWords(args, {
      to: { type: "string" },
      series: { type: "string" },
      title: { type: "string" },
      output: { type: "string", short: "o" },
    });
    const file = onlyFile(parsed, "export");
    const to = textFlag(parsed, "to");
    const exporter = findExporter(to);
    if (!exporter)
      throw new UsageError(to === "" ? `export needs --to ${ids}` : `--to takes ${ids}, not ${to}`);
    const output = textFlag(parsed, "output");
    return withEngine(async (client) => {
      const { profileId, title } = await openFile(client, file, terminal);
      const request = {
        profileId,
        exporter: exporter.id,
        query: {
          view: "flame" as const,
          selection: { series: textFlag(parsed, "series") },
          widthPx: 1200,
        },
        title: textFlag(parsed, "title") || title,
      };
      const target = output === "" ? process.stdout : createWriteStream(output);
      const failed = new Promise<never>((_, reject) => {
        target.once("error", (error: NodeJS.ErrnoException) =>
          reject(
            error.code === "EPIPE"
              ? error
              : new ProblemError(
                  problemOf(
                    "write-failed",
                    `${output} cannot be written.`,
                    "Choose another file or folder with -o.",
                    error.message,
                  ),
                ),
          ),
        );
      });
      const written = new Promise<void>((resolve, reject) => {
        client.stream("profile.export", request, {
          item: async (chunk) => {
            if (!target.write(chunk)) await new Promise((drained) => target.once("drain", drained));
          },
          end: resolve,
          problem: (problem) => reject(new ProblemError(problem)),
        });
      });
      await Promise.race([written, failed]);
      if (output !== "") {
        target.end();
        await Promise.race([finished(target), failed]);
        terminal.err(`wrote ${output}\n`);
      }
      return exitCodes.done;
    });
  },
};
