import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ElectronApplication, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ShellBridge } from "#core/bridge.ts";
import { launchApp, leave, type Surroundings, startAgain, surroundings } from "../electron/launch.ts";
import { needs } from "../needs.ts";

declare global {
  interface Window {
    flamewright: ShellBridge;
  }
}

needs("electron", "xvfb")("the app in Electron", () => {
  let around: Surroundings;
  let app: ElectronApplication;
  let page: Page;
  let file: string;

  beforeAll(async () => {
    around = await surroundings();
    file = join(around.home, "a b.collapsed");
    await writeFile(file, "main;work 3\nmain;rest 1\n");
    ({ app, page } = await launchApp(around));
    await page.waitForLoadState("load");
  });
  afterAll(async () => {
    await app?.close();
    await leave(around);
  });

  test("shows one window, with the page at its own origin", async () => {
    expect(await page.evaluate(() => location.origin)).toBe("app://flamewright");
    await expect
      .poll(() =>
        app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((w) => w.isVisible())),
      )
      .toEqual([true]);
    await page.locator("#root > *").first().waitFor();
  });

  test("serves the built page and nothing else, with a policy", async () => {
    const answers = await page.evaluate(async () => {
      const get = async (url: string): Promise<[number, string]> => {
        const response = await fetch(url);
        return [response.status, response.headers.get("content-security-policy") ?? ""];
      };
      const paths = [
        "/index.html",
        "/",
        "/../node/electron.js",
        "/%2e%2e/node/electron.js",
        "/..%2fnode%2felectron.js",
      ];
      return Object.fromEntries(
        await Promise.all(paths.map(async (path) => [path, await get(path)] as const)),
      );
    });
    const status = (path: string) => answers[path]?.[0];
    expect(status("/index.html")).toBe(200);
    expect(
      ["/", "/../node/electron.js", "/%2e%2e/node/electron.js", "/..%2fnode%2felectron.js"].map(status),
    ).toEqual([404, 404, 404, 404]);
    const policy = answers["/index.html"]?.[1] ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*/);
  });

  test("holds the policy: no inline script, no eval, no request elsewhere", async () => {
    const held = await page.evaluate(async () => {
      const script = document.createElement("script");
      script.textContent = "window.inlineRan = true";
      document.body.append(script);
      // In a task of its own: Playwright lets what it evaluates itself use eval.
      const evaluated = await new Promise<boolean>((resolve) =>
        setTimeout(() => {
          try {
            resolve(new Function("return true")() === true);
          } catch {
            resolve(false);
          }
        }),
      );
      const request = await fetch("https://example.org/").then(
        () => "sent",
        () => "refused",
      );
      return { inline: "inlineRan" in window, evaluated, request };
    });
    expect(held).toEqual({ inline: false, evaluated: false, request: "refused" });
  });

  test("gives the page no Node and a bridge of few calls", async () => {
    const seen = await page.evaluate(() => ({
      node: ["require", "process", "module", "Buffer", "global"].filter((name) => name in window),
      bridge: Object.keys(window.flamewright).sort(),
    }));
    expect(seen.node).toEqual([]);
    expect(seen.bridge).toEqual([
      "chooseOpenPaths",
      "chooseSavePath",
      "connect",
      "keepOpen",
      "newWindow",
      "onCommand",
      "onLost",
      "onOpenPath",
      "pathOfFile",
      "platform",
      "setTitle",
      "showInFolder",
    ]);
  });

  test("uses the safe web preferences", async () => {
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      // Electron has it, its types do not.
      return (
        contents as unknown as { getLastWebPreferences(): Record<string, unknown> }
      ).getLastWebPreferences();
    });
    expect(preferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
    });
  });

  test("denies what a page may ask of the machine", async () => {
    const states = await page.evaluate(async () => {
      const names = ["geolocation", "notifications", "camera", "microphone"] as PermissionName[];
      const all = await Promise.all(names.map((name) => navigator.permissions.query({ name })));
      return all.map((each) => each.state);
    });
    expect(new Set(states)).toEqual(new Set(["denied"]));
  });

  test("refuses calls from a page that is not its own", async () => {
    const answer = await app.evaluate(async ({ app: electronApp, BrowserWindow }) => {
      const foreign = new BrowserWindow({
        show: false,
        webPreferences: {
          preload: `${electronApp.getAppPath()}/out/node/preload.cjs`,
          sandbox: true,
          contextIsolation: true,
        },
      });
      await foreign.loadURL("data:text/html,<p>foreign</p>");
      const said: unknown = await foreign.webContents.executeJavaScript(
        "window.flamewright.connect('n').then(() => 'connected', (error) => error.message)",
      );
      foreign.destroy();
      return String(said);
    });
    expect(answer).toContain("refused");
  });

  const hello = () =>
    page.evaluate(
      () =>
        new Promise<unknown>((resolve, reject) => {
          const nonce = crypto.randomUUID();
          window.addEventListener("message", (event) => {
            const port = event.ports[0];
            if (event.data?.flamewright !== nonce || !port) return;
            port.onmessage = (answer) => resolve(answer.data);
            port.postMessage({ t: "call", id: 1, method: "engine.hello", params: { protocol: 1 } });
          });
          window.flamewright.connect(nonce).catch(reject);
        }),
    );

  test("hands the page a port to the engine, which answers", async () => {
    expect(await hello()).toMatchObject({ t: "result", id: 1, value: { protocol: 1 } });
  });

  test("starts the engine again after it died", async () => {
    const enginePid = () =>
      app.evaluate(
        ({ app: electronApp }) =>
          electronApp.getAppMetrics().find((process) => process.name === "Flamewright engine")?.pid ?? 0,
      );
    const first = await enginePid();
    expect(first).toBeGreaterThan(0);
    process.kill(first, "SIGKILL");
    await expect.poll(enginePid).not.toBe(first);
    expect(await hello()).toMatchObject({ t: "result", value: { protocol: 1 } });
    expect(await enginePid()).not.toBe(first);
  });

  test("hands a file of a second start to the window of the first", async () => {
    await page.evaluate(() =>
      window.flamewright.onOpenPath((path) => {
        document.body.dataset.opened = path;
      }),
    );
    expect(await startAgain(around, [file])).toBe(0);
    await expect.poll(() => page.evaluate(() => document.body.dataset.opened)).toBe(file);
    expect(app.windows()).toHaveLength(1);
  });

  test("sends menu choices to the page", async () => {
    await page.locator("#root > *").first().waitFor();
    await page.evaluate(() =>
      window.flamewright.onCommand((command) => {
        document.body.dataset.received = command;
      }),
    );
    await app.evaluate(({ Menu }) => {
      const find = (label: string) =>
        Menu.getApplicationMenu()
          ?.items.flatMap((item) => item.submenu?.items ?? [])
          .find((item) => item.label === label);
      find("Export Report…")?.click();
    });
    await page.locator("body[data-received=export-report]").waitFor();
  });

  // The last one: Playwright goes on waiting for a navigation that was refused.
  test("goes nowhere and opens nothing", async () => {
    const before = page.url();
    const opened = await page.evaluate(() => {
      const child = window.open("https://example.org/");
      location.href = "https://example.org/";
      return child !== null;
    });
    expect(opened).toBe(false);
    expect(await page.evaluate(() => document.readyState)).toBe("complete");
    expect(page.url()).toBe(before);
    expect(app.windows()).toHaveLength(1);
  });
});

needs("electron", "xvfb")("windows of the app", () => {
  test("come back with what was open when a page ends, and say why", async () => {
    const around = await surroundings();
    try {
      const file = join(around.home, "some.collapsed");
      await writeFile(file, "main;was_open_before 3\n");
      const { app, page } = await launchApp(around, [file]);
      await app.evaluate(({ ipcMain }) => {
        ipcMain.on("shell:keep-open", (_event, kept) =>
          Object.assign(globalThis, { kept: JSON.stringify(kept) }),
        );
      });
      await page.getByRole("tab", { name: "Top" }).click();
      await page
        .getByRole("gridcell", { name: /was_open_before/ })
        .first()
        .waitFor();
      // What is open is told at leisure; Playwright does not speak to a page any more that has crashed.
      const inPage = (code: string): Promise<string> =>
        app.evaluate(({ BrowserWindow }, script) => {
          const answer = BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(script);
          // One that ends meanwhile never answers.
          const patience = new Promise<string>((resolve) => setTimeout(resolve, 1000, ""));
          return Promise.race([answer?.catch(() => "") ?? "", patience]);
        }, code);
      const text = "document.body.innerText";
      const crash = (): Promise<void> =>
        app.evaluate(({ BrowserWindow }) =>
          BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer(),
        );
      const kept = () => app.evaluate(() => (globalThis as { kept?: string }).kept ?? "");
      await expect.poll(kept).toMatch(/some\.collapsed.*--view[= ]top/);
      await crash();
      await expect
        .poll(() => inPage(text), { timeout: 20_000 })
        .toMatch(/was_open_before.*page ended: it crashed/s);
      expect(await inPage("document.querySelector('[role=tab][aria-selected=true]').innerText")).toBe("Top");

      // Ended twice: the person is asked.
      await app.evaluate(({ dialog }) => {
        dialog.showMessageBox = () => Promise.resolve({ response: 1, checkboxChecked: false });
      });
      await crash();
      await expect.poll(() => inPage(text), { timeout: 20_000 }).toMatch(/page ended/);
      expect(await inPage(text)).not.toContain("was_open_before");
      // Playwright's own close waits for the page that it saw crash.
      const ended = once(app.process(), "exit");
      app.process().kill("SIGTERM");
      await ended;
    } finally {
      await leave(around);
    }
  });

  test("open files of the command line, come back where they were, end with the engine", async () => {
    const around = await surroundings();
    try {
      const file = join(around.home, "some.collapsed");
      await writeFile(file, "main;named_on_the_command_line 3\n");
      const first = await launchApp(around, [file]);
      await first.page.getByRole("tab", { name: "Top" }).click();
      await first.page
        .getByRole("gridcell", { name: /named_on_the_command_line/ })
        .first()
        .waitFor();
      const bounds = { x: 60, y: 40, width: 900, height: 640 };
      await first.app.evaluate(
        ({ BrowserWindow }, wanted) => BrowserWindow.getAllWindows()[0]?.setBounds(wanted),
        bounds,
      );
      await first.app.close();

      const second = await launchApp(around);
      await second.page.waitForLoadState("load");
      expect(
        await second.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds()),
      ).toEqual(bounds);
      await second.app.close();
    } finally {
      await leave(around);
    }
  });
});
