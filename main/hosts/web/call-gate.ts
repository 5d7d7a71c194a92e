import * as v from "valibot";
import { clientMessageSchema, serverMessageSchema } from "#core/rpc/messages.ts";

/** Lets so many calls of one connection be under way; the others wait in order. Everything else passes. */
export interface CallGate {
  take(message: unknown): void;
  /** A message to the client: the answer to a call makes room for the next. */
  answered(message: unknown): void;
  /** Lets in what may now come in. */
  open(): void;
  readonly waiting: number;
}

export function createCallGate(
  hasRoom: () => boolean,
  mostCalls: number,
  pass: (message: unknown) => void,
): CallGate {
  const running = new Set<number>();
  let queue: { readonly id: number; readonly message: unknown }[] = [];

  const isOpen = (): boolean => running.size < mostCalls && hasRoom();

  return {
    take: (message) => {
      const parsed = v.safeParse(clientMessageSchema, message);
      // The server on the other side judges what is no message at all.
      if (!parsed.success) return pass(message);
      const { t, id } = parsed.output;
      if (t === "cancel") {
        running.delete(id);
        queue = queue.filter((call) => call.id !== id);
        pass(message);
      } else if (t !== "call") pass(message);
      else if (queue.length > 0 || !isOpen()) queue.push({ id, message });
      else {
        running.add(id);
        pass(message);
      }
    },
    answered: (message) => {
      const parsed = v.safeParse(serverMessageSchema, message);
      if (parsed.success && parsed.output.t !== "item") running.delete(parsed.output.id);
    },
    open: () => {
      while (queue.length > 0 && isOpen()) {
        const [next] = queue.splice(0, 1);
        if (!next) return;
        running.add(next.id);
        pass(next.message);
      }
    },
    get waiting() {
      return queue.length;
    },
  };
}
