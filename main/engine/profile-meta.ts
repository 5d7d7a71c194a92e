import type { RecordingHeader } from "./parts.ts";
import type { LiveMeta } from "./profile-contract.ts";

/** What a recording knows about itself, as a profile says it. */
export const liveMeta = (header: RecordingHeader): LiveMeta => ({
  tool: header.tool,
  toolVersion: header.toolVersion,
  command: header.plan.commands.join("\n"),
  target: header.target,
  host: header.host,
  kernel: header.kernel,
  stackMethod: header.plan.stackMethod,
  startedAtMs: header.startedAtMs,
  originSeconds: header.originSeconds,
  originNanos: header.originNanos,
  periodNs: header.plan.periodNs,
});
