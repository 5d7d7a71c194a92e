import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { homedir, tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright";
import { writeSession } from "#core/model/session.ts";
import type { Sizes } from "./generate.ts";
import { made } from "./measures.ts";
import { number, table } from "./print.ts";
import { type Driver, flamewrightDriver, speedscopeDriver } from "./ui-drivers.ts";
import { measurePage, type PageFigures } from "./ui-page.ts";

/**
 * What a person feels: frames, long tasks and memory of the page with a profile open, and the same of speedscope in the
 * same browser with the same file. Speedscope is fetched from npm into a cache, and is no dependency.
 */

export interface PageBench {
  readonly files: readonly string[];
  /** How often each file is repeated: perf script texts can be put behind each other. */
  readonly copies: readonly number[];
  /** A profile that is built in memory and opened as a session; null for none. */
  readonly built: Sizes | null;
  readonly json: boolean;
}

const peerVersion = "1.25.0";
const peerCache = join(homedir(), ".cache", "flamewright-bench", `speedscope-${peerVersion}`);

/** Speedscope's own page, or null where it cannot be had. */
function fetchPeer(): string | null {
  const page = join(peerCache, "package", "dist", "release");
  if (existsSync(page)) return page;
  mkdirSync(peerCache, { recursive: true });
  const packed = spawnSync("npm", ["pack", `speedscope@${peerVersion}`], { cwd: peerCache });
  const unpacked = spawnSync("tar", ["xzf", `speedscope-${peerVersion}.tgz`], { cwd: peerCache });
  return packed.status === 0 && unpacked.status === 0 && existsSync(page) ? page : null;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
};

/** Serves speedscope on the loopback address; it gets its file as a person would give it. */
async function servePeer(page: string): Promise<{ url: string; close: () => void }> {
  const server = createServer((request, response) => {
    const name = new URL(request.url ?? "/", "http://localhost").pathname;
    const path = join(page, basename(name === "/" ? "index.html" : name));
    if (!existsSync(path)) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" });
    response.end(readFileSync(path));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/index.html`,
    close: () => server.close(),
  };
}

async function serveOwn(file: string): Promise<{ url: string; close: () => void }> {
  const home = mkdtempSync(join(tmpdir(), "flamewright-bench-home-"));
  const cli = fileURLToPath(new URL("./cli.js", import.meta.url));
  const server = spawn(process.execPath, [cli, "serve", file], {
    env: { ...process.env, FLAMEWRIGHT_HOME: home },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [url] = (await once(createInterface(server.stdout), "line")) as [string];
  return {
    url,
    close: () => {
      server.once("exit", () => rmSync(home, { recursive: true, force: true }));
      server.kill();
    },
  };
}

interface Row {
  readonly program: string;
  readonly file: string;
  readonly megabytes: number;
  readonly figures: PageFigures | null;
  readonly failure: string;
}

async function measured(browser: Browser, driver: Driver, file: string, url: string): Promise<Row> {
  const row = { program: driver.program, file: basename(file), megabytes: statSync(file).size / 1e6 };
  try {
    return { ...row, figures: await measurePage(browser, driver, url, file), failure: "" };
  } catch (error) {
    const failure = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    return { ...row, figures: null, failure };
  }
}

export async function benchPage({ files, copies, built, json }: PageBench): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "flamewright-bench-ui-"));
  const peer = fetchPeer();
  const rows: Row[] = [];
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--enable-precise-memory-info"],
  });
  try {
    const run = async (file: string, withPeer: boolean): Promise<void> => {
      const own = await serveOwn(file);
      rows.push(await measured(browser, flamewrightDriver, file, own.url));
      own.close();
      if (peer === null || !withPeer) return;
      const other = await servePeer(peer);
      rows.push(await measured(browser, speedscopeDriver, file, other.url));
      other.close();
    };
    for (const file of files)
      for (const count of copies) await run(count === 1 ? file : repeated(folder, file, count), true);
    if (built !== null) {
      const path = join(folder, "generated.fwp");
      const [, profile] = await made(built);
      writeFileSync(path, Buffer.concat(writeSession({ profile, header: {}, log: [], raw: null })));
      await run(path, false);
    }
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return json ? `${JSON.stringify(rows, null, 2)}\n` : printed(rows, peer === null);
}

function repeated(folder: string, file: string, count: number): string {
  const path = join(folder, `${count}-times-${basename(file)}`);
  const bytes = readFileSync(file);
  writeFileSync(path, bytes);
  for (let copy = 1; copy < count; copy++) appendFileSync(path, bytes);
  return path;
}

function printed(rows: readonly Row[], withoutPeer: boolean): string {
  const note = withoutPeer ? "speedscope is not to be had: no ratios.\n" : "";
  const files = [...new Set(rows.map(({ file }) => file))];
  const parts = files.map((file) => {
    const own = rows.find((row) => row.file === file && row.program === flamewrightDriver.program);
    const other = rows.find((row) => row.file === file && row.program !== flamewrightDriver.program);
    const names = Object.keys(own?.figures ?? other?.figures ?? {});
    const cell = (row: Row | undefined, name: string): string =>
      row?.figures?.[name] === undefined ? "" : number(row.figures[name]);
    const ratio = (name: string): string => {
      const [a, b] = [own?.figures?.[name], other?.figures?.[name]];
      return a === undefined || b === undefined || !(b > 0) ? "" : (a / b).toFixed(2);
    };
    const failures = rows.filter((row) => row.file === file && row.failure !== "");
    return [
      table(`${file} (${number(own?.megabytes ?? 0)} MB)`, [
        ["", "Flamewright", "speedscope", "ratio"],
        ...names.map((name) => [name, cell(own, name), cell(other, name), ratio(name)]),
      ]),
      ...failures.map(({ program, failure }) => `  ${program}: ${failure}\n`),
    ].join("");
  });
  return note + parts.join("");
}
