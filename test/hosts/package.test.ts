import { execFile } from "node:child_process";
import { mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ShellBridge } from "#core/bridge.ts";
import type { OpenedProfile, WatchedTable } from "#core/contract.ts";
import type { SessionInfo } from "#core/model/recording.ts";
import { testElectronFolder } from "../../native-scripts/bootstrap/tools.mjs";
import { launchPackaged, leave, type PackagedApp, root, surroundings } from "../electron/launch.ts";
import { needs } from "../needs.ts";
import { startProgram } from "../programs/build.ts";

const run = promisify(execFile);

/** In every Electron executable, before the fuses: a byte for the version, one for their number, one a fuse. */
const fuseSentinel = "dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX";
const fuses = [
  "runAsNode",
  "cookieEncryption",
  "nodeOptions",
  "nodeCliInspect",
  "embeddedAsarIntegrityValidation",
  "onlyLoadAppFromAsar",
  "loadBrowserProcessSpecificV8Snapshot",
  "grantFileProtocolExtraPrivileges",
] as const;

async function readFuses(executable: string): Promise<Record<string, boolean>> {
  const file = await open(executable);
  try {
    const bytes = await file.readFile();
    const at = bytes.indexOf(fuseSentinel);
    if (at < 0) throw new Error(`${executable} has no fuses`);
    const wire = bytes.subarray(at + fuseSentinel.length + 2);
    return Object.fromEntries(fuses.map((name, index) => [name, wire[index] === "1".charCodeAt(0)]));
  } finally {
    await file.close();
  }
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

needs(
  "electron",
  "xvfb",
  "node-pty",
)("the packaged app", () => {
  let folder: string;
  let executable: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "flamewright-package-"));
    await run(
      process.execPath,
      [
        join(root, "native-scripts/bootstrap/package.mjs"),
        "--dir",
        "--linux",
        `-c.directories.output=${folder}`,
      ],
      { env: { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: testElectronFolder() }, timeout: 170_000 },
    );
    executable = join(folder, "linux-unpacked", "flamewright");
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  test("has its fuses set", async () => {
    expect(await readFuses(executable)).toMatchObject({
      runAsNode: false,
      nodeOptions: false,
      nodeCliInspect: false,
      embeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
    });
  });

  test("keeps out of the archive what must be a plain file, and nothing else", async () => {
    const resources = join(folder, "linux-unpacked", "resources");
    const files = await filesUnder(resources);
    expect(files).toContain("app.asar");
    expect(files).toContain("app.asar.unpacked/node_modules/node-pty/build/Release/pty.node");
    expect(files).toContain("native-scripts/hold-and-exec.sh");
    expect(files).toContain("native-scripts/demo/demo.mjs");
    expect(files.filter((file) => /bootstrap|setup-debian|\.map$|\.ts$/.test(file))).toEqual([]);
    // Bundles, page and node-pty: sources and other dependencies have no business in it.
    const { stdout } = await run(process.execPath, [
      join(root, "node_modules/@electron/asar/bin/asar.js"),
      "list",
      join(resources, "app.asar"),
    ]);
    const packed = stdout.trim().split("\n");
    expect(
      packed.filter((file) => !/^\/(package\.json$|out(\/|$)|node_modules(\/node-pty(\/|$)|$))/.test(file)),
    ).toEqual([]);
    expect(packed.filter((file) => /\.(map|ts|tsx|tsbuildinfo)$|\/(cli|bench)\.js$/.test(file))).toEqual([]);
  });

  test("does the main job", async () => {
    const around = await surroundings();
    const target = await startProgram("split", ["0"]);
    let started: PackagedApp | null = null;
    try {
      started = await launchPackaged(executable, around);
      const { page } = started;
      expect(await page.evaluate(() => location.origin)).toBe("app://flamewright");
      await page.getByRole("searchbox", { name: "Search processes" }).fill(String(target.pid));
      await page.getByRole("row", { name: /^split / }).click();
      await page.getByRole("button", { name: /Record with perf/ }).click();
      await page.getByRole("application", { name: /Flame graph, \d+ frames/ }).waitFor();
      await page.getByRole("tab", { name: "Top" }).click();
      await page
        .getByRole("gridcell", { name: /burn_a/ })
        .first()
        .waitFor();
      await page.getByRole("button", { name: "Stop", exact: true }).click();
      await page.getByRole("button", { name: "Record again" }).waitFor();
      await started.close();

      // Another start has the session; the native save dialog being out of reach, the report goes over the port.
      started = await launchPackaged(executable, around);
      await started.page.getByRole("button", { name: "Sessions" }).click();
      await started.page.getByRole("row", { name: new RegExp(`split ${target.pid}`) }).waitFor();
      const report = join(around.home, "report.svg");
      await started.page.evaluate(exportFirstSession, report);
      const svg = await readFile(report, "utf8");
      for (const name of ["phase_ab", "burn_a", "burn_b", "burn_c"]) expect(svg).toContain(name);
    } finally {
      await started?.close();
      await target.stop();
      await leave(around);
    }
  });

  test("opens the file of its command line", async () => {
    const around = await surroundings();
    let started: PackagedApp | null = null;
    try {
      const file = join(around.home, "known.collapsed");
      await writeFile(file, "main;package_test_work 3\nmain;package_test_rest 1\n");
      started = await launchPackaged(executable, around, [file]);
      await started.page.getByRole("tab", { name: "Top" }).click();
      await started.page
        .getByRole("gridcell", { name: /package_test_work/ })
        .first()
        .waitFor();
    } finally {
      await started?.close();
      await leave(around);
    }
  });
});

/** Runs in the page: asks the engine, over a port of its own, to open the newest session and write its report. */
async function exportFirstSession(path: string): Promise<void> {
  const bridge = Reflect.get(window, "flamewright") as ShellBridge;
  const nonce = crypto.randomUUID();
  const arrived = new Promise<MessagePort>((resolve) =>
    window.addEventListener("message", ({ data, ports }) => {
      if (data?.flamewright === nonce && ports[0]) resolve(ports[0]);
    }),
  );
  await bridge.connect(nonce);
  const port = await arrived;
  let lastId = 0;
  /** The answer of a call, or the first item of a stream that will do. */
  const ask = (message: object, willDo: (value: unknown) => boolean = () => true): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      port.addEventListener("message", ({ data }) => {
        if (data.id !== id) return;
        if (data.t === "problem") reject(new Error(JSON.stringify(data.problem)));
        else if (willDo(data.value)) resolve(data.value);
        else port.postMessage({ t: "credit", id, count: 1 });
      });
      port.start();
      port.postMessage({ ...message, id });
    });
  const call = (method: string, params: object) => ask({ t: "call", method, params });
  const sessions = (await ask({
    t: "open",
    stream: "sessions.watch",
    params: {},
    credit: 1,
  })) as SessionInfo[];
  const opened = (await call("sessions.open", { sessionId: sessions[0]?.sessionId })) as OpenedProfile;
  const { profileId, title } = opened;
  await ask(
    { t: "open", stream: "profile.watch", params: { profileId, query: { view: "info" } }, credit: 1 },
    (item) => (item as WatchedTable).state.phase === "ready",
  );
  const query = { view: "flame", selection: {}, widthPx: 1200 };
  await call("profile.exportToFile", { profileId, exporter: "svg", query, title, path });
}
