import { useCallback, useMemo } from "react";
import { formatPercent, formatValue } from "#core/base/numbers.ts";
import type { SourceText } from "#core/contract.ts";
import type { Assembly } from "#core/model/assembly.ts";
import type { QueryInput } from "#core/model/query.ts";
import { extentOf, type SourceLine, sourceLines } from "#core/model/source-lines.ts";
import type { SourceTable } from "#core/model/tables.ts";
import type { DocumentView } from "../../app/document-view.ts";
import { ViewFrame } from "../../app/layout/view-frame.tsx";
import { type ProfileDocument, slotOf } from "../../app/store/document.ts";
import { activeDocument } from "../../app/store/workspace.ts";
import { useApp, useAppState } from "../../app/use-app.ts";
import { fieldWords } from "../../app/view-words.ts";
import { Button } from "../../widgets/button.tsx";
import { Segments } from "../../widgets/chip.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { ProblemBox } from "../../widgets/status.tsx";
import { AssemblyGrid } from "./assembly-grid.tsx";
import { LineGrid } from "./line-grid.tsx";
import { MissingFile } from "./missing-file.tsx";
import {
  initial,
  patched,
  type SourceInput,
  sourceModes,
  sourceQuery,
  sourceViewId,
  stateOf,
} from "./source-state.ts";
import { type Answer, useAssembly, useText } from "./use-source.ts";
import "./source.css";

const modeTitles = { source: "Source", assembly: "Assembly", both: "Both" } as const;

const words = fieldWords(stateOf, initial, patched);

export const sourceDocumentView: DocumentView = {
  id: sourceViewId,
  title: "Source",
  longTitle: "Source and assembly of a function",
  search: "search",
  weightSlot: "source",
  showsFunction: true,
  words: [
    words.choice("mode", "mode", sourceModes),
    words.text("file", "file"),
    words.number("line", "line"),
  ],
  queries: (document, selection): Readonly<Record<string, QueryInput>> =>
    document.selectedName === "" ? {} : { source: sourceQuery(document, selection) },
  Component: SourceView,
  commands: ({ store, actions }) => {
    const onDocument = (run: (document: ProfileDocument) => void) => () => {
      const document = activeDocument(store.getState());
      if (document) run(document);
    };
    return [
      {
        id: "source-mode",
        title: "Source, assembly, or both",
        group: "Profile",
        keys: ["V"],
        when: () => true,
        run: onDocument((document) => {
          const next = (sourceModes.indexOf(stateOf(document).mode) + 1) % sourceModes.length;
          store.getState().patchDocument(document.id, (now) => patched(now, { mode: sourceModes[next] }));
        }),
      },
      {
        id: "open-in-editor",
        title: "Open this line in the editor",
        group: "Profile",
        keys: ["O"],
        when: () => true,
        run: onDocument((document) => void actions.openInEditor(document.id, sourceInEditor(document))),
      },
    ];
  },
};

/** What the editor is to open: the chosen line, or where the function begins. */
function sourceInEditor(document: ProfileDocument): { readonly query: SourceInput; readonly line: number } {
  const { table } = slotOf(document, "source");
  const { line, file } = stateOf(document);
  return {
    query: { ...sourceQuery(document, document.history.present), file },
    line: line > 0 ? line : Math.max(1, table?.startLine ?? 1),
  };
}

function SourceView({ document }: { readonly document: ProfileDocument }) {
  const { table, problem } = slotOf(document, "source");
  if (document.selectedName === "" && slotOf(document, "info").table?.functions === 0)
    return (
      <EmptyState icon="file" title="This profile names no functions">
        Source is shown of functions that samples hit: record with call stacks to see it.
      </EmptyState>
    );
  if (document.selectedName === "")
    return (
      <EmptyState icon="file" title="Choose a function">
        Its source is shown here, line by line with what each cost: select a function in any view and press S.
      </EmptyState>
    );
  return (
    <ViewFrame document={document} problem={problem} samples={table?.totalSamples ?? null}>
      {table === null ? (
        <EmptyState busy title="Looking up the function" />
      ) : (
        <FunctionSource document={document} table={table} />
      )}
    </ViewFrame>
  );
}

function FunctionSource({
  document,
  table,
}: {
  readonly document: ProfileDocument;
  readonly table: SourceTable;
}) {
  const settings = useAppState((state) => state.settings);
  const { mode } = stateOf(document);
  const query = sourceQuery(document, document.history.present);
  const isCurrent = table.function === document.selectedName;
  const tellsLines = table.length > 0;
  const assembly = useAssembly(document, query, table, mode !== "source" || (isCurrent && !tellsLines));
  const revision = JSON.stringify(settings?.sourceMaps ?? []);
  const text = useText(document, query, table, assembly.value, revision);
  if (!isCurrent && table.function !== "") return <EmptyState busy title="Looking up the function" />;
  if (table.function === "")
    return (
      <EmptyState icon="search" title="No samples of this function here">
        The filters have taken {document.selectedName} out, or it stands for a whole binary.
      </EmptyState>
    );
  return (
    <section className="source" aria-label={`Source of ${table.function}`}>
      <SourceHead document={document} table={table} text={text} files={filesOf(table, assembly.value)} />
      <div className={`source-panes ${mode}`}>
        {mode !== "assembly" ? (
          <SourcePane document={document} table={table} text={text} assembly={assembly} />
        ) : null}
        {mode !== "source" ? (
          <AssemblyPane document={document} table={table} assembly={assembly} file={text.file} />
        ) : null}
      </div>
    </section>
  );
}

const filesOf = (table: SourceTable, assembly: Assembly | null): readonly string[] =>
  table.files.length > 0 ? table.files : (assembly?.files ?? []);

type Text = Answer<SourceText> & { readonly file: string };

function SourceHead({
  document,
  table,
  text,
  files,
}: {
  readonly document: ProfileDocument;
  readonly table: SourceTable;
  readonly text: Text;
  readonly files: readonly string[];
}) {
  const { store, actions } = useApp();
  const { id } = document;
  const shown = text.value?.path || text.file;
  return (
    <header className="source-head">
      {files.length > 1 ? (
        <select
          className="select"
          aria-label="File"
          value={text.file}
          onChange={(event) =>
            store
              .getState()
              .patchDocument(id, (now) =>
                patched(now, { file: event.target.value, line: -1, instruction: -1 }),
              )
          }
        >
          {files.map((file) => (
            <option key={file} value={file}>
              {file}
            </option>
          ))}
        </select>
      ) : (
        <span className="mono truncate selectable" title={shown} data-testid="source-path">
          {shown || table.binary || "no file is known"}
        </span>
      )}
      {text.value?.isNewer ? (
        <span className="source-newer">changed since the recording: lines may have moved</span>
      ) : null}
      <span className="source-actions">
        <Segments
          label="What is shown"
          choices={sourceModes.map((value) => ({ value, title: modeTitles[value] }))}
          value={stateOf(document).mode}
          onChange={(mode) => store.getState().patchDocument(id, (now) => patched(now, { mode }))}
        />
        {shown ? (
          <Button small look="quiet" icon="copy" onClick={() => actions.copy(shown, "the path")}>
            Copy path
          </Button>
        ) : null}
        <Button
          small
          look="quiet"
          keys="O"
          disabled={text.value?.text == null}
          onClick={() => void actions.openInEditor(id, sourceInEditor(document))}
        >
          Open in editor
        </Button>
      </span>
    </header>
  );
}

function SourcePane({
  document,
  table,
  text,
  assembly,
}: {
  readonly document: ProfileDocument;
  readonly table: SourceTable;
  readonly text: Text;
  readonly assembly: Answer<Assembly>;
}) {
  const { file } = text;
  const lines = useMemo(() => sourceLines(table, assembly.value, file), [table, assembly.value, file]);
  const texts = useMemo(() => text.value?.text?.split("\n") ?? null, [text.value]);
  const extent = useMemo(() => extentOf(table, assembly.value, file), [table, assembly.value, file]);
  if (file === "") return <NoFile table={table} assembly={assembly} />;
  if (text.problem) return <ProblemBox problem={text.problem} />;
  if (text.busy) return <EmptyState busy title="Reading the file" />;
  return (
    <div className="source-pane">
      {text.value && text.value.text === null ? <MissingFile source={text.value} /> : null}
      {lines.length === 0 && table.unplaced > 0 ? (
        <p className="source-note">
          The profile knows the file but no lines: {formatPercent(table.unplaced, table.totalValue)} of the
          time is somewhere in it.
        </p>
      ) : null}
      <LineGrid document={document} table={table} lines={lines} texts={texts} extent={extent} />
      <CostLine lines={lines} table={table} />
    </div>
  );
}

/** Why there are no lines: nothing names a file, and the code could not be asked for one. */
function NoFile({ table, assembly }: { readonly table: SourceTable; readonly assembly: Answer<Assembly> }) {
  if (assembly.busy) return <EmptyState busy title="Asking the debug information for lines" />;
  return (
    <div className="source-pane">
      <EmptyState icon="file" title="No source file is known for this function">
        <p>
          {assembly.problem
            ? `${assembly.problem.message} ${assembly.problem.fix}`
            : `${table.binary || "The code"} has no debug information: build with -g, or install its debug symbols, and put them under Settings, Symbol paths.`}
        </p>
      </EmptyState>
    </div>
  );
}

function AssemblyPane({
  document,
  table,
  assembly,
  file,
}: {
  readonly document: ProfileDocument;
  readonly table: SourceTable;
  readonly assembly: Answer<Assembly>;
  readonly file: string;
}) {
  if (assembly.problem) return <ProblemBox problem={assembly.problem} tone="warn" />;
  if (assembly.value === null) return <EmptyState busy title="Disassembling" />;
  return (
    <div className="source-pane">
      {assembly.value.notes.map((note) => (
        <p key={note} className="source-note">
          {note}
        </p>
      ))}
      <AssemblyGrid document={document} table={table} assembly={assembly.value} file={file} />
      {assembly.value.unplaced > 0 ? (
        <p className="source-note">
          {formatValue(assembly.value.unplaced, table.unit)} at addresses that are not in this function: the
          file may be another build.
        </p>
      ) : null}
    </div>
  );
}

/** The whole of the pane in words. */
function CostLine({ lines, table }: { readonly lines: readonly SourceLine[]; readonly table: SourceTable }) {
  const hottest = lines.reduce<SourceLine | null>((a, b) => (a === null || b.self > a.self ? b : a), null);
  const words = useCallback(
    ({ line, self }: SourceLine) =>
      `${lines.length} ${lines.length === 1 ? "line" : "lines"} with samples · most in line ${line}: ${formatPercent(self, table.totalValue)}`,
    [lines.length, table.totalValue],
  );
  return (
    <footer className="tree-foot" data-testid="source-words">
      <span>{hottest ? words(hottest) : "no line has samples"}</span>
    </footer>
  );
}
