import * as v from "valibot";
import { type Disposable, disposable } from "../base/disposable.ts";
import { problemOf, toProblem } from "../base/result.ts";
import type {
  CallName,
  CallParams,
  CallResult,
  ContractShape,
  Delivery,
  StreamItem,
  StreamName,
  StreamParams,
} from "./define.ts";
import { clientMessageSchema, type ServerMessage } from "./messages.ts";
import type { Port } from "./port.ts";

/** Where a stream's handler puts its items. */
export interface StreamSink<T> {
  /**
   * `latest`: replaces an item that still waits and resolves at once. `lossless`: resolves when there is room for
   * the next one; await it, or memory grows.
   */
  send(item: T): Promise<void>;
  /** `latest`: resolves when the reader has room, so that nothing is worked out that it would not see. */
  readonly ready: () => Promise<void>;
  /** Aborted when the reader goes away. */
  readonly signal: AbortSignal;
}

export type Handlers<C extends ContractShape> = {
  readonly calls: {
    readonly [K in CallName<C>]: (
      params: CallParams<C, K>,
      signal: AbortSignal,
    ) => CallResult<C, K> | Promise<CallResult<C, K>>;
  };
  readonly streams: {
    /** Resolves when the stream has ended; throws a ProblemError when it cannot go on. */
    readonly [K in StreamName<C>]: (
      params: StreamParams<C, K>,
      sink: StreamSink<StreamItem<C, K>>,
    ) => Promise<void>;
  };
};

class Outbox {
  #credit: number;
  readonly #latest: boolean;
  readonly #post: (value: unknown) => void;
  #waiting: { value: unknown } | null = null;
  #room: (() => void)[] = [];

  constructor(delivery: Delivery, credit: number, post: (value: unknown) => void) {
    this.#latest = delivery === "latest";
    this.#credit = credit;
    this.#post = post;
  }

  async send(value: unknown): Promise<void> {
    if (this.#latest) {
      if (this.#credit > 0) this.#deliver(value);
      else this.#waiting = { value };
      return;
    }
    await this.ready();
    this.#deliver(value);
  }

  async ready(): Promise<void> {
    while (this.#credit <= 0) await new Promise<void>((resolve) => this.#room.push(resolve));
  }

  give(count: number): void {
    this.#credit += count;
    if (this.#waiting && this.#credit > 0) {
      const { value } = this.#waiting;
      this.#waiting = null;
      this.#deliver(value);
    }
    for (const resolve of this.#room.splice(0)) resolve();
  }

  /** Sends what still waits, whatever the credit: nothing follows it. */
  flush(): void {
    if (this.#waiting) this.#deliver(this.#waiting.value);
    this.#waiting = null;
  }

  #deliver(value: unknown): void {
    this.#credit--;
    this.#post(value);
  }
}

/** Answers one connection until the port closes or the result is disposed of. */
export function serve<C extends ContractShape>(port: Port, contract: C, handlers: Handlers<C>): Disposable {
  const running = new Map<number, { abort: AbortController; outbox: Outbox | null }>();
  let open = true;
  const post = (message: ServerMessage): void => {
    if (open) port.post(message);
  };

  const parse = (params: v.GenericSchema, value: unknown): unknown => {
    const parsed = v.safeParse(params, value);
    if (parsed.success) return parsed.output;
    const issue = parsed.issues[0];
    throw Object.assign(new Error(issue.message), { issuePath: v.getDotPath(issue) ?? "" });
  };

  const refuse = (id: number, what: string, error: unknown): void => {
    const issuePath = error instanceof Error && "issuePath" in error ? String(error.issuePath) : null;
    const problem =
      issuePath === null
        ? toProblem(error)
        : problemOf(
            "bad-request",
            `${what}: ${issuePath} is not as it should be.`,
            "Correct it and try again.",
            error instanceof Error ? error.message : "",
          );
    post({ t: "problem", id, problem });
  };

  const unknown = (id: number, what: string): void =>
    post({
      t: "problem",
      id,
      problem: problemOf(
        "unknown-request",
        `The engine does not know ${what}.`,
        "Reload: page and engine differ.",
      ),
    });

  port.onMessage((raw) => {
    const parsed = v.safeParse(clientMessageSchema, raw);
    if (!parsed.success) return;
    const message = parsed.output;
    switch (message.t) {
      case "cancel":
        running.get(message.id)?.abort.abort();
        running.get(message.id)?.outbox?.give(Number.POSITIVE_INFINITY);
        running.delete(message.id);
        return;
      case "credit":
        running.get(message.id)?.outbox?.give(message.count);
        return;
      case "call": {
        const { id, method, params } = message;
        const definition = Object.hasOwn(contract.calls, method) ? contract.calls[method] : undefined;
        const handler = handlers.calls[method as CallName<C>];
        if (!definition || !handler) return unknown(id, method);
        const abort = new AbortController();
        running.set(id, { abort, outbox: null });
        (async () => handler(parse(definition.params, params) as never, abort.signal))()
          .then(
            (value) => !abort.signal.aborted && post({ t: "result", id, value }),
            (error: unknown) => !abort.signal.aborted && refuse(id, method, error),
          )
          .finally(() => running.delete(id));
        return;
      }
      case "open": {
        const { id, stream, params, credit } = message;
        const definition = Object.hasOwn(contract.streams, stream) ? contract.streams[stream] : undefined;
        const handler = handlers.streams[stream as StreamName<C>];
        if (!definition || !handler) return unknown(id, stream);
        const abort = new AbortController();
        const outbox = new Outbox(definition.delivery, credit, (value) => {
          if (!abort.signal.aborted) post({ t: "item", id, value });
        });
        running.set(id, { abort, outbox });
        const sink = {
          send: (item: unknown) => outbox.send(item),
          ready: () => outbox.ready(),
          signal: abort.signal,
        };
        (async () => handler(parse(definition.params, params) as never, sink))()
          .then(
            () => {
              outbox.flush();
              if (!abort.signal.aborted) post({ t: "end", id });
            },
            (error: unknown) => !abort.signal.aborted && refuse(id, stream, error),
          )
          .finally(() => running.delete(id));
      }
    }
  });

  const stop = disposable(() => {
    open = false;
    for (const { abort, outbox } of running.values()) {
      abort.abort();
      outbox?.give(Number.POSITIVE_INFINITY);
    }
    running.clear();
  });
  port.onClose(() => stop.dispose());
  return stop;
}
