import type { RecordTarget, TargetFacts } from "#core/model/recording.ts";
import { readProc } from "./proc-files.ts";

/** What a target's program is, from its files and /proc; null where nothing can be read. */
export async function factsOf(target: RecordTarget): Promise<TargetFacts | null> {
  if (target.kind !== "pid") return null;
  const maps = readProc(`/proc/${target.pid}/maps`, 1 << 22)?.toString("latin1");
  if (maps === undefined) return null;
  return {
    version: "",
    language: "",
    executable: "",
    executableHere: `/proc/${target.pid}/exe`,
    flags: [],
    framePointers: null,
    symbols: null,
    debugInfo: null,
    optimised: null,
    listens: [],
    namespaces: { pid: false, mount: false, user: false },
    pidInside: target.pid,
    libraries: [...new Set(maps.match(/\/\S+\.so[.\d]*/g) ?? [])],
  };
}
