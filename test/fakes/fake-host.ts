import type { TargetFacts, TargetInfo } from "#core/model/recording.ts";
import type { Host } from "#core/profilers/profiler.ts";

interface FakeHostOptions {
  readonly uid?: number;
  /** Name to path. */
  readonly tools?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  /** Command line, joined by spaces, to what it prints. */
  readonly probes?: Readonly<Record<string, string>>;
  /** Address to what it answers with status 200. */
  readonly addresses?: Readonly<Record<string, string>>;
  readonly targets?: readonly TargetInfo[];
  /** Of whatever target is asked about. */
  readonly facts?: TargetFacts;
  readonly freeDiskBytes?: number;
}

/** A machine as a test describes it; what it does not mention is not there. */
export function fakeHost(options: FakeHostOptions = {}): Host {
  return {
    uid: options.uid ?? 0,
    findTool: async (name) => options.tools?.[name] ?? null,
    findFile: async (paths) => paths.find((path) => options.files?.[path] !== undefined) ?? null,
    readText: async (path) => options.files?.[path] ?? null,
    probe: async (argv) => {
      const stdout = options.probes?.[argv.join(" ")];
      return stdout === undefined ? null : { code: 0, stdout, stderr: "" };
    },
    request: async (url) => {
      const text = options.addresses?.[url];
      return text === undefined ? null : { status: 200, text };
    },
    target: async (pid) => options.targets?.find((target) => target.pid === pid) ?? null,
    facts: async () => options.facts ?? null,
    freeDiskBytes: async () => options.freeDiskBytes ?? 2 ** 40,
  };
}

export function fakeTarget(part: Partial<TargetInfo> = {}): TargetInfo {
  return {
    pid: 4321,
    ppid: 1,
    name: "nginx",
    command: "nginx: worker process",
    user: "www-data",
    uid: 33,
    cpuPercent: 12,
    rssBytes: 20 << 20,
    threads: 1,
    startedAtMs: 1_700_000_000_000,
    runtime: "native",
    container: "",
    own: true,
    ...part,
  };
}

export function fakeFacts(part: Partial<TargetFacts> = {}): TargetFacts {
  return {
    version: "",
    language: "c",
    executable: "/usr/sbin/nginx",
    executableHere: "/proc/4321/exe",
    flags: [],
    build: [],
    inspector: null,
    framePointers: true,
    symbols: "full",
    debugInfo: true,
    optimised: true,
    sanitizers: [],
    listens: [],
    namespaces: { pid: false, mount: false, user: false },
    pidInside: 4321,
    libraries: [],
    ...part,
  };
}
