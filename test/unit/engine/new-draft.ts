import { onTestFinished } from "vitest";
import type { OwnedDraft } from "../../../main/engine/library/draft.ts";
import type { Library } from "../../../main/engine/library/library.ts";
import type { RecordingHeader } from "../../../main/engine/parts.ts";

/** A draft whose files are closed when the test is over. */
export async function newDraft(library: Library, header: RecordingHeader): Promise<OwnedDraft> {
  const draft = await library.create(header);
  onTestFinished(() => draft.close());
  return draft;
}
