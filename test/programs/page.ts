import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export interface RunningBrowser {
  /** Of its pages and workers: "http://127.0.0.1:PORT". */
  readonly url: string;
  /** As the browser announces itself: "ws://127.0.0.1:PORT/devtools/browser/...". */
  readonly announced: string;
  stop(): Promise<void>;
}

const here = dirname(fileURLToPath(import.meta.url));

/** As nodeArgs in build.ts: what V8 inlines counts for its caller. */
const scriptFlags = "--no-turbo-inlining,--no-use-osr,--no-maglev";

/** A browser without a window that shows pages of this folder; ready when it has announced its inspector. */
export async function startBrowser(...pages: readonly string[]): Promise<RunningBrowser> {
  const folder = mkdtempSync(join(tmpdir(), "flamewright-browser-"));
  const child = spawn(
    "chromium",
    [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--remote-debugging-port=0",
      `--user-data-dir=${folder}`,
      `--js-flags=${scriptFlags}`,
      ...pages.map((page) => pathToFileURL(join(here, page)).href),
    ],
    { stdio: ["ignore", "ignore", "pipe"], detached: true },
  );
  const end = (): void => {
    // The whole group: its renderers too.
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
      process.kill(-child.pid, "SIGKILL");
  };
  process.once("exit", end);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const announced = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.once("error", reject);
    void exited.then(() => reject(new Error(`the browser ended before it was ready: ${text}`)));
    child.stderr.on("data", (chunk: Uint8Array) => {
      text += Buffer.from(chunk).toString("latin1");
      const url = /^DevTools listening on (ws:\S+)/m.exec(text)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  return {
    url: `http://${new URL(announced).host}`,
    announced,
    async stop() {
      end();
      await exited;
      process.off("exit", end);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
