import { spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  copyFileSync,
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
import { chromium } from "playwright";
import { writeSession } from "#core/model/session.ts";
import type { Sizes } from "./generate.ts";
import { made } from "./measures.ts";
import { number, table } from "./print.ts";
import { type Driver, emptyDriver, flamewrightDriver, speedscopeDriver } from "./ui-drivers.ts";
import { openInBrowser, openInElectron, type Served, serveOwn } from "./ui-hosts.ts";
import { measureLive } from "./ui-live.ts";
import { measurePage, type OpenedPage, type PageFigures } from "./ui-page.ts";

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
  /** In the desktop application, too. */
  readonly inElectron: boolean;
  /** Seconds that each view of a live recording is watched; 0 for none. */
  readonly liveSeconds: number;
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
async function servePeer(page: string): Promise<Served> {
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

const nothing: Served = { url: "about:blank", close: () => undefined };

interface Row {
  readonly program: string;
  readonly file: string;
  readonly megabytes: number;
  readonly figures: PageFigures | null;
  readonly failure: string;
}

async function measured(program: string, file: string, measure: () => Promise<PageFigures>): Promise<Row> {
  const row = { program, file: basename(file), megabytes: existsSync(file) ? statSync(file).size / 1e6 : 0 };
  process.stderr.write(`${program}, ${row.file} ...\n`);
  try {
    return { ...row, figures: await measure(), failure: "" };
  } catch (error) {
    const failure = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    return { ...row, figures: null, failure };
  }
}

/** Two profiles of this size against each other: until the graph of both is there, and its tasks. */
async function compareTimes(opened: OpenedPage): Promise<PageFigures> {
  const { page, tasks, startMs } = opened;
  try {
    await page.getByRole("application", { name: /Flame graph, \d+ frames/ }).waitFor({ timeout: 180_000 });
    const shownMs = performance.now() - startMs;
    const { longestMs, longestCpuMs } = await tasks.stop();
    return {
      "compared, ms": shownMs,
      "comparing: longest task, ms": longestMs,
      "comparing: longest task, CPU ms": longestCpuMs,
    };
  } finally {
    await opened.close();
  }
}

export async function benchPage(asked: PageBench): Promise<string> {
  const { files, copies, built, json } = asked;
  const folder = mkdtempSync(join(tmpdir(), "flamewright-bench-ui-"));
  const peer = fetchPeer();
  const rows: Row[] = [];
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--enable-precise-memory-info"],
  });
  const inBrowser = async (
    driver: Driver,
    file: string,
    serving: () => Promise<Served>,
    measure = (opened: OpenedPage) => measurePage(driver, opened, file),
  ): Promise<void> => {
    const work = async (): Promise<PageFigures> => measure(await openInBrowser(browser, serving));
    rows.push(await measured(driver.program, file, work));
  };
  try {
    const run = async (file: string, withPeer: boolean): Promise<void> => {
      await inBrowser(flamewrightDriver, file, () => serveOwn(file));
      if (peer !== null && withPeer) await inBrowser(speedscopeDriver, file, () => servePeer(peer));
      await inBrowser(emptyDriver, file, () => Promise.resolve(nothing));
      if (!asked.inElectron) return;
      const work = async (): Promise<PageFigures> =>
        measurePage(flamewrightDriver, await openInElectron(file), file);
      rows.push(await measured("Flamewright in Electron", file, work));
    };
    for (const file of files)
      for (const count of copies) await run(count === 1 ? file : repeated(folder, file, count), true);
    if (built !== null) {
      const path = join(folder, "generated.fwp");
      const [, profile] = await made(built);
      writeFileSync(path, Buffer.concat(writeSession({ profile, header: {}, log: [], raw: null })));
      await run(path, false);
      const other = join(folder, "other.fwp");
      copyFileSync(path, other);
      const words = `--view=compare --before=${path} --after=${other}`;
      const serving = () => serveOwn(path, `--view-words=${words}`);
      await inBrowser(flamewrightDriver, "two of them, compared", serving, compareTimes);
    }
    if (asked.liveSeconds > 0) {
      const live = (opened: OpenedPage) => measureLive(opened, folder, asked.liveSeconds);
      await inBrowser(flamewrightDriver, "a live recording", () => serveOwn(), live);
    }
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return json ? `${JSON.stringify(rows, null, 2)}\n` : printed(rows, peer === null);
}

/** The same text again and again, each time later: speedscope takes no time that lies before another. */
function repeated(folder: string, file: string, count: number): string {
  const path = join(folder, `${count}-times-${basename(file)}`);
  const text = readFileSync(file, "latin1");
  const heading = /^(\S[^\n]*?\s)(\d+)(\.\d{6,9}:)/gm;
  const seconds = [...text.matchAll(heading)].map(([, , whole]) => Number(whole));
  const spanS = (seconds.at(-1) ?? 0) - (seconds[0] ?? 0) + 1;
  writeFileSync(path, text, "latin1");
  for (let copy = 1; copy < count; copy++) {
    const later = text.replace(
      heading,
      (_, before: string, whole: string, rest: string) => `${before}${Number(whole) + copy * spanS}${rest}`,
    );
    appendFileSync(path, later, "latin1");
  }
  return path;
}

function printed(rows: readonly Row[], withoutPeer: boolean): string {
  const note = withoutPeer ? "speedscope is not to be had: no ratios.\n" : "";
  const files = [...new Set(rows.map(({ file }) => file))];
  const parts = files.map((file) => {
    const own = rows.filter((row) => row.file === file);
    const of = (program: string): Row | undefined => own.find((row) => row.program === program);
    const names = [...new Set(own.flatMap(({ figures }) => Object.keys(figures ?? {})))];
    const cell = (row: Row, name: string): string => {
      const value = row.figures?.[name];
      return value === undefined || Number.isNaN(value) ? "" : number(value);
    };
    const ratio = (name: string): string => {
      const [a, b] = [flamewrightDriver, speedscopeDriver].map(({ program }) => of(program)?.figures?.[name]);
      return a === undefined || b === undefined || !(b > 0) ? "" : (a / b).toFixed(2);
    };
    const failures = own.filter(({ failure }) => failure !== "");
    return [
      table(`${file} (${number(own[0]?.megabytes ?? 0)} MB)`, [
        ["", ...own.map(({ program }) => program), "ratio"],
        ...names.map((name) => [name, ...own.map((row) => cell(row, name)), ratio(name)]),
      ]),
      ...failures.map(({ program, failure }) => `  ${program}: ${failure}\n`),
    ].join("");
  });
  return note + parts.join("");
}
