import { spawn } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { ensureBuilt } from "../hosts/built.ts";
import { openCli } from "../reachable.ts";

const nobody = 65_534;

/** The command line as an unprivileged user, with copies of tools that may lie where only root may look. */
export async function cliAsNobody(
  args: readonly string[],
  path: string,
  tools: readonly string[],
): Promise<{ readonly code: number | null; readonly text: string }> {
  await ensureBuilt();
  const home = mkdtempSync(join(tmpdir(), "flamewright-nobody-"));
  try {
    const bin = join(home, "bin");
    mkdirSync(bin);
    for (const tool of tools) {
      const from = path.split(delimiter).map((folder) => join(folder, tool));
      const copied = from.some((file) => {
        try {
          copyFileSync(file, join(bin, tool));
          return true;
        } catch {
          return false;
        }
      });
      if (!copied) throw new Error(`no ${tool}`);
      chmodSync(join(bin, tool), 0o755);
    }
    chmodSync(home, 0o755);
    chownSync(home, nobody, nobody);
    const child = spawn(process.execPath, [openCli(), ...args], {
      cwd: home,
      uid: nobody,
      gid: nobody,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: `${bin}${delimiter}/usr/bin:/bin`,
        HOME: home,
        FLAMEWRIGHT_HOME: join(home, "flamewright"),
      },
    });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
    });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    return { code, text };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
