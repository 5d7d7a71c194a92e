/**
 * What every transport looks like from above: a MessagePort between Electron processes or threads, a WebSocket in
 * the browser, a pair in memory in tests. Messages arrive whole, once and in order, or the port closes.
 */
export interface Port {
  /** Sends plain data and typed arrays. `transfer`: buffers to move instead of copy, where the transport can. */
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  onMessage(handler: (message: unknown) => void): void;
  onClose(handler: () => void): void;
  close(): void;
}

/** Two ports joined in memory. Delivery is asynchronous, as on every real transport. */
export function portPair(): [Port, Port] {
  const make = () => ({
    handlers: [] as ((message: unknown) => void)[],
    closers: [] as (() => void)[],
    backlog: [] as unknown[],
  });
  const sides = [make(), make()] as const;
  let open = true;
  const port = (own: 0 | 1): Port => {
    const mine = sides[own];
    const other = sides[own === 0 ? 1 : 0];
    return {
      post: (message) => {
        if (!open) return;
        const copy = structuredClone(message);
        queueMicrotask(() => {
          if (other.handlers.length === 0) other.backlog.push(copy);
          for (const handler of other.handlers) handler(copy);
        });
      },
      onMessage: (handler) => {
        mine.handlers.push(handler);
        for (const message of mine.backlog.splice(0)) handler(message);
      },
      onClose: (handler) => {
        mine.closers.push(handler);
      },
      close: () => {
        if (!open) return;
        open = false;
        queueMicrotask(() => {
          for (const side of sides) for (const closer of side.closers) closer();
        });
      },
    };
  };
  return [port(0), port(1)];
}
