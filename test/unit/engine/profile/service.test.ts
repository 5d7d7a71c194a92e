import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { everything, type Query } from "#core/model/query.ts";
import type { InfoTable, TopTable } from "#core/model/tables.ts";
import { type Client, createClient } from "#core/rpc/client.ts";
import { portPair } from "#core/rpc/port.ts";
import { createDraft } from "../../../../main/engine/library/draft.ts";
import { type ProfileContract, profileContract } from "../../../../main/engine/profile-contract.ts";
import { liveMeta } from "../../../../main/engine/profile-meta.ts";
import { serveProfile } from "../../../../main/engine/profile-service.ts";
import { perfBytes } from "../perf-text.ts";
import { codeOf } from "../problem-code.ts";
import { recordingHeader } from "../recording-header.ts";
import { temporaryFolder } from "../temporary-folder.ts";

/** What a profile's thread does, without the thread. */
function newProfile(): Client<ProfileContract> {
  const [near, far] = portPair();
  const serving = serveProfile(far);
  onTestFinished(() => serving.dispose());
  return createClient(near, profileContract);
}

const topQuery: Query = {
  view: "top",
  selection: everything,
  sort: "self",
  descending: true,
  filter: "",
  limit: 100,
  offset: 0,
};

/** Samples whose innermost frame is the function, by name. */
async function selfSamples(client: Client<ProfileContract>): Promise<Record<string, number>> {
  const { table } = await client.call("answer", { query: topQuery });
  const top = table as TopTable;
  const rows = Array.from({ length: top.length }, (_, row): [string, number] => [
    top.strings[top.name[row] ?? -1] ?? "",
    top.selfSamples[row] ?? 0,
  ]);
  return Object.fromEntries(rows.filter(([, samples]) => samples > 0));
}

const info = async (client: Client<ProfileContract>): Promise<InfoTable> =>
  (await client.call("answer", { query: { view: "info" } })).table as InfoTable;

const begin = (client: Client<ProfileContract>, importer = "perf-script"): Promise<null> =>
  client.call("begin", {
    importer,
    name: "test",
    meta: liveMeta(recordingHeader("one")),
    phase: "live",
  });

const rss = (timeNs: number, value: number) => ({
  id: "rss",
  name: "Resident memory",
  unit: "bytes",
  timeNs,
  value,
});

describe("a profile that is fed", () => {
  test("answers at any time, and from one zero of time", async () => {
    const client = newProfile();
    await begin(client);
    const bytes = perfBytes({ burn_a: 60, burn_b: 30, burn_c: 10 });
    const half = bytes.length >> 1;
    const first = await client.call("push", { bytes: bytes.subarray(0, half) });
    expect(first.samples).toBeGreaterThan(30);
    expect(Object.values(await selfSamples(client)).reduce((a, b) => a + b, 0)).toBe(first.samples);
    await client.call("counters", { rows: [rss(0, 1000), rss(5e8, 2000)] });
    await client.call("mark", { timeNs: 6e8, name: "here" });
    await client.call("meta", { lostSamples: 5 });
    await client.call("push", { bytes: bytes.subarray(half) });
    const counts = await client.call("end", {});
    // The recorder's clock began half a second before the first sample, the last sample is 0.99 s later.
    expect(counts).toEqual({ samples: 100, lostSamples: 5, lastTimeNs: 1_490_000_000 });
    expect(await selfSamples(client)).toEqual({ burn_a: 60, burn_b: 30, burn_c: 10 });
    expect(await info(client)).toMatchObject({
      format: "perf-script",
      tool: "perf",
      toolVersion: "6.1",
      target: "split 4711",
      command: "perf record -p 4711",
      lostSamples: 5,
      counters: [{ id: "rss", points: 2 }],
    });
    expect(await codeOf(client.call("push", { bytes }))).toBe("not-live");
  });

  test("finds its format by itself when nobody knows it", async () => {
    const client = newProfile();
    await begin(client, "");
    await client.call("push", { bytes: perfBytes({ burn_a: 3 }) });
    await client.call("end", {});
    expect((await info(client)).format).toBe("perf-script");
    expect(await selfSamples(client)).toEqual({ burn_a: 3 });
  });

  const checkRefused = (what: string, importer: string, text: string): void =>
    test(`${what}: unknown-format`, async () => {
      const client = newProfile();
      const work = async (): Promise<void> => {
        await begin(client, importer);
        await client.call("push", { bytes: Buffer.from(text) });
        await client.call("end", {});
      };
      expect(await codeOf(work)).toBe("unknown-format");
    });
  checkRefused("garbage of an unknown format", "", "\u0001\u0002 garbage");
  checkRefused("an importer that is not there", "no-such", "x");

  test("tells its state as it grows", async () => {
    const client = newProfile();
    const phases: string[] = [];
    let revision = -1;
    const ready = new Promise<void>((resolve) => {
      client.stream(
        "state",
        {},
        {
          item: (state) => {
            expect(state.revision).toBeGreaterThanOrEqual(revision);
            revision = state.revision;
            if (phases.at(-1) !== state.phase) phases.push(state.phase);
            if (state.phase === "ready") resolve();
          },
        },
      );
    });
    await begin(client);
    await client.call("push", { bytes: perfBytes({ burn_a: 3 }) });
    await client.call("end", {});
    await ready;
    expect(phases).toEqual(["empty", "live", "ready"]);
  });

  test("refuses a query that cannot be answered, and goes on", async () => {
    const client = newProfile();
    await begin(client);
    await client.call("push", { bytes: perfBytes({ burn_a: 3 }) });
    const bad = { ...topQuery, selection: { ...everything, series: "no-such" } };
    expect(await codeOf(client.call("answer", { query: bad }))).toBe("no-such-series");
    expect(await codeOf(client.call("answer", { query: { ...topQuery, filter: "(" } }))).toBe("bad-pattern");
    expect(await selfSamples(client)).not.toEqual({});
  });
});

/** A session with samples, counters, marks, log and raw bytes, saved as the engine does. */
async function savedSession(): Promise<{ readonly path: string; readonly live: Client<ProfileContract> }> {
  const folder = await temporaryFolder();
  const header = recordingHeader("one");
  const draft = await createDraft(folder, header);
  onTestFinished(() => draft.close());
  const live = newProfile();
  await begin(live);
  const bytes = perfBytes({ burn_a: 60, burn_b: 30, burn_c: 10 });
  await draft.raw(bytes);
  await draft.log({ timeNs: 1, source: "stderr", text: "words of the tool" });
  await live.call("push", { bytes });
  await live.call("counters", { rows: [rss(0, 1000), rss(5e8, 2000)] });
  await live.call("mark", { timeNs: 6e8, name: "here" });
  await live.call("end", {});
  const path = join(folder, "one.fwp");
  await live.call("save", {
    path,
    from: "",
    draft: { folder: draft.folder, rawPath: draft.rawPath },
    recording: header,
  });
  return { path, live };
}

const timelineQuery: Query = {
  view: "timeline",
  selection: everything,
  bins: 10,
  maxLanes: 8,
  maxIntervalLanes: 8,
  function: -1,
};

const reopen = async (path: string): Promise<Client<ProfileContract>> => {
  const client = newProfile();
  await client.call("import", { path, name: "one.fwp" });
  return client;
};

describe("a saved session", () => {
  test("gives the tables of the live profile, to the last number", async () => {
    const { path, live } = await savedSession();
    const again = await reopen(path);
    for (const query of [topQuery, timelineQuery, { view: "info" } as const]) {
      const before = await live.call("answer", { query });
      const after = await again.call("answer", { query });
      expect(after.table).toEqual(before.table);
    }
  });

  test("saved once more is the same file", async () => {
    const { path } = await savedSession();
    const copy = `${path}.copy`;
    const again = await reopen(path);
    await again.call("save", { path: copy, from: path, draft: null, recording: null });
    expect((await readFile(copy)).equals(await readFile(path))).toBe(true);
  });

  test("with damaged columns is read again from the tool's own bytes, and says so", async () => {
    const { path, live } = await savedSession();
    const bytes = await readFile(path);
    // The sections' table: name at 0, offset at 8 of each 32 bytes after the first 16.
    const columns = Number(bytes.readBigUInt64LE(16 + 32 + 8));
    bytes[columns + 100] = (bytes[columns + 100] ?? 0) ^ 0xff;
    await writeFile(path, bytes);
    const again = await reopen(path);
    expect(await selfSamples(again)).toEqual(await selfSamples(live));
    const { notes, target, durationNs } = await info(again);
    expect(notes.join()).toContain("damaged");
    expect(target).toBe("split 4711");
    expect(durationNs).toBe(1_490_000_000);
  });

  test("that is cut off has a problem with a name", async () => {
    const { path } = await savedSession();
    const bytes = await readFile(path);
    for (const length of [4, 20, 200]) {
      await writeFile(path, bytes.subarray(0, length));
      expect(await codeOf(reopen(path))).toMatch(/^(damaged-session|unknown-format)$/);
    }
  });
});

test("an import can be cancelled", async () => {
  const path = join(await temporaryFolder(), "large.perf.txt");
  const text = Buffer.from(perfBytes({ burn_a: 20_000, burn_b: 20_000 }));
  await writeFile(path, text);
  const client = newProfile();
  const importing = codeOf(client.call("import", { path, name: "large" }));
  await client.call("cancel", {});
  expect(await importing).toBe("cancelled");
  expect(await codeOf(client.call("answer", { query: topQuery }))).toBe("cancelled");
});
