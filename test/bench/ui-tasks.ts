import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, ElectronApplication } from "playwright";

/**
 * The tasks of a page's main thread, by Chromium's own trace. A task's time on the clock holds what other programs took of
 * the processors meanwhile; its time on a processor is its own.
 */
export interface Tasks {
  readonly longestMs: number;
  readonly longestCpuMs: number;
  readonly busyMs: number;
  readonly busyCpuMs: number;
}

export interface TaskWatch {
  start(): Promise<void>;
  stop(): Promise<Tasks>;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

const categories = ["toplevel"];
const taskNames: ReadonlySet<string> = new Set(["ThreadControllerImpl::RunTask", "RunTask"]);

/** Of the page that did most; a browser keeps spare ones. Tasks within tasks count once. */
export function tasksOf(events: readonly TraceEvent[]): Tasks {
  const mains = new Set<string>();
  for (const { name, ph, pid, tid, args } of events)
    if (ph === "M" && name === "thread_name" && args?.name === "CrRendererMain") mains.add(`${pid} ${tid}`);
  const byThread = new Map<string, TraceEvent[]>();
  for (const event of events) {
    const thread = `${event.pid} ${event.tid}`;
    if (event.ph !== "X" || !taskNames.has(event.name) || !mains.has(thread)) continue;
    const all = byThread.get(thread) ?? [];
    if (all.length === 0) byThread.set(thread, all);
    all.push(event);
  }
  const threads = [...byThread.values()].map((all) => {
    let endUs = Number.NEGATIVE_INFINITY;
    return all
      .sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0))
      .filter(({ ts, dur = 0 }) => {
        if (ts < endUs) return false;
        endUs = ts + dur;
        return true;
      });
  });
  const sum = (tasks: readonly TraceEvent[], of: (task: TraceEvent) => number): number =>
    tasks.reduce((all, task) => all + of(task), 0);
  const clock = ({ dur = 0 }: TraceEvent): number => dur / 1e3;
  const cpu = ({ tdur = 0 }: TraceEvent): number => tdur / 1e3;
  const tasks = threads.sort((a, b) => sum(b, clock) - sum(a, clock))[0] ?? [];
  return {
    longestMs: tasks.reduce((most, task) => Math.max(most, clock(task)), 0),
    longestCpuMs: tasks.reduce((most, task) => Math.max(most, cpu(task)), 0),
    busyMs: sum(tasks, clock),
    busyCpuMs: sum(tasks, cpu),
  };
}

export async function watchBrowser(browser: Browser): Promise<TaskWatch> {
  const session = await browser.newBrowserCDPSession();
  const events: TraceEvent[] = [];
  session.on("Tracing.dataCollected", ({ value }) => {
    for (const event of value as unknown as TraceEvent[]) events.push(event);
  });
  return {
    start: async () => {
      await session.send("Tracing.start", {
        transferMode: "ReportEvents",
        traceConfig: { includedCategories: categories, traceBufferSizeInKb: 400_000 },
      });
    },
    stop: async () => {
      const complete = new Promise<unknown>((resolve) => session.once("Tracing.tracingComplete", resolve));
      await session.send("Tracing.end");
      await complete;
      return tasksOf(events.splice(0));
    },
  };
}

export function watchElectron(app: ElectronApplication): TaskWatch {
  return {
    start: () =>
      app.evaluate(
        ({ contentTracing }, included_categories) => contentTracing.startRecording({ included_categories }),
        categories,
      ),
    stop: async () => {
      const folder = mkdtempSync(join(tmpdir(), "flamewright-bench-trace-"));
      try {
        const path = join(folder, "trace.json");
        await app.evaluate(({ contentTracing }, file) => contentTracing.stopRecording(file), path);
        const { traceEvents } = JSON.parse(readFileSync(path, "utf8")) as {
          traceEvents: readonly TraceEvent[];
        };
        return tasksOf(traceEvents);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}
