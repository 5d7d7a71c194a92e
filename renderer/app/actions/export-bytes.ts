import type { Disposable } from "#core/base/disposable.ts";
import { formatBytes } from "#core/base/numbers.ts";
import { cancelled, type Problem, ProblemError, type Result, toProblem } from "#core/base/result.ts";
import type { ExporterInfo } from "#core/contract.ts";
import type { ActionContext } from "./context.ts";

/** The beginning of what an export writes, or all of it. */
export interface ExportBytes {
  readonly blob: Blob;
  readonly isWhole: boolean;
}

interface Reader {
  readonly item: (bytes: Uint8Array) => void;
  readonly end: () => void;
  readonly problem: (problem: Problem) => void;
}

/** One thing to write, and the two ways to have it: into a file by the engine, or as bytes. */
export interface ExportOrder {
  readonly exporter: ExporterInfo;
  /** Without the extension. */
  readonly name: string;
  toFile(path: string, signal: AbortSignal): Promise<{ readonly sizeBytes: number }>;
  read(reader: Reader): Disposable;
}

/** Bytes as they come, held by the browser; no more than `mostBytes`, after which nobody asks for the rest. */
function collected(order: ExportOrder, signal: AbortSignal, mostBytes: number): Promise<ExportBytes> {
  return new Promise((resolve, reject) => {
    const chunks: BlobPart[] = [];
    let sizeBytes = 0;
    const done = (isWhole: boolean): void =>
      resolve({ blob: new Blob(chunks, { type: order.exporter.mimeType }), isWhole });
    const reading = order.read({
      item: (bytes) => {
        chunks.push(new Uint8Array(bytes));
        sizeBytes += bytes.length;
        if (sizeBytes <= mostBytes) return;
        reading.dispose();
        done(false);
      },
      end: () => done(true),
      problem: (problem) => reject(new ProblemError(problem)),
    });
    signal.addEventListener("abort", () => {
      reading.dispose();
      reject(new ProblemError(cancelled));
    });
  });
}

/** "cancelled" is no problem: the person put the file dialog away. */
export async function saved(
  { store, shell }: Pick<ActionContext, "store" | "shell">,
  order: ExportOrder,
  signal: AbortSignal,
): Promise<Problem | null> {
  const { toast } = store.getState();
  const { name, exporter } = order;
  try {
    if (shell.kind === "desktop") {
      const path = await shell.chooseSavePath(name, exporter.extension);
      if (path === "") return cancelled;
      const { sizeBytes } = await order.toFile(path, signal);
      toast("ok", `Exported ${formatBytes(sizeBytes)}.`, path);
    } else {
      const { blob } = await collected(order, signal, Number.POSITIVE_INFINITY);
      const file = `${name}.${exporter.extension}`;
      shell.download(file, blob);
      toast("ok", `Exported ${formatBytes(blob.size)}.`, `${file} is in your downloads.`);
    }
    return null;
  } catch (error) {
    return toProblem(error);
  }
}

/** More is not looked at in a preview. */
const MOST_PREVIEW_BYTES = 4 << 20;

export async function previewed(order: ExportOrder, signal: AbortSignal): Promise<Result<ExportBytes>> {
  try {
    return { ok: true, value: await collected(order, signal, MOST_PREVIEW_BYTES) };
  } catch (error) {
    return { ok: false, problem: toProblem(error) };
  }
}
