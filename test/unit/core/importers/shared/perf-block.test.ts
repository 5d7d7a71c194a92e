import { expect, test } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { operationOf } from "#core/importers/shared/block-series.ts";
import { PerfBlock } from "#core/importers/shared/perf-block.ts";
import { wordsOfText } from "#core/importers/shared/perf-span-words.ts";
import { roleOf } from "#core/importers/shared/perf-spans.ts";
import { deviceCategory } from "#core/model/block-requests.ts";
import { NONE, ProfileBuilder } from "#core/model/builder.ts";

const begin = roleOf("block:block_rq_issue");
const end = roleOf("block:block_rq_complete");

test.each([
  ["WS", "write"],
  ["RA", "read"],
  ["FF", "flush"],
  ["F", "flush"],
  ["FWFSM", "write"],
  ["DS", "discard"],
  ["N", "other"],
  ["", "other"],
])("%s is a %s", (rwbs, operation) => expect(operationOf(rwbs)).toBe(operation));

test("requests by device and operation: their number, bytes, errors, times and who issued them", () => {
  const out = new ProfileBuilder();
  const block = new PerfBlock(out);
  const thread = out.thread(out.process(7, "writer"), 7, "writer");
  const issue = (said: string, us: number): void =>
    block.issue(thread, us * 1000, NONE, wordsOfText(begin, said));
  const complete = (said: string, us: number): void => block.complete(us * 1000, wordsOfText(end, said));
  issue("254,0 WS 65536 () 1000 + 128 0x2,0,4 [a [0] name]", 0);
  issue("254,0 R 4096 () 9000 + 8 none,0,0 [writer]", 10);
  // In two parts.
  complete("254,0 WS () 1000 + 64 0x2,0,4 [0]", 50);
  complete("254,0 WS () 1064 + 64 0x2,0,4 [0]", 100);
  complete("254,0 R () 9000 + 8 none,0,0 [-5]", 30);
  issue("254,0 FF 0 () 0 + 0 none,0,0 [kworker]", 100);
  complete("254,0 FF () 0 + 0 none,0,0 [0]", 200);
  complete("8,0 W () 77 + 8 none,0,0 [0]", 200);
  issue("8,0 W 4096 () 88 + 8 none,0,0 [late]", 300);
  block.finish();
  out.interval({
    start: 0,
    end: 0,
    thread: NONE,
    category: out.string(deviceCategory),
    name: out.string("vda"),
    args: out.string("254:0"),
  });
  const profile = out.build();
  const table = createAnalyst().answer(profile, { view: "io", selection: { rangeNs: [0, 1e6] } });
  expect(table.requests).toMatchObject([
    { device: "vda", operation: "write", requests: 1, errors: 0, bytes: 65_536, meanNs: 100_000 },
    { device: "vda", operation: "flush", requests: 1, errors: 0, bytes: 0, p99Ns: 100_000 },
    { device: "vda", operation: "read", requests: 1, errors: 1, bytes: 4096, maxNs: 20_000 },
  ]);
  expect(table.requests[0]?.issuers).toEqual([{ name: "writer", pid: 7, requests: 1, bytes: 65_536 }]);
  expect(table.requests[0]?.histogram[4]).toBe(1);
  // 200 of 1000 µs, however many were on their way.
  expect(table.disks).toMatchObject([{ device: "vda", readsPerSecond: 1000, busyShare: 0.2 }]);
  expect(profile.meta.notes).toEqual([
    "A request to disks had begun before the recording, or the begin was lost: left out.",
    "1 request to disks without an end: on the way when the recording ended, or the kernel did not tell perf of it. Left out.",
  ]);
});
