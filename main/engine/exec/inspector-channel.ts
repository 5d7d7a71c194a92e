import { WebSocket } from "ws";
import { ProblemError, problemOf } from "#core/base/result.ts";

/** One session of the Chrome DevTools protocol. https://chromedevtools.github.io/devtools-protocol/v8/ */
export interface Channel {
  send(
    method: string,
    params?: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>>>;
  on(method: string, handler: (params: Readonly<Record<string, unknown>>) => void): void;
}

export interface Connection extends Channel {
  /** Settled when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>;
  close(): void;
  /** false: nothing more is read until it is true again. */
  pace(open: boolean): void;
  /** A session inside this one, as browsers number them ("flat" sessions). */
  session(sessionId: string): Channel;
  /** The session is gone: what waits for its answers is told so. */
  forget(sessionId: string): void;
}

interface Waiting {
  resolve(result: Readonly<Record<string, unknown>>): void;
  reject(error: Error): void;
}

const connectTimeoutMs = 5000;
/** A profile of a large program is one message. */
const messageLimitBytes = 1 << 30;

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** A channel over anything that carries JSON texts both ways. */
export function createChannel(post: (text: string) => void): {
  readonly channel: Channel;
  receive(message: unknown): void;
  fail(error: Error): void;
} {
  const waiting = new Map<number, Waiting>();
  const handlers = new Map<string, ((params: Readonly<Record<string, unknown>>) => void)[]>();
  let nextId = 1;
  let broken: Error | null = null;
  return {
    channel: {
      send(method, params = {}) {
        if (broken !== null) return Promise.reject(broken);
        const id = nextId++;
        return new Promise((resolve, reject) => {
          waiting.set(id, { resolve, reject });
          post(JSON.stringify({ id, method, params }));
        });
      },
      on(method, handler) {
        handlers.set(method, [...(handlers.get(method) ?? []), handler]);
      },
    },
    receive(message) {
      if (!isRecord(message)) return;
      if (typeof message.id === "number") {
        const waiter = waiting.get(message.id);
        waiting.delete(message.id);
        if (isRecord(message.error)) waiter?.reject(new Error(String(message.error.message)));
        else waiter?.resolve(isRecord(message.result) ? message.result : {});
      } else if (typeof message.method === "string") {
        const params = isRecord(message.params) ? message.params : {};
        for (const handler of handlers.get(message.method) ?? []) handler(params);
      }
    },
    fail(error) {
      broken = error;
      for (const waiter of waiting.values()) waiter.reject(error);
      waiting.clear();
    },
  };
}

export async function connectInspector(url: string): Promise<Connection> {
  const socket = new WebSocket(url, {
    handshakeTimeout: connectTimeoutMs,
    maxPayload: messageLimitBytes,
    perMessageDeflate: false,
  });
  const { channel, receive, fail } = createChannel((text) => socket.send(text));
  const sessions = new Map<string, ReturnType<typeof createChannel>>();
  const closed = new Promise<void>((resolve) => {
    socket.on("close", () => {
      const error = new Error("The inspector's connection is closed.");
      fail(error);
      for (const each of sessions.values()) each.fail(error);
      resolve();
    });
  });
  socket.on("message", (data) => {
    const message = parseMessage(String(data));
    const ofSession = isRecord(message) && typeof message.sessionId === "string" ? message.sessionId : "";
    if (ofSession === "") receive(message);
    else sessions.get(ofSession)?.receive(message);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.on("error", (error) => {
      reject(
        new ProblemError(
          problemOf(
            "inspector-unreachable",
            `No inspector answers at ${url}.`,
            "Check the address and that the program still runs; Node prints it when its inspector opens.",
            error.message,
          ),
        ),
      );
    });
  });
  return {
    ...channel,
    closed,
    close: () => socket.close(),
    pace: (open) => (open ? socket.resume() : socket.pause()),
    session(sessionId) {
      const known = sessions.get(sessionId);
      if (known !== undefined) return known.channel;
      const prefix = `{"sessionId":${JSON.stringify(sessionId)},`;
      const made = createChannel((text) => socket.send(prefix + text.slice(1)));
      sessions.set(sessionId, made);
      return made.channel;
    },
    forget(sessionId) {
      sessions.get(sessionId)?.fail(new Error("The session is closed."));
      sessions.delete(sessionId);
    },
  };
}

/** What is no JSON is no message: whoever listens at the address is no inspector. */
function parseMessage(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Plain: with the command-line API a target that happens to be exiting ends with SIGSEGV (Node 20). */
export async function evaluate(session: Channel, expression: string): Promise<unknown> {
  const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
    expression,
    returnByValue: true,
    silent: true,
  });
  if (isRecord(exceptionDetails)) throw new Error(String(exceptionDetails.text));
  return isRecord(result) ? result.value : undefined;
}
