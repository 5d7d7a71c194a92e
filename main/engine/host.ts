import { constants } from "node:fs";
import { access, mkdir, readFile, stat, statfs } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import type { Host } from "#core/profilers/profiler.ts";
import { readAnswer } from "./bounded-read.ts";
import { factsOf } from "./targets/facts.ts";
import type { Targets } from "./targets/index.ts";

interface HostOptions {
  readonly targets: Pick<Targets, "get">;
  /** Where sessions are written; made when it is not there. */
  readonly sessionFolder: string;
  readonly path?: string;
}

const textLimitBytes = 1 << 20;

async function probe(argv: readonly string[], timeoutMs: number): ReturnType<Host["probe"]> {
  const [program, ...args] = argv;
  if (program === undefined) return null;
  const ran = await execa(program, args, {
    reject: false,
    timeout: timeoutMs,
    stdin: "ignore",
    maxBuffer: textLimitBytes,
    env: { LC_ALL: "C" },
  });
  if (ran.exitCode === undefined) return null;
  return { code: ran.exitCode, stdout: ran.stdout, stderr: ran.stderr };
}

export function createHost(options: HostOptions): Host {
  const probing = new Map<string, ReturnType<Host["probe"]>>();
  const folders = [...(options.path ?? process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"].filter(
    (folder) => folder.startsWith("/"),
  );
  return {
    uid: process.getuid?.() ?? 0,

    async findTool(name) {
      if (name === "" || name.includes("/")) return null;
      for (const folder of folders) {
        const path = join(folder, name);
        if (await isProgram(path)) return path;
      }
      return null;
    },

    async findFile(paths) {
      for (const path of paths) {
        const isFile = await stat(path).then(
          (found) => found.isFile(),
          () => false,
        );
        if (isFile) return path;
      }
      return null;
    },

    async readText(path) {
      try {
        const bytes = await readFile(path);
        return bytes.subarray(0, textLimitBytes).toString("utf8");
      } catch {
        return null;
      }
    },

    probe(argv, timeoutMs = 5000) {
      // Many processes are judged at once, and each asks the same tools for their versions.
      const key = JSON.stringify(argv);
      const already = probing.get(key);
      if (already !== undefined) return already;
      const answer = probe(argv, timeoutMs).finally(() => probing.delete(key));
      probing.set(key, answer);
      return answer;
    },

    async request(url, timeoutMs = 5000) {
      if (!/^https?:\/\//.test(url)) return null;
      try {
        const answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
        return { status: answer.status, text: await readAnswer(answer, textLimitBytes) };
      } catch {
        return null;
      }
    },

    target: (pid) => options.targets.get(pid),

    facts: (target) => factsOf(target),

    async freeDiskBytes() {
      try {
        await mkdir(options.sessionFolder, { recursive: true });
        const { bavail, bsize } = await statfs(options.sessionFolder);
        return bavail * bsize;
      } catch {
        // A folder that cannot be made has no room; the write itself will say why.
        return 0;
      }
    },
  };
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
