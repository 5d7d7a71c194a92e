import { expect, test } from "vitest";
import type { PipelineSource } from "#core/profilers/profiler.ts";
import type { SourceEvents } from "#engine/exec/source-run.ts";
import { runPipeline } from "#engine/exec/spawn.ts";

const pipeline = (...scripts: readonly string[]): PipelineSource => ({
  type: "pipeline",
  stages: scripts.map((script) => ({ argv: ["sh", "-c", script] })),
  stopStage: 0,
  stopSignal: "SIGINT",
  control: null,
});
const silent: SourceEvents = { stderr: () => undefined, remark: () => undefined, counters: () => undefined };

test("what a tool says before anybody reads is not lost", async () => {
  let said: () => void = () => undefined;
  const isSaid = new Promise<void>((resolve) => {
    said = resolve;
  });
  const run = runPipeline(pipeline("echo first; echo said >&2; read -r _; echo second"), -1, {
    ...silent,
    stderr: () => said(),
  });
  await isSaid;
  // The recorder has files to open before it begins to read.
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  const parts: Uint8Array[] = [];
  for await (const part of run.output) parts.push(part);
  expect(Buffer.concat(parts).toString("utf8")).toBe("first\nsecond\n");
  expect(await run.ended).toEqual({ problem: null });
});
