import { appendFile, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { silentLog } from "#core/base/log.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import type { SessionInfo } from "#core/model/recording.ts";
import { writeSession } from "#core/model/session.ts";
import { writeAtomically } from "../../../../main/engine/library/atomic-file.ts";
import { findDraft, readCounters, readLog, readMarks } from "../../../../main/engine/library/draft-reader.ts";
import { homeAt, makeHome } from "../../../../main/engine/library/home.ts";
import { createLibrary, type Library } from "../../../../main/engine/library/library.ts";
import { sessionHeader } from "../../../../main/engine/library/session-header.ts";
import type { CounterRow } from "../../../../main/engine/parts.ts";
import { newDraft } from "../new-draft.ts";
import { codeOf } from "../problem-code.ts";
import { deadOwner, recordingHeader } from "../recording-header.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const newLibrary = async (): Promise<Library> => {
  const home = homeAt(await temporaryFolder());
  await makeHome(home);
  return createLibrary(home, silentLog);
};

const counter = (timeNs: number, value: number): CounterRow => ({
  id: "rss",
  name: "Resident memory",
  unit: "bytes",
  timeNs,
  value,
});

const all = async <T>(rows: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = [];
  for await (const row of rows) list.push(row);
  return list;
};

/** As if the workbench that wrote the draft had been killed. */
async function orphan(folder: string): Promise<void> {
  const path = join(folder, "header.json");
  const head = JSON.parse(await readFile(path, "utf8"));
  await writeFile(path, JSON.stringify({ ...head, owner: deadOwner() }));
}

const saveSession = (library: Library, id: string): Promise<number> => {
  const builder = new ProfileBuilder();
  builder.meta({ target: `target of ${id}`, startedAtMs: 5 });
  const profile = builder.build();
  const header = sessionHeader(profile, recordingHeader(id));
  return writeAtomically(library.pathOf(id), writeSession({ profile, header, log: [], raw: null }));
};

const states = (sessions: readonly SessionInfo[]): Record<string, string> =>
  Object.fromEntries(sessions.map(({ sessionId, state }) => [sessionId, state]));

describe("a draft", () => {
  test("holds everything as it came, private, under its own header", async () => {
    const library = await newLibrary();
    const draft = await newDraft(library, recordingHeader("one"));
    await Promise.all([
      draft.raw(Buffer.from("first ")),
      draft.raw(Buffer.from("second")),
      draft.counters([counter(1, 10), counter(2, 20)]),
      draft.counters([counter(3, 30)]),
      draft.mark(7, 'a "mark"\nof two lines'),
      draft.log({ timeNs: 9, source: "stderr", text: "words" }),
    ]);
    const found = await findDraft(draft.folder);
    expect(found?.head?.header).toEqual(recordingHeader("one"));
    expect(found?.writerAlive).toBe(true);
    expect(await readFile(draft.rawPath, "utf8")).toBe("first second");
    expect((await all(readCounters(draft.folder))).flat()).toEqual([
      counter(1, 10),
      counter(2, 20),
      counter(3, 30),
    ]);
    expect(await all(readMarks(draft.folder))).toEqual([{ timeNs: 7, name: 'a "mark"\nof two lines' }]);
    expect(await all(readLog(draft.folder))).toEqual([{ timeNs: 9, source: "stderr", text: "words" }]);
    expect((await stat(draft.folder)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(draft.folder))
      expect((await stat(join(draft.folder, name))).mode & 0o777).toBe(0o600);
    await draft.remove();
    expect(await readdir(library.home.sessions)).toEqual([]);
  });

  test("gives what is whole when its files are cut or damaged", async () => {
    const library = await newLibrary();
    const draft = await newDraft(library, recordingHeader("one"));
    await draft.counters([counter(1, 10)]);
    await appendFile(join(draft.folder, "counters.ndjson"), 'garbage\n{"id":"rss"}\n{"id":"rss","na');
    await writeFile(join(draft.folder, "header.json"), '{"version":1,');
    await rm(join(draft.folder, "marks.ndjson"));
    expect((await all(readCounters(draft.folder))).flat()).toEqual([counter(1, 10)]);
    expect(await all(readMarks(draft.folder))).toEqual([]);
    const found = await findDraft(draft.folder);
    expect(found).toMatchObject({ head: null, writerAlive: false, rawPath: draft.rawPath });
  });
});

describe("the list of sessions", () => {
  test("says of each what it is", async () => {
    const library = await newLibrary();
    await newDraft(library, recordingHeader("running"));
    await orphan((await newDraft(library, recordingHeader("killed"))).folder);
    await (await newDraft(library, recordingHeader("given-up"))).abandon();
    await saveSession(library, "saved");
    await writeFile(library.pathOf("torn"), "FWPROFIL, and then nothing");
    await writeFile(join(library.home.sessions, ".half.fwp.tmp"), "");
    await writeFile(join(library.home.sessions, "notes.txt"), "");
    await mkdir(join(library.home.sessions, "empty.recording"));
    const sessions = await library.list();
    expect(states(sessions)).toEqual({
      running: "recording",
      killed: "interrupted",
      "given-up": "interrupted",
      saved: "saved",
      torn: "damaged",
      empty: "interrupted",
    });
    expect(sessions.find(({ sessionId }) => sessionId === "saved")).toMatchObject({
      target: "target of saved",
      profiler: "perf",
      startedAtMs: 5,
      samples: 0,
    });
  });

  test("counts a draft beside its saved session as saved, and sweeps it away", async () => {
    const library = await newLibrary();
    const { folder } = await newDraft(library, recordingHeader("both"));
    await orphan(folder);
    await saveSession(library, "both");
    expect(states(await library.list())).toEqual({ both: "saved" });
    await library.sweep();
    expect(await readdir(library.home.sessions)).toEqual(["both.fwp"]);
  });

  test("never sweeps a draft whose session is damaged", async () => {
    const library = await newLibrary();
    await orphan((await newDraft(library, recordingHeader("both"))).folder);
    await writeFile(library.pathOf("both"), "damaged");
    await library.sweep();
    expect(states(await library.list())).toEqual({ both: "interrupted" });
    expect((await library.find("both")).kind).toBe("interrupted");
  });

  test("is told again when a session comes or goes", async () => {
    const library = await newLibrary();
    const told: Record<string, string>[] = [];
    let next = (): void => undefined;
    const watching = library.watch((sessions) => {
      told.push(states(sessions));
      next();
    });
    const until = async (expected: Record<string, string>): Promise<void> => {
      while (JSON.stringify(told.at(-1)) !== JSON.stringify(expected))
        await new Promise<void>((resolve) => {
          next = resolve;
        });
    };
    await until({});
    await saveSession(library, "new");
    await until({ new: "saved" });
    await library.delete("new");
    await until({});
    watching.dispose();
    library.dispose();
  });
});

describe("deleting a session", () => {
  test("removes its file and its draft", async () => {
    const library = await newLibrary();
    await saveSession(library, "saved");
    await orphan((await newDraft(library, recordingHeader("killed"))).folder);
    await library.delete("saved");
    await library.delete("killed");
    expect(await readdir(library.home.sessions)).toEqual([]);
  });

  test("is refused while it is recorded, for what is not there, and for what is no id", async () => {
    const library = await newLibrary();
    await newDraft(library, recordingHeader("running"));
    await writeFile(join(library.home.folder, "outside.fwp"), "");
    expect(await codeOf(library.delete("running"))).toBe("still-recording");
    expect(await codeOf(library.delete("none"))).toBe("no-such-session");
    expect(await codeOf(library.delete("../outside"))).toBe("no-such-session");
    expect(await codeOf(async () => library.pathOf("../outside"))).toBe("no-such-session");
    expect(await codeOf(library.create(recordingHeader("../x")))).toBe("no-such-session");
    expect(await readdir(library.home.folder)).toContain("outside.fwp");
  });
});

test("a draft is recovered by one workbench at a time, and by the next when that died", async () => {
  const library = await newLibrary();
  const { folder } = await newDraft(library, recordingHeader("killed"));
  await orphan(folder);
  const claimed = await library.claim("killed");
  expect(await codeOf(library.claim("killed"))).toBe("being-recovered");
  claimed.dispose();
  (await library.claim("killed")).dispose();
  await writeFile(join(folder, "recovering.json"), JSON.stringify(deadOwner()));
  expect(await codeOf(library.claim("killed"))).toBe("");
});
