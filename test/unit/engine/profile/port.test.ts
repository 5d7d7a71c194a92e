import { MessageChannel } from "node:worker_threads";
import { expect, test } from "vitest";
import { createAnswerCache } from "../../../../main/engine/profile-cache.ts";
import type { Answer } from "../../../../main/engine/profile-contract.ts";
import { threadPort } from "../../../../main/engine/profile-port.ts";

test("typed arrays travel as exact copies; the sender keeps its own", async () => {
  const { port1, port2 } = new MessageChannel();
  const near = threadPort(port1);
  const far = threadPort(port2);
  const shared = new Float64Array(1000).fill(1);
  const sent = {
    list: [{ column: shared.subarray(10, 13) }],
    text: ["a"],
    none: null,
    piece: Buffer.from("abc"),
  };
  const arrived = await new Promise<typeof sent>((resolve) => {
    far.onMessage((message) => resolve(message as typeof sent));
    near.post(sent);
  });
  expect(arrived.list[0]?.column).toEqual(new Float64Array([1, 1, 1]));
  expect(arrived.list[0]?.column.buffer.byteLength).toBe(24);
  expect(Buffer.from(arrived.piece).toString()).toBe("abc");
  expect(arrived.piece.buffer.byteLength).toBe(3);
  expect(shared.length).toBe(1000);
  expect(arrived.text).toEqual(["a"]);
  const closed = new Promise<void>((resolve) => far.onClose(resolve));
  near.close();
  await closed;
});

const answer = (revision: number, sizeBytes = 8): Answer => ({
  revision,
  table: {
    view: "info",
    padding: new Uint8Array(sizeBytes),
  } as unknown as Answer["table"],
});

test("the same question about the same revision is asked once", async () => {
  const cache = createAnswerCache();
  let asked = 0;
  const ask = async (): Promise<Answer> => answer(++asked);
  const [a, b] = await Promise.all([cache.answer("q", 1, ask), cache.answer("q", 1, ask)]);
  expect(a).toBe(b);
  expect(await cache.answer("q", 1, ask)).toBe(a);
  expect(asked).toBe(1);
  expect((await cache.answer("q", 2, ask)).revision).toBe(2);
  expect((await cache.answer("other", 2, ask)).revision).toBe(3);
});

test("a question is stopped once nobody waits for it any more, and then asked anew", async () => {
  const cache = createAnswerCache();
  const stops: AbortSignal[] = [];
  const ask = (stopped: AbortSignal): Promise<Answer> => {
    stops.push(stopped);
    return new Promise((_, reject) => stopped.addEventListener("abort", () => reject(new Error("stopped"))));
  };
  const [first, second] = [new AbortController(), new AbortController()];
  const both = [first, second].map(({ signal }) => cache.answer("q", 1, ask, signal));
  first.abort();
  expect(stops.map(({ aborted }) => aborted)).toEqual([false]);
  second.abort();
  expect(stops.map(({ aborted }) => aborted)).toEqual([true]);
  const third = new AbortController();
  const again = cache.answer("q", 1, ask, third.signal);
  expect(stops).toHaveLength(2);
  // Whoever has no signal never goes.
  void cache.answer("q", 1, ask).catch(() => undefined);
  third.abort();
  expect(stops[1]?.aborted).toBe(false);
  for (const each of both) await expect(each).rejects.toThrow("stopped");
  void again.catch(() => undefined);
});

test("an answer that failed is asked for again, and large or many answers are not kept", async () => {
  const cache = createAnswerCache();
  let asked = 0;
  await expect(cache.answer("q", 1, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  const large = async (): Promise<Answer> => {
    asked++;
    return answer(1, 8 << 20);
  };
  await cache.answer("q", 1, large);
  await cache.answer("q", 1, large);
  expect(asked).toBe(2);
  const small = async (): Promise<Answer> => {
    asked++;
    return answer(1);
  };
  for (let i = 0; i < 40; i++) await cache.answer(`q${i}`, 1, small);
  asked = 0;
  await cache.answer("q39", 1, small);
  expect(asked).toBe(0);
  await cache.answer("q0", 1, small);
  expect(asked).toBe(1);
});
