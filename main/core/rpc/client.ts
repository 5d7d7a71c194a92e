import * as v from "valibot";
import { type Disposable, disposable } from "../base/disposable.ts";
import { cancelled, type Problem, ProblemError, problemOf } from "../base/result.ts";
import type {
  CallInput,
  CallName,
  CallResult,
  ContractShape,
  StreamInput,
  StreamItem,
  StreamName,
} from "./define.ts";
import { type ClientMessage, serverMessageSchema } from "./messages.ts";
import type { Port } from "./port.ts";

export interface StreamObserver<T> {
  /** The next item; the server may send another once this returns (or its promise resolves). */
  item(value: T): void | Promise<void>;
  /** The server has no more. Not called after the reader's own dispose. */
  end?(): void;
  problem?(problem: Problem): void;
}

export interface Client<C extends ContractShape> {
  /** Rejects with a ProblemError. */
  call<K extends CallName<C>>(
    method: K,
    params: CallInput<C, K>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<CallResult<C, K>>;
  /** Disposing ends the stream at once. */
  stream<K extends StreamName<C>>(
    name: K,
    params: StreamInput<C, K>,
    observer: StreamObserver<StreamItem<C, K>>,
  ): Disposable;
  onClose(handler: () => void): void;
  close(): void;
}

const disconnected: Problem = problemOf(
  "disconnected",
  "The connection to the engine was lost.",
  "Reload the window; recordings that were running are kept on disk.",
);

/** Items a lossless reader lets the server send ahead. */
const WINDOW = 8;

interface Pending {
  result?(value: unknown): void;
  item?(value: unknown): void;
  end?(): void;
  problem(problem: Problem): void;
}

export function createClient<C extends ContractShape>(port: Port, contract: C): Client<C> {
  const pending = new Map<number, Pending>();
  const closers: (() => void)[] = [];
  let nextId = 1;
  let open = true;

  const send = (message: ClientMessage): void => {
    if (open) port.post(message);
  };

  port.onMessage((raw) => {
    const parsed = v.safeParse(serverMessageSchema, raw);
    if (!parsed.success) return;
    const message = parsed.output;
    const waiting = pending.get(message.id);
    if (!waiting) return;
    if (message.t === "item") {
      waiting.item?.(message.value);
      return;
    }
    pending.delete(message.id);
    if (message.t === "result") waiting.result?.(message.value);
    else if (message.t === "end") waiting.end?.();
    else {
      const { code, message: text, fix, detail } = message.problem;
      waiting.problem(problemOf(code, text, fix, detail));
    }
  });

  port.onClose(() => {
    if (!open) return;
    open = false;
    const waiting = [...pending.values()];
    pending.clear();
    for (const each of waiting) each.problem(disconnected);
    for (const closer of closers) closer();
  });

  return {
    call: (method, params, options) =>
      new Promise((resolve, reject) => {
        const signal = options?.signal;
        if (!open) return reject(new ProblemError(disconnected));
        if (signal?.aborted) return reject(new ProblemError(cancelled));
        const id = nextId++;
        const abort = (): void => {
          pending.delete(id);
          send({ t: "cancel", id });
          reject(new ProblemError(cancelled));
        };
        const settle = (): void => signal?.removeEventListener("abort", abort);
        signal?.addEventListener("abort", abort, { once: true });
        pending.set(id, {
          result: (value) => {
            settle();
            resolve(value as CallResult<C, typeof method>);
          },
          problem: (problem) => {
            settle();
            reject(new ProblemError(problem));
          },
        });
        send({ t: "call", id, method, params });
      }),

    stream: (name, params, observer) => {
      const id = nextId++;
      if (!open) {
        queueMicrotask(() => observer.problem?.(disconnected));
        return disposable(() => undefined);
      }
      const latest = contract.streams[name]?.delivery === "latest";
      pending.set(id, {
        item: (value) => {
          const credit = (): void => {
            if (pending.has(id)) send({ t: "credit", id, count: 1 });
          };
          const done = observer.item(value as StreamItem<C, typeof name>);
          if (done instanceof Promise) done.then(credit, credit);
          else credit();
        },
        end: () => observer.end?.(),
        problem: (problem) => observer.problem?.(problem),
      });
      send({ t: "open", id, stream: name, params, credit: latest ? 1 : WINDOW });
      return disposable(() => {
        if (pending.delete(id)) send({ t: "cancel", id });
      });
    },

    onClose: (handler) => {
      closers.push(handler);
    },
    close: () => port.close(),
  };
}
