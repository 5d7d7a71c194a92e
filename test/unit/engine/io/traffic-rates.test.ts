import { expect, test } from "vitest";
import { type Descriptor, untold } from "#core/model/descriptors.ts";
import { createTrafficRates } from "../../../../main/engine/io/traffic-rates.ts";

const socket = (fd: number, name: string, receivedBytes: number, sentBytes: number): Descriptor => ({
  ...untold,
  pid: 1,
  fd,
  kind: "socket",
  name,
  receivedBytes,
  sentBytes,
});

test("what all connections moved between two readings: each once, new ones whole, those that are gone not at all", () => {
  const rates = createTrafficRates();
  const values = (open: readonly Descriptor[], seconds: number): readonly unknown[] =>
    rates(open, seconds * 1e9).map((line) => "value" in line && [line.id, line.value]);
  // What was moved before anybody looked is of no time.
  expect(values([socket(3, "a", 9999, 9999), socket(4, "b", 50, 50)], 1)).toEqual([]);
  const now = [socket(3, "a", 9999 + 2048, 9999), socket(7, "a", 9999 + 2048, 9999), socket(5, "c", 0, 4096)];
  expect(values([...now, socket(6, "UDP", -1, -1)], 3)).toEqual([
    ["TCP received", 1],
    ["TCP sent", 2],
  ]);
});
