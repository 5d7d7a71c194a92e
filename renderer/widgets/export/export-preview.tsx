import { useEffect, useState } from "react";
import { formatBytes } from "#core/base/numbers.ts";
import type { Problem, Result } from "#core/base/result.ts";
import { EmptyState } from "../empty-state.tsx";
import { ProblemBox } from "../status.tsx";
import type { ExportFormChoice } from "./export-form.tsx";
import { pictureOfPage } from "./report-picture.ts";

/** The beginning of what is written, or all of it. */
export interface PreviewBytes {
  readonly blob: Blob;
  readonly isWhole: boolean;
}

type Shown =
  | { readonly kind: "picture"; readonly address: string; readonly isCut: boolean }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "binary" };

interface Preview {
  readonly size: string;
  readonly shown: Shown;
}

/** A person who types has stopped for a moment. */
const WAIT_MS = 300;
const MOST_LINES = 200;
const LONGEST_LINE = 400;
const TEXT_BYTES = 64 << 10;
/** What a report's page is laid out for, and how much of a long one is shown. */
const PAGE_WIDTH_PX = 1288;
const PAGE_HEIGHT_PX = 2600;

/** What will be written, before it is: a report as a picture, data by its first lines. */
export function ExportPreview({
  choice,
  what,
  ask,
}: {
  readonly choice: ExportFormChoice;
  readonly what: string;
  readonly ask: (choice: ExportFormChoice, signal: AbortSignal) => Promise<Result<PreviewBytes> | null>;
}) {
  const [preview, setPreview] = useState<Preview | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setIsBusy] = useState(true);
  const { exporter, title, notes, panels, options } = choice;
  const key = JSON.stringify([exporter.id, title, notes, panels, options, what]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is all that the preview goes by
  useEffect(() => {
    const run = new AbortController();
    setIsBusy(true);
    const timer = setTimeout(() => {
      void (async () => {
        const result = await ask(choice, run.signal);
        if (run.signal.aborted || !result) return;
        const next = result.ok ? await previewOf(result.value, exporter.mimeType) : null;
        if (run.signal.aborted) return;
        setIsBusy(false);
        setProblem(result.ok ? null : result.problem);
        setPreview(next);
      })();
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      run.abort();
    };
  }, [key]);
  useEffect(
    () => () => {
      if (preview?.shown.kind === "picture") URL.revokeObjectURL(preview.shown.address);
    },
    [preview],
  );
  return (
    <section className="export-preview" aria-label="Preview" aria-busy={isBusy}>
      <header>
        <h3>Preview</h3>
        <span className="muted" role="status">
          {isBusy ? "Writing…" : (preview?.size ?? "")}
        </span>
      </header>
      {problem ? (
        <ProblemBox problem={problem} />
      ) : preview ? (
        <PreviewBody shown={preview.shown} isReport={exporter.panels.length > 0} title={title} />
      ) : (
        <EmptyState busy title="Writing the preview" />
      )}
    </section>
  );
}

function PreviewBody({
  shown,
  isReport,
  title,
}: {
  readonly shown: Shown;
  readonly isReport: boolean;
  readonly title: string;
}) {
  if (shown.kind === "binary")
    return (
      <EmptyState icon="info" title="Binary data">
        Nothing of it can be read as text.
      </EmptyState>
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls by keyboard only when it can have the focus
    <section className={`export-paper ${shown.kind}`} tabIndex={0} aria-label="What is written">
      {shown.kind === "text" ? (
        <pre>{shown.text}</pre>
      ) : (
        <>
          <img
            src={shown.address}
            alt={`${isReport ? "The report" : "The picture"}${title === "" ? "" : ` “${title}”`} as it will look`}
          />
          {shown.isCut ? <p className="muted">The top of the page.</p> : null}
        </>
      )}
    </section>
  );
}

async function previewOf({ blob, isWhole }: PreviewBytes, mimeType: string): Promise<Preview> {
  const size = `${isWhole ? "" : "more than "}${formatBytes(blob.size)}`;
  const pictured = (part: BlobPart, isCut: boolean): Shown => ({
    kind: "picture",
    address: URL.createObjectURL(new Blob([part], { type: "image/svg+xml" })),
    isCut,
  });
  if (mimeType === "image/svg+xml" && isWhole) return { size, shown: pictured(blob, false) };
  if (mimeType === "text/html" && isWhole)
    return { size, shown: pictured(pictureOfPage(await blob.text(), PAGE_WIDTH_PX, PAGE_HEIGHT_PX), true) };
  const head = new Uint8Array(await blob.slice(0, TEXT_BYTES).arrayBuffer());
  const text = new TextDecoder().decode(head);
  // Zero bytes and letters that are none are not text.
  if (/[\0\ufffd]/.test(text.slice(0, -4))) return { size, shown: { kind: "binary" } };
  const lines = text.split("\n", MOST_LINES).map((line) => line.slice(0, LONGEST_LINE));
  return { size, shown: { kind: "text", text: lines.join("\n") } };
}
