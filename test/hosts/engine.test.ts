import { execFile } from "node:child_process";
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Contract, protocolVersion, type WatchedTable } from "#core/contract.ts";
import { everything, type QueryInput } from "#core/model/query.ts";
import { defaultSettings } from "#core/model/settings.ts";
import type { InfoTable, TopTable } from "#core/model/tables.ts";
import type { Client } from "#core/rpc/client.ts";
import { createDraft } from "../../main/engine/library/draft.ts";
import { createProfile, workerOptions } from "../../main/engine/profile-handle.ts";
import { perfBytes, perfText } from "../unit/engine/perf-text.ts";
import { codeOf } from "../unit/engine/problem-code.ts";
import { deadOwner, recordingHeader } from "../unit/engine/recording-header.ts";
import { zipOf } from "../unit/zip-of.ts";
import { ensureBuilt, type TestEngine, temporaryHome, testEngine, workerFile } from "./built.ts";

beforeAll(ensureBuilt);

const topQuery = { view: "top", selection: everything } as const satisfies QueryInput;

/** Watches until the profile is read, or has failed; the last item. */
const watchedToEnd = (
  client: Client<Contract>,
  profileId: string,
  query: QueryInput = topQuery,
): Promise<WatchedTable> =>
  new Promise((resolve, reject) => {
    const watching = client.stream(
      "profile.watch",
      { profileId, query },
      {
        item: (item) => {
          if (item.state.phase !== "ready" && item.state.phase !== "failed") return;
          watching.dispose();
          resolve(item);
        },
        problem: reject,
      },
    );
  });

const selfSamples = (table: TopTable): Record<string, number> =>
  Object.fromEntries(
    Array.from({ length: table.length }, (_, row): [string, number] => [
      table.strings[table.name[row] ?? -1] ?? "",
      table.selfSamples[row] ?? 0,
    ]).filter(([, samples]) => samples > 0),
  );

const topOf = async (client: Client<Contract>, profileId: string): Promise<TopTable> =>
  (await client.call("profile.query", { profileId, query: topQuery })) as TopTable;

const infoOf = async (client: Client<Contract>, profileId: string): Promise<InfoTable> =>
  (await client.call("profile.query", { profileId, query: { view: "info" } })) as InfoTable;

async function zipIn(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  const path = join(await mkdtemp(join(folder, "zip-")), "profiles.zip");
  await writeFile(path, await zipOf(files));
  return path;
}

describe("an engine", () => {
  let engine: TestEngine;
  let client: Client<Contract>;
  let folder: string;
  let path: string;
  beforeAll(async () => {
    engine = await testEngine();
    client = engine.client();
    folder = await temporaryHome();
    path = join(folder, "split.perf.txt");
    await writeFile(path, perfText({ burn_a: 60, burn_b: 30, burn_c: 10 }));
  });
  afterAll(async () => {
    await engine.end();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  test("says who it is, and refuses a page of another time", async () => {
    const info = await client.call("engine.hello", { protocol: protocolVersion });
    expect(info).toMatchObject({ protocol: protocolVersion, version: "test", platform: process.platform });
    expect(await codeOf(client.call("engine.hello", { protocol: 999 }))).toBe("protocol-mismatch");
    const registry = await client.call("engine.registry", {});
    expect(registry.profilers.map(({ id }) => id)).toContain("perf");
    expect(registry.formats.map(({ id }) => id)).toContain("perf-script");
    expect(registry.exporters.map(({ id }) => id)).toEqual(
      expect.arrayContaining(["svg", "collapsed", "json"]),
    );
  });

  test("keeps its folders private", async () => {
    for (const name of ["sessions", "uploads"])
      expect((await stat(join(engine.home, name))).mode & 0o777).toBe(0o700);
  });

  test("opens a file and answers, and remembers the file", async () => {
    const opened = await client.call("profile.open", { path });
    expect(opened).toMatchObject({ title: "split.perf.txt", path });
    const { table, state, problem } = await watchedToEnd(client, opened.profileId);
    expect({ phase: state.phase, problem }).toEqual({ phase: "ready", problem: null });
    expect(selfSamples(table as TopTable)).toEqual({ burn_a: 60, burn_b: 30, burn_c: 10 });
    expect((await client.call("recent.list", {}))[0]).toMatchObject({ path, exists: true });
    await client.call("profile.close", { profileId: opened.profileId });
  });

  test("opens all profiles of an archive and of a folder, or the one that is named", async () => {
    const files = { "a.folded": "main;a 3\n", "deep/b.folded": "main;b 4\n", "README.md": "Read me\n" };
    const zip = await zipIn(folder, files);
    const tree = await mkdtemp(join(folder, "tree-"));
    await mkdir(join(tree, "deep"));
    for (const [name, text] of Object.entries(files)) await writeFile(join(tree, name), text);
    for (const from of [zip, tree]) {
      const opened = await client.call("profile.open", { path: from });
      const all = [opened, ...opened.others];
      expect(all.map(({ title }) => title)).toEqual(["a.folded", "deep/b.folded"]);
      for (const [i, { profileId }] of all.entries()) {
        const { table } = await watchedToEnd(client, profileId);
        expect(selfSamples(table as TopTable)).toEqual(i === 0 ? { a: 1 } : { b: 1 });
        await client.call("profile.close", { profileId });
      }
      const one = await client.call("profile.open", { path: from, member: "deep/b.folded" });
      expect(one).toMatchObject({ title: "deep/b.folded", others: [] });
      const { table } = await watchedToEnd(client, one.profileId);
      expect(selfSamples(table as TopTable)).toEqual({ b: 1 });
      await client.call("profile.close", { profileId: one.profileId });
      expect(await codeOf(client.call("profile.open", { path: from, member: "c" }))).toBe("several-profiles");
    }
  });

  const checkRefused = (what: string, make: () => Promise<string>, code: string): void =>
    test(`refuses to open ${what}: ${code}`, async () => {
      expect(await codeOf(client.call("profile.open", { path: await make() }))).toBe(code);
    });
  checkRefused("nothing", async () => join(folder, "none"), "no-such-file");
  checkRefused("a folder without profiles", () => mkdtemp(join(folder, "empty-")), "no-profiles");
  checkRefused(
    "an archive without profiles",
    () => zipIn(folder, { "README.md": "Read me" }),
    "unknown-format",
  );
  checkRefused("a device", async () => "/dev/zero", "not-a-regular-file");
  checkRefused(
    "a pipe",
    async () => {
      await promisify(execFile)("mkfifo", [join(folder, "pipe")]);
      return join(folder, "pipe");
    },
    "not-a-regular-file",
  );
  checkRefused(
    "an empty file",
    async () => {
      await writeFile(join(folder, "empty"), "");
      return join(folder, "empty");
    },
    "empty-file",
  );

  test("says of a file in an unknown format that it is", async () => {
    const odd = join(folder, "odd.bin");
    await writeFile(odd, new Uint8Array(1000).fill(1));
    const { profileId } = await client.call("profile.open", { path: odd });
    const { state, table } = await watchedToEnd(client, profileId);
    expect(state.phase).toBe("failed");
    expect(state.problem?.code).toBe("unknown-format");
    expect(table).toBeNull();
    expect(await codeOf(topOf(client, profileId))).toBe("unknown-format");
  });

  test("says of a query what is wrong with it, and goes on", async () => {
    const { profileId } = await client.call("profile.open", { path });
    await watchedToEnd(client, profileId);
    const query: QueryInput = { view: "top", selection: { series: "no-such" } };
    expect(await codeOf(client.call("profile.query", { profileId, query }))).toBe("no-such-series");
    const item = await watchedToEnd(client, profileId, query);
    expect(item).toMatchObject({
      state: { phase: "ready" },
      table: null,
      problem: { code: "no-such-series" },
    });
    expect(await codeOf(client.call("profile.query", { profileId, query: { view: "no" } as never }))).toBe(
      "bad-request",
    );
    expect(await codeOf(topOf(client, "no-such"))).toBe("no-such-profile");
    expect((await topOf(client, profileId)).totalSamples).toBe(100);
  });

  test("serves several clients of one profile, and keeps it until the last has left", async () => {
    const other = engine.client();
    const { profileId } = await client.call("profile.open", { path });
    const both = await Promise.all([watchedToEnd(client, profileId), watchedToEnd(other, profileId)]);
    expect(both[0].table).toEqual(both[1].table);
    await client.call("profile.close", { profileId });
    expect((await topOf(other, profileId)).totalSamples).toBe(100);
    other.close();
    // Nobody uses it now; who asks again has it read again.
    await watchedToEnd(client, profileId);
    expect((await topOf(client, profileId)).totalSamples).toBe(100);
  });

  test("exports to a stream and to a file, the same bytes", async () => {
    const { profileId } = await client.call("profile.open", { path });
    await watchedToEnd(client, profileId);
    const request = { profileId, exporter: "collapsed", query: topQuery, title: "" };
    const chunks: Uint8Array[] = [];
    await new Promise<void>((resolve, reject) => {
      client.stream("profile.export", request, {
        item: (chunk) => void chunks.push(chunk),
        end: resolve,
        problem: reject,
      });
    });
    const text = Buffer.concat(chunks).toString();
    expect(text).toContain("main;burn_a ");
    const target = join(folder, "out.collapsed");
    const { sizeBytes } = await client.call("profile.exportToFile", { ...request, path: target });
    expect(await readFile(target, "utf8")).toBe(text);
    expect(sizeBytes).toBe(Buffer.byteLength(text));
    const toFile = (part: object) =>
      codeOf(client.call("profile.exportToFile", { ...request, path: target, ...part }));
    expect(await toFile({ exporter: "no-such" })).toBe("no-such-exporter");
    expect(await toFile({ path: "relative.svg" })).toBe("bad-path");
    expect(await toFile({ path: folder })).toBe("is-a-directory");
    expect(await toFile({ path: join(folder, "no", "a.svg") })).toBe("no-such-folder");
    expect(await readFile(target, "utf8")).toBe(text);
  });

  test("saves a profile as a session that gives the same numbers", async () => {
    const { profileId } = await client.call("profile.open", { path });
    await watchedToEnd(client, profileId);
    const saved = await client.call("profile.save", { profileId, path: join(folder, "saved.fwp") });
    expect((await stat(saved.path)).mode & 0o777).toBe(0o600);
    const again = await client.call("profile.open", { path: saved.path });
    await watchedToEnd(client, again.profileId);
    expect(await topOf(client, again.profileId)).toEqual(await topOf(client, profileId));
    expect(await infoOf(client, again.profileId)).toEqual(await infoOf(client, profileId));
  });

  test("takes an upload, and keeps nothing of it afterwards", async () => {
    const uploads = join(engine.home, "uploads");
    const bytes = perfBytes({ burn_a: 3, burn_b: 2 });
    const begin = (sizeBytes: number) =>
      client.call("profile.uploadBegin", { name: "../../dropped.txt", sizeBytes });
    const { uploadId } = await begin(bytes.length);
    const half = bytes.length >> 1;
    await client.call("profile.uploadChunk", { uploadId, bytes: bytes.slice(0, half) });
    await client.call("profile.uploadChunk", { uploadId, bytes: bytes.slice(half) });
    const opened = await client.call("profile.uploadEnd", { uploadId });
    expect(opened).toMatchObject({ title: "dropped.txt", path: "" });
    await watchedToEnd(client, opened.profileId);
    expect(selfSamples(await topOf(client, opened.profileId))).toEqual({ burn_a: 3, burn_b: 2 });
    const [own = ""] = await readdir(uploads);
    expect(await readdir(join(uploads, own))).toHaveLength(2);
    await client.call("profile.close", { profileId: opened.profileId });
    expect(await readdir(join(uploads, own))).toEqual(["owner.json"]);

    // It is read while it comes.
    const large = perfBytes({ burn_a: 3000, burn_b: 1000 });
    const third = Math.ceil(large.length / 3);
    const early = await begin(large.length);
    await client.call("profile.uploadChunk", { ...early, bytes: large.slice(0, third) });
    const reading = await client.call("profile.uploadOpen", early);
    const id = reading?.profileId ?? "";
    await expect
      .poll(async () => (await topOf(client, id).catch(() => null))?.totalSamples ?? 0)
      .toBeGreaterThan(100);
    expect((await topOf(client, id)).totalSamples).toBeLessThan(4000);
    await client.call("profile.uploadChunk", { ...early, bytes: large.slice(third) });
    expect((await client.call("profile.uploadEnd", early)).profileId).toBe(id);
    await watchedToEnd(client, id);
    expect(selfSamples(await topOf(client, id))).toEqual({ burn_a: 3000, burn_b: 1000 });
    await client.call("profile.close", { profileId: id });
    expect(await readdir(join(uploads, own))).toEqual(["owner.json"]);
    // One that stops coming fails in words.
    const broken = await begin(large.length);
    await client.call("profile.uploadChunk", { ...broken, bytes: large.slice(0, third) });
    const cut = (await client.call("profile.uploadOpen", broken))?.profileId ?? "";
    await client.call("profile.uploadCancel", broken);
    expect((await watchedToEnd(client, cut)).state).toMatchObject({
      phase: "failed",
      problem: { code: "upload-incomplete" },
    });

    expect(await codeOf(begin(0))).toBe("empty-file");
    expect(await codeOf(begin(1e15))).toBe("upload-too-large");
    expect(await codeOf(begin(-1))).toBe("upload-too-large");
    const short = await begin(100);
    await client.call("profile.uploadChunk", { ...short, bytes: new Uint8Array(10) });
    expect(await codeOf(client.call("profile.uploadEnd", short))).toBe("upload-incomplete");
    const long = await begin(5);
    expect(await codeOf(client.call("profile.uploadChunk", { ...long, bytes: new Uint8Array(10) }))).toBe(
      "upload-too-large",
    );
    const mine = await begin(5);
    const other = engine.client();
    expect(await codeOf(other.call("profile.uploadEnd", mine))).toBe("no-such-upload");
    other.close();
  });

  test("keeps settings, and sets a broken file aside", async () => {
    expect(await client.call("settings.get", {})).toEqual(defaultSettings);
    await client.call("settings.set", { theme: "dark" });
    expect(await client.call("settings.set", { welcomed: true })).toEqual({
      ...defaultSettings,
      theme: "dark",
      welcomed: true,
    });
    await writeFile(join(engine.home, "settings.json"), "not json");
    expect(await client.call("settings.get", {})).toEqual(defaultSettings);
    expect(engine.logged.join("\n")).toContain("set aside");
  });

  test("starts the demo once, and ends it with itself", async () => {
    const own = await testEngine();
    const demo = own.client();
    const { pid } = await demo.call("targets.demo", {});
    expect((await demo.call("targets.demo", {})).pid).toBe(pid);
    const recipes = await demo.call("targets.recipes", { target: { kind: "pid", pid } });
    expect(recipes.filter(({ recommended }) => recommended)).toHaveLength(1);
    await own.end();
    const gone = async (): Promise<void> => {
      while (await stat(`/proc/${pid}`).catch(() => null)) await new Promise(setImmediate);
    };
    await gone();
  });

  test("examines the machine", async () => {
    const report = await client.call("engine.doctor", {});
    expect(report.tools.map(({ profiler }) => profiler)).toContain("perf");
    expect(report.checks.map(({ id }) => id)).toContain("session-folder");
    for (const check of report.checks) if (check.status !== "ok") expect(check.fix).not.toBe("");
    expect(await codeOf(client.call("recording.stop", { recordingId: "none" }))).toBe("no-such-recording");
  });
});

describe("a profile's thread that dies", () => {
  const dying = async (source: string): Promise<{ code: string; detail: string }> => {
    const folder = await temporaryHome();
    const file = join(folder, "worker.mjs");
    await writeFile(file, source);
    const profile = createProfile("dying", new Worker(file, workerOptions("dying", 64)));
    const failed = new Promise<{ code: string; detail: string }>((resolve) => {
      profile.onState(({ phase, problem }) => {
        if (phase === "failed" && problem) resolve({ code: problem.code, detail: problem.detail ?? "" });
      });
    });
    const asked = codeOf(profile.answer({ view: "info" }));
    const { code, detail } = await failed;
    expect(await asked).toBe(code);
    expect(await codeOf(profile.answer({ view: "info" }))).toBe(code);
    profile.dispose();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    return { code, detail };
  };

  test("of memory says that the profile is too large", async () => {
    const { code } = await dying(
      "const all = []; for (;;) all.push(Array.from({ length: 1000 }, (_, i) => ({ i, text: 'text' + i })));",
    );
    expect(code).toBe("profile-too-large");
  });

  test("of an exception, or by itself, says so", async () => {
    expect(await dying("setTimeout(() => { throw new Error('a bug'); }, 10);")).toMatchObject({
      code: "worker-died",
      detail: expect.stringContaining("a bug"),
    });
    expect((await dying("setTimeout(() => process.exit(3), 10);")).code).toBe("worker-died");
    expect((await dying("syntax error")).code).toBe("worker-died");
  });

  test("takes no other profile with it", async () => {
    const folder = await temporaryHome();
    const path = join(folder, "a.txt");
    await writeFile(path, perfText({ burn_a: 5 }));
    const well = createProfile("well", new Worker(workerFile, workerOptions("well")));
    well.importFile(path, "a.txt");
    await dying("process.exit(1)");
    while (well.state.phase !== "ready")
      await new Promise<void>((resolve) => {
        const change = well.onState(() => {
          change.dispose();
          resolve();
        });
      });
    expect((await well.answer({ view: "info" })).table.view).toBe("info");
    well.dispose();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  test("that does not come up for air is ended when the import is cancelled", async () => {
    const folder = await temporaryHome();
    const file = join(folder, "worker.mjs");
    await writeFile(file, "for (;;);");
    const profile = createProfile("stuck", new Worker(file, workerOptions("stuck")));
    profile.importFile("/dev/null", "x");
    await profile.cancelImport();
    expect(profile.state).toMatchObject({ phase: "failed", problem: { code: "cancelled" } });
    profile.dispose();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
});

describe("a recording that was interrupted", () => {
  const counts = { burn_a: 60, burn_b: 30, burn_c: 10 };

  /** A draft as a killed workbench leaves it. */
  const interrupted = async (
    home: string,
    spoil: (folder: string) => Promise<void> = async () => undefined,
  ): Promise<void> => {
    const sessions = join(home, "sessions");
    await mkdir(sessions, { recursive: true });
    const draft = await createDraft(sessions, recordingHeader("killed"));
    await draft.raw(perfBytes(counts));
    await draft.counters([{ id: "rss", name: "Memory", unit: "bytes", timeNs: 1e8, value: 5 }]);
    await draft.mark(2e8, "here");
    await draft.log({ timeNs: 0, source: "command", text: "perf record" });
    await draft.close();
    const header = join(draft.folder, "header.json");
    const head = JSON.parse(await readFile(header, "utf8"));
    await writeFile(header, JSON.stringify({ ...head, owner: deadOwner() }));
    await spoil(draft.folder);
  };

  const recover = async (
    spoil?: (folder: string) => Promise<void>,
  ): Promise<{ info: InfoTable; self: Record<string, number>; left: string[] }> => {
    const home = await temporaryHome();
    await interrupted(home, spoil);
    const engine = await testEngine({ home });
    const client = engine.client();
    const { profileId } = await client.call("sessions.open", { sessionId: "killed" });
    const { state } = await watchedToEnd(client, profileId);
    expect(state.problem).toBeNull();
    const info = await infoOf(client, profileId);
    const self = selfSamples(await topOf(client, profileId));
    const left = new Promise<string[]>((resolve, reject) => {
      const watching = client.stream(
        "sessions.watch",
        {},
        {
          item: (sessions) => {
            if (sessions[0]?.state !== "saved") return;
            watching.dispose();
            readdir(join(home, "sessions")).then(resolve, reject);
          },
          problem: reject,
        },
      );
    });
    const names = await left;
    const saved = await client.call("profile.open", { path: join(home, "sessions", "killed.fwp") });
    await watchedToEnd(client, saved.profileId);
    expect(await infoOf(client, saved.profileId)).toEqual(info);
    await engine.end();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
    return { info, self, left: names };
  };

  test("is read again whole, saved, and its draft removed", async () => {
    const { info, self, left } = await recover();
    expect(self).toEqual(counts);
    expect(left).toEqual(["killed.fwp"]);
    expect(info).toMatchObject({ target: "split 4711", counters: [{ id: "rss", points: 1 }] });
    expect(info.notes.join()).toContain("ended while this was being recorded");
  });

  test("is read again to where its last line was cut", async () => {
    const { self } = await recover(async (folder) => {
      await appendFile(join(folder, "raw.perf.txt"), "split 4711/4711 [000] 101.5: 1000");
      await appendFile(join(folder, "counters.ndjson"), '{"id":"rss"');
    });
    expect(self).toEqual(counts);
  });

  test("is read again by its bytes alone when its header is damaged", async () => {
    const { self, info } = await recover((folder) => writeFile(join(folder, "header.json"), "{"));
    expect(self).toEqual(counts);
    expect(info.notes.join()).toContain("description of this recording was damaged");
  });

  test("in which nothing had arrived says so, and stays until it is deleted", async () => {
    const home = await temporaryHome();
    await interrupted(home, (folder) => writeFile(join(folder, "raw.perf.txt"), ""));
    const engine = await testEngine({ home });
    const client = engine.client();
    const { profileId } = await client.call("sessions.open", { sessionId: "killed" });
    expect((await watchedToEnd(client, profileId)).state.problem?.code).toBe("nothing-recorded");
    await client.call("sessions.delete", { sessionId: "killed" });
    expect(await codeOf(client.call("sessions.open", { sessionId: "killed" }))).toBe("no-such-session");
    expect(await codeOf(client.call("sessions.delete", { sessionId: "../settings" }))).toBe(
      "no-such-session",
    );
    await engine.end();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });

  test("by a workbench that still lives is left alone", async () => {
    const home = await temporaryHome();
    await interrupted(home);
    const folder = join(home, "sessions", "killed.recording");
    await cp(folder, join(home, "sessions", "alive.recording"), { recursive: true });
    const draft = await createDraft(join(home, "sessions"), recordingHeader("other"));
    await draft.close();
    const engine = await testEngine({ home });
    const client = engine.client();
    expect(await codeOf(client.call("sessions.open", { sessionId: "other" }))).toBe("still-recording");
    expect(await codeOf(client.call("sessions.delete", { sessionId: "other" }))).toBe("still-recording");
    await engine.end();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });
});
