import type { WebSocket } from "ws";
import { decode, encodeWhole } from "#core/rpc/codec.ts";
import type { Port } from "#core/rpc/port.ts";

/** Above this many unsent bytes nothing more is read: no new request, and no credit for a stream. */
const HIGH_BYTES = 8 << 20;
const LOW_BYTES = 1 << 20;
/** A page that asked for so much and takes none of it is gone, whatever its socket says. */
const LIMIT_BYTES = 512 << 20;
const PING_EVERY_MS = 30_000;

/** The engine's end of a page's socket: one frame a message, in the bytes of the codec. */
export function socketPort(socket: WebSocket): Port {
  const closers: (() => void)[] = [];
  let paused = false;
  let answered = true;

  const sent = (): void => {
    if (paused && socket.bufferedAmount < LOW_BYTES) {
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
  socket.on("close", () => {
    clearInterval(alive);
    for (const closer of closers) closer();
  });
  // "close" follows; what went wrong on the wire is of no use to anybody.
  socket.on("error", () => socket.terminate());

  return {
    post: (message) => {
      if (socket.readyState !== socket.OPEN) return;
      socket.send(encodeWhole(message), { binary: true }, sent);
      if (socket.bufferedAmount > LIMIT_BYTES) socket.terminate();
      else if (!paused && socket.bufferedAmount > HIGH_BYTES) {
        paused = true;
        socket.pause();
      }
    },
    onMessage: (handler) => {
      socket.on("message", (data, isBinary) => {
        const bytes = isBinary ? bytesOf(data) : null;
        if (bytes) handler(bytes.value);
        else socket.close(1003, "not a message of the workbench");
      });
    },
    onClose: (handler) => {
      closers.push(handler);
    },
    close: () => socket.close(),
  };
}

function bytesOf(data: unknown): { readonly value: unknown } | null {
  if (!(data instanceof Uint8Array)) return null;
  try {
    return { value: decode(data) };
  } catch {
    return null;
  }
}
