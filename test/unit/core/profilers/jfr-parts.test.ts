import { expect, test } from "vitest";
import { jfrSince, wholeJfr } from "#core/profilers/shared/jfr-parts.ts";

/** A chunk of a JFR file: its head, and so many bytes in all; `size` is what the head says. */
function chunk(endMs: number, bytes = 100, size = bytes): Uint8Array {
  const all = new Uint8Array(bytes);
  const view = new DataView(all.buffer);
  view.setUint32(0, 0x464c5200);
  view.setBigUint64(8, BigInt(size));
  view.setBigUint64(32, BigInt(endMs - 10) * 1_000_000n);
  view.setBigUint64(40, 10_000_000n);
  return all;
}
const file = (...chunks: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(chunks.flatMap((each) => [...each]));

const wholes: readonly (readonly [string, Uint8Array, number])[] = [
  ["nothing", new Uint8Array(0), 0],
  ["one", file(chunk(1000)), 100],
  ["two", file(chunk(1000), chunk(2000, 300)), 400],
  ["one, and one that is being written", file(chunk(1000), chunk(2000, 200, 0)), 100],
  ["one, and one of which more is said than is there", file(chunk(1000), chunk(2000, 200, 500)), 100],
  ["one, and the head of another", file(chunk(1000), chunk(2000).subarray(0, 40)), 100],
  ["something else", new Uint8Array(500), 0],
];
test.each(wholes)("whole chunks of %s", (_, bytes, to) => {
  expect(wholeJfr(bytes)).toEqual([0, to]);
});

const sinces: readonly (readonly [number, number])[] = [
  [500, 0],
  [1000, 0],
  [1001, 100],
  [2001, 400],
  [9000, 500],
];
test.each(sinces)("what went on after %i ms", (since, from) => {
  expect(jfrSince(file(chunk(1000), chunk(2000, 300), chunk(3000)), since)).toEqual([from, 500]);
});
