// npm start [-- [--browser | --electron] [FILE]]: the workbench in Electron, or in the browser where that cannot be.
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { inRoot, requireNode, root, say, which } from "./project.mjs";

requireNode();
const { ensureInstalled, ensurePty } = await import("./install.mjs");
const { ensureBuilt } = await import("./build.mjs");
const { findElectron } = await import("./electron.mjs");

const words = process.argv.slice(2);
const flags = words.filter((word) => word.startsWith("--"));
/** What to show of the file, in the words of `flamewright open`. */
const viewSwitch = "--view-words=";
const view = flags.find((flag) => flag.startsWith(viewSwitch));
const unknown = flags.filter((flag) => flag !== "--browser" && flag !== "--electron" && flag !== view);
if (unknown.length > 0) {
  say(`Unknown: ${unknown.join(" ")}. Usage: npm start [-- [--browser | --electron] [FILE]]`);
  process.exit(2);
}
// npm runs scripts in the project's folder; a relative path is meant from where the person is.
const files = words
  .filter((word) => !word.startsWith("--"))
  .map((word) => resolve(process.env.INIT_CWD ?? process.cwd(), word));

await ensureInstalled();
await ensurePty();
await ensureBuilt();

const hasDisplay =
  process.platform !== "linux" || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);

/** Starts a program that shares the terminal, so that Ctrl-C reaches it directly; resolves when it has ended. */
function startChild(command, args) {
  return new Promise((done) => {
    const started = performance.now();
    const child = spawn(command, args, { cwd: root, stdio: ["inherit", "inherit", "pipe"] });
    let firstWords = "";
    child.stderr.on("data", (chunk) => {
      process.stderr.write(chunk);
      if (firstWords.length < 10_000) firstWords += chunk;
    });
    // Whoever asks for the end does not want the browser instead.
    let asked = false;
    const ignore = () => {
      asked = true;
    };
    const forward = (signal) => {
      asked = true;
      child.kill(signal);
    };
    process.on("SIGINT", ignore);
    process.on("SIGTERM", forward);
    process.on("SIGHUP", forward);
    const finish = (code) => {
      process.off("SIGINT", ignore);
      process.off("SIGTERM", forward);
      process.off("SIGHUP", forward);
      done({ code, firstWords, asked, seconds: (performance.now() - started) / 1000 });
    };
    child.on("error", (error) => {
      firstWords += error.message;
      finish(127);
    });
    child.on("close", (code) => finish(code ?? 1));
  });
}

/** Why Electron was not used; "" when it ran and has ended. */
async function inElectron() {
  if (!hasDisplay) return "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)";
  const { electron, problem } = await findElectron();
  if (!electron) return problem;
  const args = [root, ...(view ? [view] : []), ...files];
  if (process.getuid?.() === 0) {
    say("Running as root: Electron's sandbox is off (--no-sandbox), which only root needs.");
    args.unshift("--no-sandbox");
  }
  if (!process.env.DISPLAY && process.env.WAYLAND_DISPLAY) args.unshift("--ozone-platform=wayland");
  const { code, firstWords, asked, seconds } = await startChild(electron.executable, args);
  if (code === 0 || asked || seconds > 15) {
    process.exitCode = code;
    return "";
  }
  return /sandbox/i.test(firstWords)
    ? "Electron's sandbox needs user namespaces, which this system restricts (sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0 allows them)"
    : `Electron ended as it started (exit code ${code})`;
}

async function inBrowser() {
  const canOpen = process.platform === "darwin" || (hasDisplay && which("xdg-open") !== "");
  const args = [
    inRoot("out", "node", "cli.js"),
    "serve",
    ...(canOpen ? ["--open"] : []),
    ...(view ? [view] : []),
    ...files,
  ];
  const { code } = await startChild(process.execPath, args);
  process.exitCode = code;
}

if (flags.includes("--browser")) await inBrowser();
else {
  const problem = await inElectron();
  if (problem !== "" && flags.includes("--electron")) {
    say(`Electron cannot be used: ${problem}.`);
    process.exitCode = 1;
  } else if (problem !== "") {
    say(`Electron cannot be used: ${problem}. Serving the workbench to the browser instead:`);
    await inBrowser();
  }
}
