import { stat } from "node:fs/promises";
import { ProblemError } from "#core/base/result.ts";
import type { SessionInfo } from "#core/model/recording.ts";
import { readSessionAbout } from "#core/model/session.ts";
import { openFileSource } from "../file-source.ts";
import { readSessionHeader } from "./session-header.ts";

/** What the list says about a session file. Read once for each state of the file. */
export interface SessionFacts {
  /** null: there is no such file. */
  read(sessionId: string, path: string): Promise<SessionInfo | null>;
}

interface Known {
  readonly mtimeMs: number;
  readonly sizeBytes: number;
  readonly info: SessionInfo;
}

const MOST_KNOWN = 10_000;

export function createSessionFacts(): SessionFacts {
  const known = new Map<string, Known>();
  return {
    read: async (sessionId, path) => {
      const facts = await stat(path).catch(() => null);
      if (!facts) {
        known.delete(path);
        return null;
      }
      const before = known.get(path);
      if (before && before.mtimeMs === facts.mtimeMs && before.sizeBytes === facts.size) return before.info;
      const damaged: SessionInfo = {
        sessionId,
        path,
        target: sessionId,
        profiler: "",
        startedAtMs: facts.mtimeMs,
        durationNs: 0,
        samples: -1,
        sizeBytes: facts.size,
        state: "damaged",
      };
      const info = facts.isFile() ? { ...damaged, ...(await aboutOf(path)) } : damaged;
      if (known.size >= MOST_KNOWN) known.clear();
      known.set(path, { mtimeMs: facts.mtimeMs, sizeBytes: facts.size, info });
      return info;
    },
  };
}

async function aboutOf(path: string): Promise<Partial<SessionInfo>> {
  try {
    const source = await openFileSource(path);
    try {
      const header = readSessionHeader((await readSessionAbout(source)).header);
      // A session of no recording of ours has no header that says so; it is whole all the same.
      if (!header) return { state: "saved" };
      const { target, profiler, startedAtMs, durationNs, samples } = header;
      return { target, profiler, startedAtMs, durationNs, samples, state: "saved" };
    } finally {
      await source.close();
    }
  } catch (error) {
    if (error instanceof ProblemError) return { state: "damaged" };
    throw error;
  }
}
