import { expect, test } from "vitest";
import { createByteQueue } from "../../../../main/engine/exec/byte-queue.ts";
import { createLineSplitter, plainText } from "../../../../main/engine/exec/lines.ts";

const texts: readonly (readonly [string, readonly string[]])[] = [
  ["", []],
  ["one\ntwo\n", ["one", "two"]],
  ["one\r\ntwo", ["one", "two"]],
  ["10 %\r50 %\r100 %\n", ["10 %", "50 %", "100 %"]],
  ["a\n\nb", ["a", "", "b"]],
  ["grün\n€\n", ["grün", "€"]],
  ["end\r", ["end"]],
];
test.each(texts)("%j", (text, expected) => {
  const bytes = Buffer.from(text);
  // However the bytes are cut, also inside a character.
  for (const size of [1, 2, 3, 1000]) {
    const lines: string[] = [];
    const splitter = createLineSplitter((line) => lines.push(line));
    for (let at = 0; at < bytes.length; at += size) splitter.push(bytes.subarray(at, at + size));
    splitter.end();
    expect(lines).toEqual(expected);
  }
});

test("a line without end is cut", () => {
  const lines: string[] = [];
  const splitter = createLineSplitter((line) => lines.push(line));
  for (let i = 0; i < 100; i++) splitter.push("x".repeat(1000));
  splitter.end();
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(8192);
});

const terminal: readonly (readonly [string, string])[] = [
  ["\u001b[1;31mred\u001b[0m plain", "red plain"],
  ["\u001b]0;title\u0007text", "text"],
  ["\u001b[2K\u001b[1Gline", "line"],
  ["a\tb\u0008\u0000", "a\tb"],
  ["\u001b]8;;http://x\u001b\\link", "link"],
];
test.each(terminal)("terminal %j", (text, expected) => {
  expect(plainText(text)).toBe(expected);
});

test("a queue gives what was pushed, in order, and ends", async () => {
  const queue = createByteQueue();
  queue.push(Uint8Array.of(1));
  const taken = (async () => {
    const all: number[] = [];
    for await (const bytes of queue.output) all.push(...bytes);
    return all;
  })();
  queue.push(Uint8Array.of(2, 3));
  await Promise.resolve();
  queue.push(Uint8Array.of(4));
  queue.end();
  queue.push(Uint8Array.of(5));
  expect(await taken).toEqual([1, 2, 3, 4]);
  expect(queue.pendingBytes).toBe(0);
});
