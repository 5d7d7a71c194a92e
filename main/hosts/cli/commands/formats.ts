import { exporters } from "#core/exporters/index.ts";
import { importers } from "#core/importers/index.ts";
import { type Command, exitCodes, parseWords, printJson } from "../command.ts";
import { textTable } from "../text-table.ts";

const byTitle = <Format extends { readonly title: string }>(formats: readonly Format[]): readonly Format[] =>
  formats.toSorted((a, b) => a.title.localeCompare(b.title, "en"));

/** The JSON contract of `formats --json`. */
const formatsJson = () => ({
  opens: byTitle(importers).map(({ id, title, extensions }) => ({ id, title, extensions })),
  writes: exporters.map(({ id, title, extension, options = [] }) => ({
    id,
    title,
    extension,
    options: options.map((option) => ({ id: option.id, title: option.title })),
  })),
});

export const formatsCommand: Command = {
  name: "formats",
  summary: "what files open, and what a profile can be exported to",
  usage: ["formats [--json]"],
  flags: [["--json", "print it as JSON"]],
  examples: ["flamewright formats", "flamewright formats --json | jq -r '.opens[].title'"],
  run: async (args, terminal) => {
    const { values } = parseWords(args, { json: { type: "boolean" } });
    const formats = formatsJson();
    if (values.json) {
      printJson(terminal, formats);
      return exitCodes.done;
    }
    const opens = textTable(
      [
        { title: "OPENS", align: "left" },
        { title: "OFTEN NAMED", align: "left" },
      ],
      formats.opens.map(({ title, extensions }) => [title, extensions.map((each) => `.${each}`).join(" ")]),
    );
    const writes = textTable(
      [
        { title: "WRITES", align: "left" },
        { title: "--to", align: "left" },
      ],
      formats.writes.map(({ title, id }) => [title, id]),
    );
    const words = [
      "Files are known by their content, whatever their name; gzip, zstd, bzip2, xz and zip are taken off.",
      "A folder or an archive with several profiles opens as all of them.",
    ];
    terminal.out(`${[...opens, "", ...writes, "", ...words].join("\n")}\n`);
    return exitCodes.done;
  },
};
