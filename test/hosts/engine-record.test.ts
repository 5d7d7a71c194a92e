import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Contract } from "#core/contract.ts";
import type { QueryInput } from "#core/model/query.ts";
import type { LogLine } from "#core/model/recording.ts";
import type { TimelineTable } from "#core/model/tables.ts";
import type { Client } from "#core/rpc/client.ts";
import { type RunningProgram, startProgram } from "../programs/build.ts";
import { itemWhere, stateWhere } from "./awaiting.ts";
import { ensureBuilt, type TestEngine, temporaryHome, testEngine } from "./built.ts";

let program: RunningProgram;
let engine: TestEngine;
beforeAll(async () => {
  await ensureBuilt();
  program = await startProgram("hot.js");
  engine = await testEngine();
});
afterAll(async () => {
  await engine.end();
  await program.stop();
});

const startRecording = async (client: Client<Contract>): Promise<string> => {
  const target = { kind: "pid", pid: program.pid } as const;
  return (await client.call("recording.start", { request: { target, options: { rate: 1000 } } })).recordingId;
};

const queries: readonly QueryInput[] = [
  { view: "info" },
  { view: "top", selection: {} },
  { view: "flame", selection: {}, widthPx: 900 },
  { view: "timeline", selection: {}, bins: 50 },
];

test("a recording grows before everybody's eyes, and reopened gives the same numbers to the last sample", async () => {
  const first = engine.client();
  const second = engine.client();
  const recordingId = await startRecording(first);
  const running = await stateWhere(first, recordingId, ({ samples }) => samples > 0);
  const { profileId } = running;
  const flame = { view: "flame", selection: {}, widthPx: 900 } as const;
  let items = 0;
  let last = 0;
  const growing = itemWhere(second, profileId, flame, ({ state, table }) => {
    if (table?.view === "flame") {
      expect(table.totalSamples).toBeGreaterThanOrEqual(last);
      last = table.totalSamples;
    }
    return state.phase === "live" && ++items >= 5;
  });
  await growing;
  await first.call("recording.mark", { recordingId, name: "half <b>way</b>" });
  const logged: LogLine[] = [];
  const logEnded = new Promise<void>((resolve) => {
    second.stream(
      "recording.log",
      { recordingId },
      { item: (lines) => void logged.push(...lines), end: resolve },
    );
  });
  const done = await second.call("recording.stop", { recordingId });
  expect(done).toMatchObject({ phase: "done", ending: "stopped", problem: null });
  expect(done.samples).toBeGreaterThan(100);
  await logEnded;
  expect(logged.some(({ source }) => source === "command")).toBe(true);
  expect(logged.some(({ text }) => text.includes("half <b>way</b>"))).toBe(true);

  const reopened = await second.call("sessions.open", { sessionId: done.sessionId });
  expect(reopened.profileId).not.toBe(profileId);
  await itemWhere(second, reopened.profileId, { view: "info" }, ({ state }) => state.phase === "ready");
  for (const query of queries) {
    const live = await first.call("profile.query", { profileId, query });
    expect(await first.call("profile.query", { profileId: reopened.profileId, query })).toEqual(live);
    if (query.view === "info") expect(live).toMatchObject({ lostSamples: 0, target: done.target });
  }
  const timeline = (await first.call("profile.query", {
    profileId: reopened.profileId,
    query: { view: "timeline", selection: {}, bins: 10 },
  })) as TimelineTable;
  expect(timeline.marks.map(({ name }) => name)).toContain("half <b>way</b>");
  expect(timeline.counters.map(({ id }) => id)).toContain("rss");
  expect((await first.call("recording.list", {})).map((state) => state.recordingId)).toContain(recordingId);
  first.close();
  second.close();
});

test("a page that goes away does not end its recording; another one finds it", async () => {
  const page = engine.client();
  const recordingId = await startRecording(page);
  await stateWhere(page, recordingId, ({ samples }) => samples > 0);
  page.close();
  const later = engine.client();
  const found = (await later.call("recording.list", {})).find((state) => state.recordingId === recordingId);
  expect(found?.phase).toBe("recording");
  const sessions = await new Promise<string[]>((resolve) => {
    const watching = later.stream(
      "sessions.watch",
      {},
      {
        item: (list) => {
          watching.dispose();
          resolve(list.map(({ state }) => state));
        },
      },
    );
  });
  expect(sessions).toContain("recording");
  // Its session is the live profile.
  const opened = await later.call("sessions.open", { sessionId: found?.sessionId ?? "" });
  expect(opened.profileId).toBe(found?.profileId);
  expect((await later.call("recording.stop", { recordingId })).phase).toBe("done");
  later.close();
});

test("an engine that is told to end saves what is being recorded", async () => {
  const home = await temporaryHome();
  const own = await testEngine({ home });
  const client = own.client();
  const recordingId = await startRecording(client);
  const { sessionId } = await stateWhere(client, recordingId, ({ samples }) => samples > 100);
  await own.end();
  const next = await testEngine({ home });
  const page = next.client();
  const { profileId } = await page.call("sessions.open", { sessionId });
  const { state, table } = await itemWhere(
    page,
    profileId,
    { view: "info" },
    (item) => item.state.phase === "ready",
  );
  expect(state.problem).toBeNull();
  if (table?.view === "info") {
    expect(table.notes.join()).not.toContain("interrupted");
    expect(table.series[0]?.samples).toBeGreaterThan(100);
  }
  await next.end();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});
