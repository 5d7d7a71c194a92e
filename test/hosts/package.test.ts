import { execFile } from "node:child_process";
import { mkdtemp, open, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testElectronFolder } from "../../native-scripts/bootstrap/tools.mjs";
import { launchPackaged, leave, type PackagedApp, root, surroundings } from "../electron/launch.ts";
import { needs } from "../needs.ts";

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
    await rm(folder, { recursive: true, force: true });
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

  test("starts, lists processes, opens a file", async () => {
    const around = await surroundings();
    let started: PackagedApp | null = null;
    try {
      const file = join(around.home, "known.collapsed");
      await writeFile(file, "main;package_test_work 3\nmain;package_test_rest 1\n");
      started = await launchPackaged(executable, around);
      const { page } = started;
      expect(await page.evaluate(() => location.origin)).toBe("app://flamewright");
      // The list has this very test's process.
      await page.getByText(String(process.pid), { exact: true }).first().waitFor();
      await started.close();
      started = await launchPackaged(executable, around, [file]);
      await started.page.getByText("package_test_work").first().waitFor();
    } finally {
      await started?.close();
      await leave(around);
    }
  });
});
