import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultSettings } from "#core/model/settings.ts";
import { fetchDebugFile } from "../../../../main/engine/symbols/debuginfod.ts";
import { openElf } from "../../../../main/engine/symbols/elf-table.ts";
import { findCode, findSymbols } from "../../../../main/engine/symbols/index.ts";
import { symbolEnvironment, symbolPlaces } from "../../../../main/engine/symbols/places.ts";
import { needs } from "../../../needs.ts";

const { signal } = new AbortController();

describe("the settings about symbols", () => {
  const places = (part: Partial<typeof defaultSettings> & object) =>
    symbolPlaces(symbolEnvironment({ ...defaultSettings, ...part }, { HOME: "/home/ada" }));

  it("name no server unless the person said so", () => {
    expect(places({}).servers).toEqual([]);
    expect(places({ debuginfod: true as never }).servers).toEqual(["https://debuginfod.debian.net"]);
  });

  it("reach the threads of profiles", () => {
    expect(places({ symbolPaths: ["/srv/a", "/srv/b"] as never }).paths).toEqual(["/srv/a", "/srv/b"]);
    expect(places({}).debuginfod).toBe("/home/ada/.cache/debuginfod_client");
  });
});

needs("cc")("debug files that this machine lacks", () => {
  let folder: string;
  let server: Server;
  let url: string;
  let buildId: string;
  const asked: string[] = [];
  let wrong = false;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "flamewright-debug-"));
    await writeFile(
      join(folder, "a.c"),
      "int hot(int n) { return n * 3; } int main(void) { return hot(1); }",
    );
    execFileSync("cc", ["-Wl,--build-id", "-o", join(folder, "a"), join(folder, "a.c")]);
    buildId = openElf(join(folder, "a"))?.buildId ?? "";
    const bytes = await readFile(join(folder, "a"));
    server = createServer((request, answer) => {
      asked.push(request.url ?? "");
      if (request.url !== `/buildid/${buildId}/executable` && !wrong) {
        answer.writeHead(404).end();
        return;
      }
      answer.end(wrong ? "<html>sign in</html>" : bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const at = (servers: readonly string[], paths: readonly string[] = []) => ({
    cache: join(folder, "cache"),
    debug: join(folder, "debug"),
    debuginfod: join(folder, "fetched"),
    paths,
    servers,
  });
  const binary = {
    path: "/elsewhere/app",
    get buildId() {
      return buildId;
    },
    pid: -1,
  };

  it("are asked for nowhere while that is off", async () => {
    expect(await fetchDebugFile(buildId, "executable", at([]), signal)).toBe(false);
    await findSymbols(at([])).prepare?.([binary], signal);
    expect([asked, existsSync(join(folder, "fetched"))]).toEqual([[], false]);
  });

  it("are none where a server sends something else", async () => {
    wrong = true;
    expect(await fetchDebugFile(buildId, "executable", at([url]), signal)).toBe(false);
    expect(await readdir(join(folder, "fetched", buildId))).toEqual([]);
    wrong = false;
    expect(await fetchDebugFile("../../etc", "executable", at([url]), signal)).toBe(false);
  });

  it("are fetched once from the first server that has them, and name what was recorded", async () => {
    const before = asked.length;
    const places = at(["http://127.0.0.1:1", url]);
    const symbols = findSymbols(places);
    expect(findCode(binary, places)).toBeNull();
    await symbols.prepare?.([binary], signal);
    expect(asked.slice(before)).toEqual([`/buildid/${buildId}/debuginfo`, `/buildid/${buildId}/executable`]);
    expect(findCode(binary, places)?.path).toBe(join(folder, "fetched", buildId, "executable"));
    expect(symbols.tableOf(binary)).not.toBeNull();
    expect(await fetchDebugFile(buildId, "executable", places, signal)).toBe(true);
    expect(asked.length).toBe(before + 2);
  });

  it("are found in the person's own folders, as they lay on the other machine or by name", async () => {
    await rm(join(folder, "fetched"), { recursive: true });
    const sysroot = join(folder, "sysroot");
    await mkdir(join(sysroot, "elsewhere"), { recursive: true });
    await copyFile(join(folder, "a"), join(sysroot, "elsewhere", "app"));
    expect(findCode(binary, at([], [sysroot]))?.path).toBe(join(sysroot, "elsewhere", "app"));
    expect(findCode(binary, at([], [join(sysroot, "elsewhere")]))?.buildId).toBe(buildId);
    expect(findCode({ ...binary, buildId: "00112233" }, at([], [sysroot]))).toBeNull();
  });
});
