import { useMemo } from "react";
import { formatPercent, formatValue } from "#core/base/numbers.ts";
import type { Assembly } from "#core/model/assembly.ts";
import type { SourceTable } from "#core/model/tables.ts";
import type { ProfileDocument } from "../../app/store/document.ts";
import { useApp } from "../../app/use-app.ts";
import { ShareCell } from "../../widgets/function-cells.tsx";
import { shortPath } from "../../widgets/function-rows.ts";
import { Grid, type GridColumn } from "../../widgets/grid.tsx";
import { patched, stateOf } from "./source-state.ts";

/** Instructions with what each cost. A line chosen beside it marks its own; an instruction chooses its line. */
export function AssemblyGrid({
  document,
  table,
  assembly,
  file,
}: {
  readonly document: ProfileDocument;
  readonly table: SourceTable;
  readonly assembly: Assembly;
  readonly file: string;
}) {
  const { store, actions } = useApp();
  const { id } = document;
  const { line, instruction } = stateOf(document);
  const { instructions, files } = assembly;
  const rows = useMemo(() => instructions.map((_, row) => row), [instructions]);
  const columns = useMemo(() => columnsOf(table, assembly, file), [table, assembly, file]);
  const ofLine = (row: number): boolean =>
    line > 0 && instructions[row]?.line === line && files[instructions[row]?.file ?? -1] === file;
  const hottest = (a: number, b: number): number =>
    (assembly.self[b] ?? 0) > (assembly.self[a] ?? 0) ? b : a;
  const own = rows.filter(ofLine);
  const chosen = instruction >= 0 ? instruction : own.length > 0 ? own.reduce(hottest) : undefined;
  const choose = (row: number): void => {
    const each = instructions[row];
    const isHere = each !== undefined && each.line > 0 && files[each.file] === file;
    store
      .getState()
      .patchDocument(id, (now) => patched(now, { instruction: row, ...(isHere ? { line: each.line } : {}) }));
  };
  return (
    <Grid
      label="Instructions"
      columns={columns}
      rows={rows}
      rowKey={(row) => String(instructions[row]?.address)}
      rowHeight={20}
      selectedKey={chosen === undefined ? null : String(instructions[chosen]?.address)}
      onSelect={choose}
      onActivate={choose}
      onMenu={(row, x, y) =>
        store.getState().openMenu({
          x,
          y,
          heading: instructions[row]?.text ?? "",
          actions: [
            {
              id: "copy",
              title: "Copy the instructions as text",
              icon: "copy",
              run: () => actions.copy(assemblyAsText(table, assembly), "the instructions"),
            },
            {
              id: "command",
              title: "Copy the command that disassembled them",
              icon: "copy",
              run: () => actions.copy(assembly.command.join(" "), "the command"),
            },
          ],
        })
      }
      rowClass={(row) => `source-line${ofLine(row) ? " source-own" : ""}`}
      allAsText={() => assemblyAsText(table, assembly)}
      testId="assembly"
    />
  );
}

/** Tab-separated, with a heading. */
function assemblyAsText(table: SourceTable, { instructions, files, self, calls }: Assembly): string {
  const rows = instructions.map(({ address, text, file, line }, row) =>
    [
      address.toString(16),
      self[row] ?? 0,
      calls[row] ?? 0,
      text,
      file >= 0 ? `${files[file]}:${line}` : "",
    ].join("\t"),
  );
  return `${[`address\tself (${table.unit})\tcalls (${table.unit})\tinstruction\tplace`, ...rows].join("\n")}\n`;
}

function columnsOf(table: SourceTable, assembly: Assembly, shown: string): readonly GridColumn<number>[] {
  const { instructions, files } = assembly;
  const cell = (row: number, kind: "self" | "calls") => {
    const value = assembly[kind][row] ?? 0;
    return value > 0 ? (
      <span
        className="source-share"
        title={`${kind === "self" ? "here" : "in what is called from here"}: ${formatValue(value, table.unit)}, ${formatPercent(value, table.totalValue)} of the selection`}
      >
        <ShareCell value={value} whole={table.totalValue} kind={kind === "self" ? "self" : "total"} />
      </span>
    ) : null;
  };
  return [
    { id: "self", title: "Self %", track: "108px", align: "end", cell: (row) => cell(row, "self") },
    {
      id: "calls",
      title: "Calls %",
      track: "108px",
      align: "end",
      fromPx: 560,
      cell: (row) => cell(row, "calls"),
    },
    {
      id: "address",
      title: "Address",
      track: "80px",
      align: "end",
      fromPx: 400,
      cell: (row) => <code className="faint">{instructions[row]?.address.toString(16)}</code>,
    },
    {
      id: "text",
      title: "Instruction",
      track: "minmax(120px, 1fr)",
      cell: (row) => <code title={instructions[row]?.text}>{instructions[row]?.text}</code>,
    },
    {
      id: "place",
      title: "Line",
      track: "minmax(48px, 0.2fr)",
      fromPx: 420,
      cell: (row) => {
        const { file, line } = instructions[row] ?? { file: -1, line: 0 };
        const name = files[file];
        if (name === undefined) return null;
        return <span className="faint">{name === shown ? line : `${shortPath(name)}:${line}`}</span>;
      },
    },
  ];
}
