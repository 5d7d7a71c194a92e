import type { Channel, Connection } from "./inspector-channel.ts";
import { createChannel, isRecord } from "./inspector-channel.ts";

/** A thread of the target beside its main one. */
export interface WorkerSession {
  /** Of the session, for telling them apart. */
  readonly key: string;
  readonly channel: Channel;
  /** Of the runtime, which is not the system's; 0 where it gives none. */
  readonly threadId: number;
  readonly name: string;
}

export interface WorkerEvents {
  attached(worker: WorkerSession): void;
  detached(key: string): void;
}

/** Worker threads of Node are sessions whose messages travel inside those of the main session. */
export async function followNodeWorkers(session: Connection, events: WorkerEvents): Promise<void> {
  const receivers = new Map<string, (message: unknown) => void>();
  session.on("NodeWorker.attachedToWorker", ({ sessionId, workerInfo }) => {
    const key = String(sessionId);
    const info = isRecord(workerInfo) ? workerInfo : {};
    const { channel, receive } = createChannel((message) => {
      session.send("NodeWorker.sendMessageToWorker", { sessionId: key, message }).catch(() => undefined);
    });
    receivers.set(key, receive);
    const threadId = Number(info.workerId) || 0;
    events.attached({ key, channel, threadId, name: nodeWorkerName(String(info.title ?? ""), threadId) });
  });
  session.on("NodeWorker.receivedMessageFromWorker", ({ sessionId, message }) =>
    receivers.get(String(sessionId))?.(JSON.parse(String(message))),
  );
  session.on("NodeWorker.detachedFromWorker", ({ sessionId }) => {
    receivers.delete(String(sessionId));
    events.detached(String(sessionId));
  });
  await session.send("NodeWorker.enable", { waitForDebuggerOnStart: false });
}

/** "[worker 3] parser" of newer versions, "Worker 3" of older ones: as both name it, the number first. */
export function nodeWorkerName(title: string, threadId: number): string {
  const [, number = String(threadId), name = ""] = /^\[?worker (\d+)\]?\s*(.*)$/i.exec(title) ?? [];
  if (title !== "" && !/^\[?worker/i.test(title)) return title;
  return name === "" || name === "WorkerThread" ? `worker ${number}` : `worker ${number}: ${name}`;
}

/** Types of a browser's targets that run JavaScript beside the page. */
const workerTypes = new Set(["worker", "shared_worker", "service_worker", "iframe", "worklet"]);

/** Workers of a page, and frames that live in a process of their own, and their workers in turn. */
export async function followBrowserTargets(session: Connection, events: WorkerEvents): Promise<void> {
  const follow = (channel: Channel): Promise<unknown> => {
    channel.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => {
      const key = String(sessionId);
      const info = isRecord(targetInfo) ? targetInfo : {};
      const type = String(info.type ?? "");
      if (!workerTypes.has(type)) return;
      const sub = session.session(key);
      const title = String(info.title || info.url || "").slice(0, 80);
      events.attached({
        key,
        channel: sub,
        threadId: 0,
        name: `${type.replaceAll("_", " ")} ${title}`.trim(),
      });
      // Kinds that have no targets of their own refuse, which is as good.
      follow(sub).catch(() => undefined);
    });
    channel.on("Target.detachedFromTarget", ({ sessionId }) => {
      session.forget(String(sessionId));
      events.detached(String(sessionId));
    });
    return channel.send("Target.setAutoAttach", {
      autoAttach: true,
      waitForDebuggerOnStart: false,
      flatten: true,
    });
  };
  await follow(session);
}
