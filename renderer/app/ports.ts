import { decode, encodeWhole } from "#core/rpc/codec.ts";
import type { Port } from "#core/rpc/port.ts";

/** The two transports of a page. Both hand messages that came before anybody listened to the first listener. */
function makeInbox() {
  const handlers: ((message: unknown) => void)[] = [];
  const early: unknown[] = [];
  const closers: (() => void)[] = [];
  let open = true;
  return {
    deliver: (message: unknown): void => {
      if (handlers.length === 0) early.push(message);
      for (const handler of handlers) handler(message);
    },
    closed: (): void => {
      if (!open) return;
      open = false;
      for (const closer of closers) closer();
    },
    onMessage: (handler: (message: unknown) => void): void => {
      handlers.push(handler);
      for (const message of early.splice(0)) handler(message);
    },
    onClose: (handler: () => void): void => {
      closers.push(handler);
    },
  };
}

export function portOfMessagePort(port: MessagePort): Port {
  const inbox = makeInbox();
  port.addEventListener("message", (event) => inbox.deliver(event.data));
  // Fired when the engine's process goes away.
  port.addEventListener("close", () => inbox.closed());
  port.start();
  return {
    post: (message, transfer) => port.postMessage(message, transfer ? [...transfer] : []),
    onMessage: inbox.onMessage,
    onClose: inbox.onClose,
    close: () => {
      port.close();
      inbox.closed();
    },
  };
}

/** The socket is open. One frame a message. */
export function portOfSocket(socket: WebSocket): Port {
  const inbox = makeInbox();
  socket.addEventListener("message", (event) => {
    if (event.data instanceof ArrayBuffer) inbox.deliver(decode(new Uint8Array(event.data)));
  });
  socket.addEventListener("close", () => inbox.closed());
  return {
    post: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(encodeWhole(message));
    },
    onMessage: inbox.onMessage,
    onClose: inbox.onClose,
    close: () => socket.close(),
  };
}
