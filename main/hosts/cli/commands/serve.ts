import { dirname, join, resolve as resolvePath } from "node:path";
import { fileURLToPath } from "node:url";
import { createEngine } from "#engine/engine.ts";
import { startWebHost } from "../../web/web-host.ts";
import {
  type Command,
  exitCodes,
  numberFlag,
  parseWords,
  printJson,
  textFlag,
  UsageError,
} from "../command.ts";
import { terminalLog } from "../engine-client.ts";
import { openInBrowser } from "../open-in-browser.ts";
import { version } from "../version.ts";

/** The built page lies beside the bundled command: out/renderer beside out/node. */
const rendererFolder = join(dirname(fileURLToPath(import.meta.url)), "..", "renderer");

export const serveCommand: Command = {
  name: "serve",
  summary: "serve the workbench to a browser on this machine",
  usage: ["serve [--port N] [--open] [--json] [--view-words TEXT] [FILE]"],
  flags: [
    ["--port N", "port on 127.0.0.1 (default: any free one)"],
    ["--open", "open it in the default browser"],
    ["--json", "print the address as JSON"],
    [
      "--view-words TEXT",
      "what to show of the file, as the workbench copies it (`open` has a flag for each)",
    ],
  ],
  examples: [
    "flamewright serve",
    "ssh -L 7070:127.0.0.1:7070 server flamewright serve --port 7070   # then open the printed address here",
  ],
  run: async (args, terminal) => {
    const parsed = parseWords(args, {
      port: { type: "string" },
      open: { type: "boolean" },
      json: { type: "boolean" },
      "view-words": { type: "string" },
    });
    const port = numberFlag(parsed, "port", 0) ?? 0;
    if (!Number.isInteger(port) || port > 65535)
      throw new UsageError("--port takes a whole number up to 65535");
    if (parsed.positionals.length > 1) throw new UsageError("serve takes at most one file");
    const [file] = parsed.positionals;
    const engine = await createEngine({ version, log: terminalLog(terminal), keepsSpare: true });
    const path = file === undefined ? "" : resolvePath(file);
    if (path !== "") engine.openAhead(path);
    const host = await startWebHost({
      engine,
      port,
      rendererFolder,
      file: path,
      view: textFlag(parsed, "view-words"),
    });
    if (parsed.values.json) printJson(terminal, { url: host.url, port: host.port });
    else terminal.out(`${host.url}\n`);
    terminal.err(
      "The address is the key to this workbench: it works on this machine only. Ctrl-C ends it.\n",
    );
    if (parsed.values.open) openInBrowser(host.urlForOnce(), terminal);
    await new Promise<void>((resolve) => {
      const interrupt = terminal.onInterrupt(() => {
        interrupt.dispose();
        resolve();
      });
    });
    await host.close();
    await engine.shutdown();
    return exitCodes.done;
  },
};
