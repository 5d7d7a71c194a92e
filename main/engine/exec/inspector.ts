import { type Problem, ProblemError, problemOf, throwProblem, toProblem } from "#core/base/result.ts";
import type { InspectorSource } from "#core/profilers/profiler.ts";
import { readProcText } from "../targets/proc-files.ts";
import { createByteQueue } from "./byte-queue.ts";
import { type InspectedRuntime, runtimeOf } from "./inspector-about.ts";
import { type Connection, connectInspector, evaluate } from "./inspector-channel.ts";
import { takeHeapSnapshot } from "./inspector-heap.ts";
import { countHeap, type HeapCounting } from "./inspector-heap-counters.ts";
import { pieceFormat, type ThreadPieces } from "./inspector-pieces.ts";
import {
  connectionsTo,
  listenerOf,
  type OpenInspector,
  openInspector,
  portClosed,
} from "./inspector-port.ts";
import { reachAddress } from "./inspector-targets.ts";
import { followBrowserTargets, followNodeWorkers, type WorkerSession } from "./inspector-workers.ts";
import type { SourceEnd, SourceEvents, SourceRun } from "./source-run.ts";

/** How to reach the inspector: by the plan, or the address that a launched Node printed. */
export interface InspectorTarget {
  readonly source: InspectorSource;
  /** Of a launched program: where it waits. It goes on at `resume`. */
  readonly launched: {
    readonly pid: number;
    readonly url: Promise<string>;
    /** NODE_OPTIONS as they were, for the program's own children. */
    readonly nodeOptions: string | undefined;
  } | null;
}

/** Above this the next piece waits in the target. */
const pendingLimitBytes = 32 << 20;
const longestChunkMs = 5000;
/** A target that is busy for longer keeps its inspector open a while after the recording. */
const closeTimeoutMs = 5000;
export function runInspector({ source, launched }: InspectorTarget, events: SourceEvents): SourceRun {
  const queue = createByteQueue();
  const threads = new Map<string, ThreadPieces>();
  let pid = -1;
  let beganAtNs = process.hrtime.bigint();
  let connection: Connection | null = null;
  let opened: OpenInspector | null = null;
  let stopping = false;
  /** The target has run its last line and only waits for us. */
  let exiting = false;
  let wakeLoop: (() => void) | null = null;
  let counted: HeapCounting | null = null;
  let snapshots = 0;

  const format = pieceFormat(source, events);

  const reach = async (): Promise<string> => {
    if (launched !== null) return launched.url;
    if (source.url !== null) {
      const { address, remark } = await reachAddress(source.url);
      if (remark !== "") events.remark(remark);
      return address;
    }
    opened = await openInspector(source.pid ?? -1);
    return opened.url;
  };

  const begin = async (): Promise<void> => {
    const url = await reach();
    connection = await connectInspector(url);
    const runtime = await runtimeOf(connection);
    // A launched Node that waits has not given itself a pid yet, but nobody else can have its port.
    pid = launched === null ? checkedPid(runtime) : listenerOf(Number(new URL(url).port), launched.pid);
    if (runtime.kind === "node") {
      connection.on("NodeRuntime.waitingForDisconnect", () => {
        exiting = true;
        void leave();
      });
      await connection.send("NodeRuntime.notifyWhenWaitingForDisconnect", { enabled: true });
    }
    if (runtime.kind === "browser") await watchForCrash(connection);
    const main = format.thread(connection, pid === -1 ? 1 : pid, "main");
    beganAtNs = process.hrtime.bigint();
    const name = launched === null ? runtime.name : "node";
    queue.push(format.head({ pid, name, tool: runtime.tool, beganAtNs }));
    await main.start();
    threads.set("", main);
    if (format.mainOnly !== true) await followWorkers(connection, runtime);
    if (runtime.kind === "node") counted = await countHeap(connection, events).catch(() => null);
  };

  /** A page that crashed answers nothing more, and its connection stays open. */
  const watchForCrash = async (session: Connection): Promise<void> => {
    session.on("Inspector.targetCrashed", () => {
      events.remark("The page crashed: the recording ends here.");
      exiting = true;
      stopping = true;
      session.close();
    });
    await session.send("Inspector.enable").catch(() => undefined);
  };

  const checkedPid = (runtime: InspectedRuntime): number => {
    if (source.pid === null || isSameProcess(source.pid, runtime.pid)) return source.pid ?? runtime.pid;
    return throwProblem(
      "wrong-process",
      `The inspector that answered belongs to process ${runtime.pid}, not ${source.pid}.`,
      "Another process holds the port; stop it, or start the target with --inspect-port=0.",
    );
  };

  /** Workers are sessions inside the session: the same profiler for each, in the same file. */
  const followWorkers = async (session: Connection, runtime: InspectedRuntime): Promise<void> => {
    const follow = runtime.kind === "node" ? followNodeWorkers : followBrowserTargets;
    try {
      await follow(session, {
        attached: (worker) => void addWorker(worker),
        detached: (key) => threads.delete(key),
      });
    } catch {
      events.remark(`${runtime.tool} does not offer its worker threads: only the main thread is recorded.`);
    }
  };

  let nextThreadId = 2;
  const addWorker = async ({ key, channel, threadId, name }: WorkerSession): Promise<void> => {
    const thread = format.thread(channel, threadId === 0 ? nextThreadId++ : threadId, name);
    try {
      await thread.start();
      threads.set(key, thread);
    } catch {
      events.remark(`The thread "${name}" ended before its recording began.`);
    }
  };

  /** One round: a piece of every thread. Gives how long the target is to be left alone. */
  const takePieces = async (last: boolean): Promise<number> => {
    let restMs = 0;
    await Promise.all(
      [...threads].map(async ([key, thread]) => {
        try {
          const taken = await thread.take(last, exiting);
          restMs = Math.max(restMs, taken.restMs);
          if (taken.over === true && launched !== null) {
            exiting = true;
            void leave();
          }
          for (const bytes of taken.bytes) queue.push(bytes);
        } catch {
          // A thread that ended takes its last piece with it; a lost connection ends the whole run.
          threads.delete(key);
        }
      }),
    );
    return restMs;
  };

  const reportHeap = async (session: Connection): Promise<void> => {
    const { usedSize, totalSize } = await session.send("Runtime.getHeapUsage");
    events.counters([
      { id: "heap", name: "JavaScript heap, used", unit: "bytes", value: Number(usedSize) },
      { id: "heap-total", name: "JavaScript heap, reserved", unit: "bytes", value: Number(totalSize) },
    ]);
  };

  const loop = async (): Promise<void> => {
    let chunkMs = source.chunkMs;
    while (!stopping) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, chunkMs);
        wakeLoop = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (stopping || connection === null) return;
      if (queue.pendingBytes > pendingLimitBytes) continue;
      const restMs = await takePieces(false);
      chunkMs = Math.max(source.chunkMs, Math.min(restMs, longestChunkMs));
      if (!stopping) await reportHeap(connection).catch(() => undefined);
      if (!stopping) await counted?.report().catch(() => undefined);
    }
  };

  let running: Promise<void> = Promise.resolve();
  let leaving: Promise<void> | null = null;
  let portGone: Promise<void> = Promise.resolve();

  /** Takes the last pieces and leaves the target as it was found. */
  const leave = (): Promise<void> => {
    leaving ??= (async () => {
      stopping = true;
      wakeLoop?.();
      await running;
      if (connection === null) return;
      await takePieces(true);
      if (!exiting) await counted?.end().catch(() => undefined);
      const closing = await closeInspector(connection);
      // A recording that began before it is closed would connect, and lose the connection.
      if (closing && opened !== null) portGone = portClosed(pid, opened.port, closeTimeoutMs);
      connection.close();
      await portGone;
    })();
    return leaving;
  };

  /** Whether the target is about to close its inspector. */
  const closeInspector = async (session: Connection): Promise<boolean> => {
    if (exiting || opened === null || !opened.openedByUs) return false;
    if (connectionsTo(pid, opened.port) > 1) {
      events.remark("The inspector was left open: someone else is connected to it.");
      return false;
    }
    // In a later turn of its loop, when this session is gone: close() waits for every session to end.
    const expression =
      "setTimeout((inspector) => inspector.close(), 50, process.getBuiltinModule?.('node:inspector') ?? process.mainModule.require('node:inspector')).unref(), true";
    try {
      await evaluate(session, expression);
      return true;
    } catch {
      events.remark("The inspector could not be closed: it stays open until the target ends.");
      return false;
    }
  };

  let ended: (end: SourceEnd) => void = () => undefined;
  const end = new Promise<SourceEnd>((resolve) => {
    ended = resolve;
  });
  const finish = (problem: Problem | null): void => {
    queue.end();
    ended({ problem, targetExited: exiting });
  };

  const ready = begin().then(
    () => {
      running = loop();
      void connection?.closed.then(async () => {
        const lost = leaving === null && isAlive(pid) && source.url === null ? connectionLost : null;
        stopping = true;
        wakeLoop?.();
        await running;
        await portGone;
        finish(lost);
      });
    },
    (error: unknown) => {
      connection?.close();
      const problem = toProblem(error);
      finish(problem);
      throw new ProblemError(problem);
    },
  );

  return {
    get pid() {
      return pid;
    },
    ready,
    get beganAtNs() {
      return beganAtNs;
    },
    async resume() {
      if (launched === null || connection === null) return;
      // Its own children must not wait for a debugger that nobody brings.
      const value = launched.nodeOptions;
      await evaluate(
        connection,
        value === undefined
          ? "delete process.env.NODE_OPTIONS"
          : `process.env.NODE_OPTIONS = ${JSON.stringify(value)}, true`,
      );
      await connection.send("Runtime.runIfWaitingForDebugger");
    },
    output: queue.output,
    async ask() {
      if (connection === null) throw new RangeError("asked before it was ready");
      const name = `heap ${++snapshots}`;
      const file = await takeHeapSnapshot(connection, name);
      return { words: `Heap snapshot ${snapshots}`, file };
    },
    stop: () => void leave(),
    kill() {
      stopping = true;
      wakeLoop?.();
      if (connection === null) finish(null);
      else connection.close();
    },
    ended: end,
  };
}

const connectionLost = problemOf(
  "connection-lost",
  "The inspector closed the connection while the target still runs.",
  "Another debugger may have closed it; start the recording again. What had arrived is kept.",
);

/** In a container a process has another number inside than outside: the last of NSpid is its own view. */
function isSameProcess(pid: number, reportedPid: number): boolean {
  if (pid === reportedPid) return true;
  const inner = /^NSpid:\s+(.*)$/m
    .exec(readProcText(`/proc/${pid}/status`) ?? "")?.[1]
    ?.split(/\s+/)
    .at(-1);
  return inner !== undefined && Number(inner) === reportedPid;
}

const isAlive = (pid: number): boolean => readProcText(`/proc/${pid}/stat`) !== null;
