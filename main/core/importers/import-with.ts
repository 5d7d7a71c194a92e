import { throwProblem } from "../base/result.ts";
import type { ByteSource } from "../bytes/source.ts";
import { unwrap } from "../bytes/unwrap.ts";
import { ProfileBuilder } from "../model/builder.ts";
import type { Profile } from "../model/profile.ts";
import type { ImportContext, Importer } from "./importer.ts";

/** As much as a sniff may look at. */
export const SNIFF_BYTES = 64 << 10;

/**
 * Reads a file of any known format into a profile. `out`: a builder whose snapshots are looked at while it is read.
 * Throws the problems "empty-file", "unknown-format", "too-large", and whatever the format's importer cannot mend.
 */
export async function importWith(
  pick: (head: Uint8Array, name: string) => Importer | null,
  source: ByteSource,
  context: ImportContext,
  out: ProfileBuilder = new ProfileBuilder(),
): Promise<Profile> {
  const inner = await unwrap(source, context.limits.maxBytes, (words) => out.note(words));
  const head = await inner.read(0, SNIFF_BYTES);
  context.signal.throwIfAborted();
  if (head.length === 0)
    throwProblem("empty-file", `${context.name || "The file"} is empty.`, "Record it again.");
  const importer = pick(head, context.name);
  if (!importer)
    return throwProblem(
      "unknown-format",
      `${context.name || "The file"} is in no format that Flamewright knows.`,
      "Open a Flamewright session, `perf script` text, collapsed stacks or a V8 .cpuprofile.",
    );
  if (importer.kind === "load") return importer.load(inner, context);
  out.meta({ format: importer.id });
  if (importer.kind === "seek") {
    await importer.parse(inner, out, context);
    return out.build();
  }
  const parser = importer.open(out, context);
  let read = 0;
  for await (const chunk of inner.chunks(context.signal)) {
    context.signal.throwIfAborted();
    parser.push(chunk);
    read += chunk.length;
    if (inner.sizeBytes > 0) context.progress(Math.min(1, read / inner.sizeBytes));
  }
  parser.end();
  return out.build();
}
