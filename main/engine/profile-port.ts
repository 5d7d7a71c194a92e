import type { MessagePort, Worker } from "node:worker_threads";
import type { Port } from "#core/rpc/port.ts";

/**
 * A Port between threads. Every typed array travels as a copy of exactly its own bytes, and the copy is moved.
 * Columns of a running profile share memory with its builder and pieces of a pipe share a pool, so neither may be
 * moved itself; and a plain clone would copy the whole buffer behind a small view.
 */
export function threadPort(end: MessagePort | Worker): Port {
  const closers: (() => void)[] = [];
  let open = true;
  const closed = (): void => {
    if (!open) return;
    open = false;
    for (const closer of closers) closer();
  };
  // A worker says "exit", a message port "close".
  end.on("exit", closed);
  end.on("close", closed);
  return {
    post: (message) => {
      if (!open) return;
      const moved: ArrayBuffer[] = [];
      end.postMessage(withOwnBuffers(message, moved, 0), moved);
    },
    onMessage: (handler) => {
      end.on("message", handler);
    },
    onClose: (handler) => {
      closers.push(handler);
    },
    close: () => {
      if ("terminate" in end) void end.terminate();
      else end.close();
      closed();
    },
  };
}

type TypedArray = Uint8Array | Int32Array | Uint32Array | Float32Array | Float64Array;

const isTypedArray = (value: object): value is TypedArray =>
  ArrayBuffer.isView(value) && !(value instanceof DataView);

/** View tables and messages are a few levels deep; what lies deeper is cloned as it is. */
const MAX_DEPTH = 6;

function withOwnBuffers(value: unknown, moved: ArrayBuffer[], depth: number): unknown {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return value;
  if (isTypedArray(value)) {
    // Buffer.prototype.slice does not copy; the typed array's own does.
    const own = value instanceof Uint8Array ? Uint8Array.prototype.slice.call(value) : value.slice();
    moved.push(own.buffer as ArrayBuffer);
    return own;
  }
  if (Array.isArray(value)) {
    // Lists of texts and numbers are the long ones, and have nothing to move.
    if (typeof value[0] !== "object") return value;
    return value.map((item) => withOwnBuffers(item, moved, depth + 1));
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withOwnBuffers(item, moved, depth + 1)]),
  );
}
