import { rm } from "node:fs/promises";
import { ProblemError } from "#core/base/result.ts";
import type { OpenEntry, Profiles, User } from "./engine-profiles.ts";
import type { Library } from "./library/library.ts";
import type { KeptFile, RecordingHeader } from "./parts.ts";
import type { ProfileHandle } from "./profile-handle.ts";

/** What a running recording gave as a file of its own (a heap snapshot) becomes a session beside that recording. */
export async function keepBeside(
  beside: RecordingHeader,
  { path, name }: KeptFile,
  library: Library,
  profiles: Profiles,
): Promise<{ readonly profileId: string }> {
  const header: RecordingHeader = {
    ...beside,
    sessionId: `${beside.sessionId}-${name.replaceAll(/[^A-Za-z0-9_]+/g, "-")}`,
    target: `${name} of ${beside.target}`,
    startedAtMs: Date.now(),
  };
  // It holds the profile until the one who asked has it.
  const user: User = {};
  const entry: OpenEntry = profiles.openFile(user, path, header.target, null);
  try {
    const { handle } = entry;
    if (handle === null) throw new RangeError("a file that was opened is awake");
    await read(handle);
    const saved = library.pathOf(header.sessionId);
    await handle.save({ path: saved, from: path, draft: null, recording: header });
    entry.path = saved;
    entry.shownPath = saved;
    library.changed();
    return { profileId: entry.profileId };
  } catch (error) {
    profiles.close(user, entry.profileId);
    throw error;
  } finally {
    profiles.release(user);
    await rm(path, { force: true });
  }
}

const read = (handle: ProfileHandle): Promise<void> =>
  new Promise((resolve, reject) => {
    const look = (): void => {
      const { phase, problem } = handle.state;
      if (phase === "ready") resolve();
      else if (phase === "failed")
        reject(problem === null ? new Error("not read") : new ProblemError(problem));
      else return;
      watching.dispose();
    };
    const watching = handle.onState(look);
    look();
  });
