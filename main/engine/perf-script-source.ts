import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { throwProblem } from "#core/base/result.ts";
import type { ByteSource } from "#core/bytes/source.ts";

const FOLDERS = (process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin").split(delimiter);

/** What `perf script` prints of a perf.data file, from front to back; null where perf is not on this machine. */
export function perfScriptSource(path: string): ByteSource | null {
  const program = FOLDERS.map((folder) => join(folder, "perf")).find((at) => existsSync(at));
  if (program === undefined) return null;
  return {
    sizeBytes: -1,
    async *chunks(signal) {
      const child = execa(program, ["script", "--ns", "--force", "-i", path], {
        stdin: "ignore",
        buffer: { stdout: false },
        encoding: "buffer",
        reject: false,
        cancelSignal: signal,
      });
      try {
        let bytes = 0;
        for await (const chunk of child.stdout) {
          bytes += (chunk as Uint8Array).length;
          yield chunk as Uint8Array;
        }
        const { failed, stderr } = await child;
        signal.throwIfAborted();
        if (failed && bytes > 0)
          throwProblem(
            "tool-failed",
            "`perf script` could not print all of the recording.",
            "Run it by hand to see why: perf script -i FILE.",
            new TextDecoder().decode(stderr).trim(),
          );
      } finally {
        child.stdout.destroy();
        child.kill("SIGKILL");
      }
    },
    read: () => Promise.reject(new Error("what a program prints is read from front to back")),
  };
}
