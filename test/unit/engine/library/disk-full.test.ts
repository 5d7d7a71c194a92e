import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { silentLog } from "#core/base/log.ts";
import { writeAtomically } from "../../../../main/engine/library/atomic-file.ts";
import { readCounters } from "../../../../main/engine/library/draft-reader.ts";
import { homeAt, makeHome } from "../../../../main/engine/library/home.ts";
import { createLibrary } from "../../../../main/engine/library/library.ts";
import { newDraft } from "../new-draft.ts";
import { codeOf } from "../problem-code.ts";
import { recordingHeader } from "../recording-header.ts";
import { maySmallDisk, mountSmallDisk, unmountSmallDisk } from "../small-disk.ts";
import { temporaryFolder } from "../temporary-folder.ts";

/** A disk of one mebibyte. */
async function tinyDisk(): Promise<string> {
  const folder = await temporaryFolder();
  mountSmallDisk(folder, 1);
  onTestFinished(() => unmountSmallDisk(folder));
  return folder;
}

const title = "a full disk";
describe.skipIf(!maySmallDisk)(maySmallDisk ? title : `${title} (needs root)`, () => {
  test("ends the writing of raw bytes with its name, and keeps what was written", async () => {
    const home = homeAt(await tinyDisk());
    await makeHome(home);
    const library = createLibrary(home, silentLog);
    const draft = await newDraft(library, recordingHeader("one"));
    const piece = new Uint8Array(100_000).fill(65);
    let written = 0;
    let code = "";
    while (code === "" && written < 20) {
      code = await codeOf(draft.raw(piece));
      if (code === "") written++;
    }
    expect(code).toBe("disk-full");
    expect(written).toBeGreaterThan(5);
    expect((await readFile(draft.rawPath)).length).toBeGreaterThanOrEqual(written * piece.length);
  });

  test("never leaves half a line of counters", async () => {
    const home = homeAt(await tinyDisk());
    await makeHome(home);
    const draft = await newDraft(createLibrary(home, silentLog), recordingHeader("one"));
    const rows = Array.from({ length: 500 }, (_, i) => ({
      id: "rss",
      name: "Resident memory",
      unit: "bytes",
      timeNs: i,
      value: i,
    }));
    let written = 0;
    while ((await codeOf(draft.counters(rows))) === "") written += rows.length;
    let read = 0;
    for await (const batch of readCounters(draft.folder)) read += batch.length;
    expect(read).toBe(written);
    expect((await readFile(join(draft.folder, "counters.ndjson"), "utf8")).endsWith("\n")).toBe(true);
  });

  test("leaves the old file as it was, and nothing beside it", async () => {
    const folder = await tinyDisk();
    const path = join(folder, "s.fwp");
    await writeAtomically(path, [Buffer.from("old")]);
    const tooMuch = Array.from({ length: 20 }, () => new Uint8Array(100_000));
    expect(await codeOf(writeAtomically(path, tooMuch))).toBe("disk-full");
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["s.fwp"]);
  });
});
