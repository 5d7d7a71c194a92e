import type { Problem } from "#core/base/result.ts";
import type { DoctorReport, EngineInfo, ExporterInfo, FormatInfo, ProfilerInfo } from "#core/contract.ts";
import type { Slice } from "./types.ts";

export interface Registry {
  readonly profilers: readonly ProfilerInfo[];
  readonly formats: readonly FormatInfo[];
  readonly exporters: readonly ExporterInfo[];
  readonly comparisonExporters: readonly ExporterInfo[];
}

export interface ConnectionSlice {
  readonly connected: boolean;
  /** Why there is no connection (any more). */
  readonly connectionProblem: Problem | null;
  readonly engine: EngineInfo | null;
  readonly registry: Registry;
  readonly doctor: {
    readonly phase: "idle" | "running" | "done";
    readonly report: DoctorReport | null;
    readonly problem: Problem | null;
  };
  readonly greeted: (engine: EngineInfo, registry: Registry) => void;
  readonly disconnected: (problem: Problem) => void;
  readonly setDoctor: (doctor: ConnectionSlice["doctor"]) => void;
}

export const connectionSlice: Slice<ConnectionSlice> = (set) => ({
  connected: false,
  connectionProblem: null,
  engine: null,
  registry: { profilers: [], formats: [], exporters: [], comparisonExporters: [] },
  doctor: { phase: "idle", report: null, problem: null },
  greeted: (engine, registry) => set({ connected: true, connectionProblem: null, engine, registry }),
  disconnected: (connectionProblem) => set({ connected: false, connectionProblem }),
  setDoctor: (doctor) => set({ doctor }),
});
