import { randomBytes } from "node:crypto";
import { hostname, release } from "node:os";
import type { RecordedFacts } from "#core/model/profile.ts";
import type { ObserverCost, RecordRequest } from "#core/model/recording.ts";
import { baseName } from "#core/profilers/shared/words.ts";
import type { RecordingHeader } from "./parts.ts";
import type { Prepared } from "./recorder-prepare.ts";
import type { OpenSource } from "./recorder-source.ts";

/** What a recording is called before anything is known of its target. */
export function titleOf({ target }: RecordRequest): string {
  switch (target.kind) {
    case "pid":
      return `process ${target.pid}${andMore(target.pids)}`;
    case "launch":
      return baseName(target.argv[0] ?? "");
    case "endpoint":
      return target.url;
    case "system":
      return "the whole system";
  }
}

/** " and 2 more" */
const andMore = (pids: readonly number[] = []): string => (pids.length > 0 ? ` and ${pids.length} more` : "");

/** A recording's target by name: "nginx 2314", "nginx 2314 and 2 more", "the whole system". */
export function nameOfTarget(request: RecordRequest, name: string, pid: number): string {
  const { target } = request;
  if (target.kind === "endpoint" || target.kind === "system") return name;
  return `${name} ${pid}${target.kind === "pid" ? andMore(target.pids) : ""}`;
}

export function headerOf(
  prepared: Prepared,
  { run, plan }: OpenSource,
  originNs: bigint,
  startedAtMs: number,
): RecordingHeader {
  const { request, info, profiler, found } = prepared;
  const name = info?.name ?? titleOf(request);
  const { importer, rawExtension, stackMethod, periodNs, commands, remarks } = plan;
  return {
    sessionId: sessionIdOf(name, startedAtMs),
    request,
    target: nameOfTarget(request, name, run.pid),
    pid: run.pid,
    profiler: profiler.id,
    plan: { importer, rawExtension, stackMethod, periodNs, commands, remarks },
    tool: profiler.title,
    toolVersion: found.version,
    host: hostname(),
    kernel: release(),
    startedAtMs: Math.round(startedAtMs),
    originSeconds: Number(originNs / 1_000_000_000n),
    originNanos: Number(originNs % 1_000_000_000n),
    workbenchPid: process.pid,
  };
}

/** What no tool's file says. */
export const recordedFacts = ({ facts }: Prepared, observer: ObserverCost | null): RecordedFacts => ({
  observer,
  optimised: facts?.optimised ?? null,
  flags: facts?.flags ?? [],
});

/** Also the name of its file: sorted by time, told apart by four digits. */
function sessionIdOf(name: string, startedAtMs: number): string {
  const stamp = new Date(startedAtMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  const slug = name
    .replaceAll(/[^A-Za-z0-9_]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 32);
  return [stamp, slug, randomBytes(2).toString("hex")].filter(Boolean).join("-");
}
