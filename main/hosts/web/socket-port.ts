import type { WebSocket } from "ws";
import { decode, encodeWhole } from "#core/rpc/codec.ts";
import type { Port } from "#core/rpc/port.ts";
import { createCallGate } from "./call-gate.ts";

/** Above this many unsent bytes nothing more is asked of the engine, and nothing more is read. */
const HIGH_BYTES = 8 << 20;
const LOW_BYTES = 1 << 20;
/** Answers that may be under way: with the bytes above they bound what a page that reads nothing can cost. */
const MOST_CALLS = 32;
/** Beyond that the connection is ended; a page can come back. */
const LIMIT_BYTES = 512 << 20;
const PING_EVERY_MS = 30_000;

/**
 * The engine's end of a page's socket: one frame a message, in the bytes of the codec. Streams wait for the page by
 * their own credits; calls wait here until the page has taken the answers to earlier ones.
 */
export function socketPort(socket: WebSocket): Port {
  const closers: (() => void)[] = [];
  const handlers: ((message: unknown) => void)[] = [];
  let paused = false;
  let answered = true;

  const gate = createCallGate(
    () => socket.bufferedAmount <= HIGH_BYTES,
    MOST_CALLS,
    (message) => {
      for (const handler of handlers) handler(message);
    },
  );

  const balance = (): void => {
    gate.open();
    const full = gate.waiting > 0 || socket.bufferedAmount > HIGH_BYTES;
    if (!paused && full) {
      paused = true;
      socket.pause();
    } else if (paused && gate.waiting === 0 && socket.bufferedAmount < LOW_BYTES) {
      paused = false;
      socket.resume();
    }
  };

  const alive = setInterval(() => {
    // While nothing is read no pong is seen either; then the system's own time-out ends a dead connection.
    if (paused) return;
    if (answered) socket.ping();
    else socket.terminate();
    answered = false;
  }, PING_EVERY_MS);
  alive.unref();
  socket.on("pong", () => {
    answered = true;
  });
  socket.on("message", (data, isBinary) => {
    const message = isBinary ? messageIn(data) : null;
    if (message) gate.take(message.value);
    else socket.close(1003, "not a message of the workbench");
    balance();
  });
  socket.on("close", () => {
    clearInterval(alive);
    for (const closer of closers) closer();
  });
  // "close" follows; what went wrong on the wire is of no use to anybody.
  socket.on("error", () => socket.terminate());

  return {
    post: (message) => {
      if (socket.readyState !== socket.OPEN) return;
      gate.answered(message);
      socket.send(encodeWhole(message), { binary: true }, balance);
      if (socket.bufferedAmount > LIMIT_BYTES) socket.terminate();
      else balance();
    },
    onMessage: (handler) => {
      handlers.push(handler);
    },
    onClose: (handler) => {
      closers.push(handler);
    },
    close: () => socket.close(),
  };
}

function messageIn(data: unknown): { readonly value: unknown } | null {
  if (!(data instanceof Uint8Array)) return null;
  try {
    // Not as Node's Buffer, whose slice() shares memory where that of a plain array copies.
    return { value: decode(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) };
  } catch {
    return null;
  }
}
