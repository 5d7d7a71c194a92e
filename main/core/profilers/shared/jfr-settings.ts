/**
 * What Flight Recorder is to record, in a settings file (.jfc) of our own, which every release takes. The JVM's own "profile"
 * has twice as many events: each piece of a recording would hold anew all flags, modules, system properties and variables of
 * the environment, in a third of its bytes and half of what it costs the JVM to write.
 */
export interface JfrSettings {
  readonly periodMs: number;
  readonly nativeMethods: boolean;
  readonly allocations: boolean;
  readonly lockMs: number;
  /** How long the JVM may stop to look for who keeps an old object, at each piece; 0: it does not look. */
  readonly pathsMs: number;
  /** Of the JVM; null where it is not known. */
  readonly release: number | null;
}

/** Before it there was a sample of each new buffer of a thread, and of each object that none holds. */
const allocationSampleRelease = 16;

const threshold = (milliseconds: number) => ({ threshold: `${milliseconds} ms`, stackTrace: "true" });
const every = (period: string) => ({ period });
const always = {};

const events = (wanted: JfrSettings): Readonly<Record<string, Readonly<Record<string, string>>>> => {
  const period = `${wanted.periodMs} ms`;
  const enabled = String(wanted.allocations);
  const isOld = wanted.release !== null && wanted.release < allocationSampleRelease;
  const allocation = { enabled, stackTrace: "true" };
  return {
    ExecutionSample: { period, stackTrace: "true" },
    NativeMethodSample: { enabled: String(wanted.nativeMethods), period, stackTrace: "true" },
    ...(isOld
      ? { ObjectAllocationInNewTLAB: allocation, ObjectAllocationOutsideTLAB: allocation }
      : { ObjectAllocationSample: { ...allocation, throttle: "300/s" } }),
    OldObjectSample: { enabled, stackTrace: "true", cutoff: `${wanted.pathsMs} ms` },

    JavaMonitorEnter: threshold(wanted.lockMs),
    ThreadPark: threshold(wanted.lockMs),
    JavaMonitorWait: threshold(10),
    ThreadSleep: threshold(10),
    VirtualThreadPinned: threshold(10),
    FileRead: threshold(10),
    FileWrite: threshold(10),
    FileForce: threshold(10),
    SocketRead: threshold(10),
    SocketWrite: threshold(10),
    JavaErrorThrow: { stackTrace: "true" },
    ThreadStart: always,
    ThreadEnd: always,

    GarbageCollection: { threshold: "0 ms" },
    GCPhasePause: { threshold: "0 ms" },
    SystemGC: { threshold: "0 ms", stackTrace: "true" },
    ZAllocationStall: threshold(0),
    ExecuteVMOperation: { threshold: "10 ms" },
    Compilation: { threshold: "100 ms" },

    GCHeapSummary: always,
    MetaspaceSummary: always,
    CPULoad: every("1 s"),
    JavaThreadStatistics: every("1 s"),
    ClassLoadingStatistics: every("1 s"),
    ExceptionStatistics: every("1 s"),
    ResidentSetSize: every("1 s"),
    DirectBufferStatistics: every("5 s"),
    ThreadCPULoad: every("10 s"),
    PhysicalMemory: every("everyChunk"),

    JVMInformation: every("beginChunk"),
    ActiveSetting: always,
    DataLoss: always,
  };
};

/** All values are ours: nothing in it needs to be escaped. */
export function jfrSettings(wanted: JfrSettings): string {
  const lines = Object.entries(events(wanted)).map(([name, own]) => {
    const settings = Object.entries({ enabled: "true", ...own });
    const text = settings.map(([key, value]) => `<setting name="${key}">${value}</setting>`).join("");
    return `  <event name="jdk.${name}">${text}</event>\n`;
  });
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<configuration version="2.0" label="Flamewright" description="" provider="Flamewright">\n' +
    `${lines.join("")}</configuration>\n`
  );
}
