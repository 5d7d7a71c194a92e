import { formatCount, formatPercent } from "#core/base/numbers.ts";
import { toProblem } from "#core/base/result.ts";
import type { SourceText } from "#core/contract.ts";
import { type Assembly, fileOfAssembly } from "#core/model/assembly.ts";
import type { QueryInput } from "#core/model/query.ts";
import { extentOf, type SourceLine, sourceLines } from "#core/model/source-lines.ts";
import type { SourceTable } from "#core/model/tables.ts";
import { openSelected } from "../ask-file.ts";
import {
  type Command,
  describeProblem,
  exitCodes,
  numberFlag,
  onlyFile,
  printJson,
  type Terminal,
  textFlag,
  UsageError,
} from "../command.ts";
import { ask, type EngineClient, withEngine } from "../engine-client.ts";
import { memberHelp, parseQuery, selectionHelp } from "../selection-flags.ts";
import { textTable, visible } from "../text-table.ts";

/** Lines around what cost something. */
const CONTEXT = 3;

export const sourceCommand: Command = {
  name: "source",
  summary: "what the lines and the instructions of a function cost",
  usage: ["source FILE --function NAME [--file SOURCE] [--asm] [--json]"],
  flags: [
    ["--function NAME", "the function, by its exact name"],
    ["--file SOURCE", "which of the files that functions of this name are in"],
    ["--asm", "its instructions instead, as objdump has them"],
    ["--context N", `lines around those that cost something (default: ${CONTEXT})`],
    ...selectionHelp,
    memberHelp,
    ["--json", "print it as JSON"],
  ],
  examples: [
    "flamewright source cpu.pb.gz --function main.parse",
    "flamewright source perf.data --function burn_a --asm",
  ],
  run: async (args, terminal) => {
    const parsed = parseQuery(args, {
      asm: { type: "boolean" },
      function: { type: "string" },
      file: { type: "string" },
      context: { type: "string" },
    });
    const file = onlyFile(parsed, "source");
    const name = textFlag(parsed, "function");
    if (name === "") throw new UsageError("source needs --function NAME; `flamewright top FILE` lists them");
    const context = numberFlag(parsed, "context", 0) ?? CONTEXT;
    return withEngine(terminal, async (client) => {
      const { profileId, selection } = await openSelected(client, file, parsed, terminal);
      const query = { view: "source", selection, function: name, file: textFlag(parsed, "file") } as const;
      const table = await ask(client, profileId, query);
      if (table.function === "") throw new UsageError(`there is no function ${JSON.stringify(name)}`);
      if (parsed.values.asm === true) {
        const assembly = await client.call("source.assembly", { profileId, query });
        if (parsed.values.json === true) printJson(terminal, assemblyJson(table, assembly));
        else printAssembly(terminal, table, assembly);
        return exitCodes.done;
      }
      const found = await linesOf(client, profileId, query, table, terminal);
      if (parsed.values.json === true) printJson(terminal, linesJson(table, found));
      else printLines(terminal, table, found, context);
      return found.lines.length > 0 ? exitCodes.done : exitCodes.failed;
    });
  },
};

type SourceInput = Extract<QueryInput, { view: "source" }>;

interface FoundLines {
  readonly file: string;
  readonly source: SourceText | null;
  readonly lines: readonly SourceLine[];
  readonly extent: readonly [first: number, last: number] | null;
}

async function linesOf(
  client: EngineClient,
  profileId: string,
  query: SourceInput,
  table: SourceTable,
  terminal: Terminal,
): Promise<FoundLines> {
  let assembly: Assembly | null = null;
  if (table.length === 0) {
    try {
      assembly = await client.call("source.assembly", { profileId, query });
    } catch (error) {
      terminal.err(describeProblem(toProblem(error)));
    }
  }
  const file = query.file || table.file || (assembly ? fileOfAssembly(assembly) : "");
  if (file === "") return { file, source: null, lines: [], extent: null };
  const source = await client.call("source.text", { profileId, query: { ...query, file } });
  if (source.text === null)
    for (const { path, why } of source.tried) terminal.err(`flamewright: ${visible(path)} ${why}\n`);
  if (source.text === null && source.tried.length === 0)
    terminal.err(
      `flamewright: ${visible(file)} is no absolute path: say where it is with ` +
        '`flamewright settings set sourceMaps \'[{"from": "", "to": "/path"}]\'`\n',
    );
  if (source.isNewer)
    terminal.err(`flamewright: ${visible(source.path)} was changed after the recording began\n`);
  return {
    file,
    source,
    lines: sourceLines(table, assembly, file),
    extent: extentOf(table, assembly, file),
  };
}

function linesJson(table: SourceTable, { file, source, lines }: FoundLines): unknown {
  const texts = source?.text?.split("\n") ?? null;
  return {
    function: table.function,
    file,
    path: source?.path ?? "",
    unit: table.unit,
    series: table.series,
    whole: table.totalValue,
    self: table.self,
    total: table.total,
    lines: lines.map((each) => ({ ...each, ...(texts && { text: texts[each.line - 1] ?? "" }) })),
  };
}

const assemblyJson = (
  table: SourceTable,
  { instructions, files, self, calls, path, command, notes, unplaced }: Assembly,
): unknown => ({
  function: table.function,
  binary: path,
  command,
  notes,
  unit: table.unit,
  series: table.series,
  whole: table.totalValue,
  unplaced,
  instructions: instructions.map(({ address, text, file, line }, row) => ({
    address: `0x${address.toString(16)}`,
    text,
    file: files[file] ?? "",
    line,
    self: self[row] ?? 0,
    calls: calls[row] ?? 0,
  })),
});

const head = (table: SourceTable, place: string): string =>
  `${visible(table.function)}  ${visible(place)}  self ${formatPercent(table.self, table.totalValue)}, ` +
  `total ${formatPercent(table.total, table.totalValue)}\n`;

const shareText = (value: number, whole: number): string => (value > 0 ? formatPercent(value, whole) : "");

function printLines(
  terminal: Terminal,
  table: SourceTable,
  { file, source, lines, extent }: FoundLines,
  context: number,
): void {
  terminal.err(head(table, source?.path || file));
  const texts = source?.text?.split("\n") ?? null;
  const costs = new Map(lines.map((each) => [each.line, each]));
  const [first, last] = extent ?? [0, -1];
  const shown =
    texts === null
      ? lines.map(({ line }) => line)
      : Array.from(
          { length: Math.max(0, Math.min(texts.length, last + context) - Math.max(1, first - context) + 1) },
          (_, at) => Math.max(1, first - context) + at,
        );
  const rows = shown.map((line) => [
    shareText(costs.get(line)?.self ?? 0, table.totalValue),
    shareText(costs.get(line)?.total ?? 0, table.totalValue),
    String(line),
    (texts?.[line - 1] ?? "").replaceAll("\t", "    ").trimEnd(),
  ]);
  printTable(terminal, ["LINE", "SOURCE"], rows);
  if (table.unplaced > 0)
    terminal.err(`${formatPercent(table.unplaced, table.totalValue)} at no known line of this file\n`);
}

function printAssembly(terminal: Terminal, table: SourceTable, assembly: Assembly): void {
  const { instructions, files, self, calls, path, notes, unplaced } = assembly;
  terminal.err(head(table, path));
  const rows = instructions.map(({ address, text, file, line }, row) => [
    shareText(self[row] ?? 0, table.totalValue),
    shareText(calls[row] ?? 0, table.totalValue),
    address.toString(16),
    [text, file >= 0 ? `  # ${(files[file] ?? "").split("/").at(-1)}:${line}` : ""].join(""),
  ]);
  printTable(terminal, ["ADDRESS", "INSTRUCTION"], rows, "CALLS");
  for (const note of notes) terminal.err(`note: ${note}\n`);
  if (unplaced > 0)
    terminal.err(`${formatCount(unplaced)} ${table.unit} at addresses that are not in this function\n`);
}

function printTable(
  terminal: Terminal,
  [where, what]: readonly [string, string],
  rows: readonly (readonly string[])[],
  second = "TOTAL",
): void {
  const lines = textTable(
    [
      { title: "SELF", align: "right" },
      { title: second, align: "right" },
      { title: where, align: "right" },
      { title: what, align: "left" },
    ],
    rows,
    terminal.outIsTty ? terminal.columns : undefined,
  );
  terminal.out(`${lines.join("\n")}\n`);
}
