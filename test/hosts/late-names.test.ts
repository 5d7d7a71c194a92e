import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import type { WatchedTable } from "#core/contract.ts";
import type { InfoTable } from "#core/model/tables.ts";
import { openElf } from "../../main/engine/symbols/elf-table.ts";
import { needs } from "../needs.ts";
import { buildProgram } from "../programs/build.ts";
import { itemWhere, stateWhere } from "./awaiting.ts";
import { ensureBuilt, testEngine } from "./built.ts";

afterEach(() => vi.unstubAllEnvs());

const names = ({ table }: WatchedTable): string =>
  table?.view === "top" ? Array.from(table.name, (name) => table.strings[name] ?? "").join() : "";

needs("perf", "cc")("a stripped program that is recorded", () => {
  test("has names as soon as a debuginfod server has sent them, while it runs", async () => {
    await ensureBuilt();
    const folder = await mkdtemp(join(tmpdir(), "flamewright-late-"));
    const whole = await buildProgram("split");
    const stripped = join(folder, "stripped");
    execFileSync("strip", ["-o", stripped, whole]);
    const buildId = openElf(stripped)?.buildId ?? "";
    // Its answer waits until samples without names were seen.
    let send = (): void => undefined;
    const isSeen = new Promise<void>((resolve) => {
      send = resolve;
    });
    const server = createServer((request, answer) => {
      if (request.url !== `/buildid/${buildId}/debuginfo`) answer.writeHead(404).end();
      else void Promise.all([readFile(whole), isSeen]).then(([bytes]) => answer.end(bytes));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    vi.stubEnv("DEBUGINFOD_CACHE_PATH", join(folder, "cache"));
    const engine = await testEngine();
    const program = spawn(stripped, { stdio: "ignore" });
    const client = engine.client();
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      await client.call("settings.set", { debuginfod: true, debuginfodUrls: [url] });
      const target = { kind: "pid", pid: program.pid ?? -1 } as const;
      const request = { target, profiler: "perf", options: { rate: 499, callGraph: "fp" } };
      const { recordingId } = await client.call("recording.start", { request });
      const { profileId } = await stateWhere(client, recordingId, (state) => state.profileId !== "");
      const top = { view: "top", selection: {} } as const;
      const shown = (wished: (item: WatchedTable) => boolean): Promise<WatchedTable> =>
        itemWhere(client, profileId, top, wished);
      expect(names(await shown((item) => names(item) !== ""))).not.toContain("burn_a");
      send();
      const { state } = await shown((item) => names(item).includes("burn_a"));
      expect(state.phase).toBe("live");
      await client.call("recording.stop", { recordingId });
      const info = (await client.call("profile.query", { profileId, query: { view: "info" } })) as InfoTable;
      const notes = info.notes.join("\n");
      expect(notes).toContain(`Names of ${stripped} came from a debuginfod server while it was recorded`);
      expect(notes).not.toContain("No function names were found for code of /tmp");
    } finally {
      send();
      program.kill();
      client.close();
      await engine.end();
      server.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});
