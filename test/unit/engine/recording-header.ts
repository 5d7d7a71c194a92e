import { identityOf } from "../../../main/engine/library/process-identity.ts";
import type { RecordingHeader } from "../../../main/engine/parts.ts";

/** A header as the recorder writes it; its clock fits perfText. */
export const recordingHeader = (sessionId: string, part: Partial<RecordingHeader> = {}): RecordingHeader => ({
  sessionId,
  request: {
    profiler: "perf",
    target: { kind: "pid", pid: 4711 },
    options: {},
    durationS: null,
    output: "",
  },
  target: "split 4711",
  pid: 4711,
  profiler: "perf",
  plan: {
    importer: "perf-script",
    rawExtension: "perf.txt",
    stackMethod: "fp",
    periodNs: 10_000_000,
    commands: ["perf record -p 4711"],
    remarks: [],
  },
  tool: "perf",
  toolVersion: "6.1",
  host: "box",
  kernel: "6.1.0",
  startedAtMs: 1_700_000_000_000,
  originSeconds: 99,
  originNanos: 500_000_000,
  workbenchPid: process.pid,
  ...part,
});

/** Nobody: this process with another start time. */
export const deadOwner = () => ({ ...identityOf(process.pid), startTicks: "1" });
