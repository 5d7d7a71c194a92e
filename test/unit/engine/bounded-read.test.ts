import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readAnswer, readPlainFile } from "../../../main/engine/bounded-read.ts";

const folder = mkdtempSync(join(tmpdir(), "flamewright-bounded-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a plain file is read whole; a link, a pipe, a device and what is too large are not", async () => {
  const plain = join(folder, "plain");
  writeFileSync(plain, "words");
  symlinkSync(plain, join(folder, "link"));
  symlinkSync("/dev/zero", join(folder, "zero"));
  execFileSync("mkfifo", [join(folder, "pipe")]);
  expect(Buffer.from((await readPlainFile(plain, 5)) ?? []).toString()).toBe("words");
  expect(await readPlainFile(plain, 4)).toBeNull();
  for (const name of ["link", "zero", "pipe"])
    expect(await readPlainFile(join(folder, name), 100)).toBeNull();
  expect(await readPlainFile("/dev/zero", 100)).toBeNull();
  await expect(readPlainFile(join(folder, "absent"), 100)).rejects.toThrow("ENOENT");
});

test("of an answer that never ends no more is read than is wanted", async () => {
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled++;
      controller.enqueue(Buffer.from("0123456789"));
    },
  });
  expect(await readAnswer(new Response(endless), 25)).toBe("0123456789012345678901234");
  expect(pulled).toBeLessThan(6);
  expect(await readAnswer(new Response(null), 25)).toBe("");
  expect(await readAnswer(new Response("all"), 25)).toBe("all");
});
