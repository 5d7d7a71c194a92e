import { ProblemError, problemOf } from "#core/base/result.ts";
import type { Check } from "#core/profilers/profiler.ts";
import { type Command, exitCodes, parseWords, printJson } from "../command.ts";
import { withEngine } from "../engine-client.ts";
import { visible } from "../text-table.ts";

const words = { ok: "ok  ", warn: "warn", fail: "FAIL" } as const;

const checkLines = (check: Check): readonly string[] => [
  `  ${words[check.status]}  ${check.title.padEnd(24)} ${visible(check.found)}`,
  ...[check.prevents, check.fix, check.consequence]
    .filter((text) => text !== "")
    .map((text) => `        ${visible(text)}`),
];

function pidOf(text: unknown): number | null {
  if (typeof text !== "string") return null;
  const pid = Number(text);
  if (Number.isInteger(pid) && pid > 0) return pid;
  throw new ProblemError(
    problemOf("bad-option", `"${text}" is no process id.`, "Give a number: flamewright list shows them."),
  );
}

export const doctorCommand: Command = {
  name: "doctor",
  summary: "say what stands in the way of profiling here, and how to clear it",
  usage: ["doctor [--json] [--pid PID]"],
  flags: [
    ["--json", "print it as JSON"],
    ["--pid PID", "check this process too: symbols, frame pointers, optimisation"],
  ],
  examples: ["flamewright doctor", "flamewright doctor --json | jq '.checks[] | select(.status != \"ok\")'"],
  run: async (args, terminal) => {
    const parsed = parseWords(args, { json: { type: "boolean" }, pid: { type: "string" } });
    const pid = pidOf(parsed.values.pid);
    return withEngine(terminal, async (client) => {
      const report = await client.call("engine.doctor", { pid });
      if (parsed.values.json) {
        printJson(terminal, report);
        return exitCodes.done;
      }
      const lines = ["Profilers"];
      for (const tool of report.tools) {
        const state = tool.problem ? words.fail : words.ok;
        const what = tool.problem
          ? tool.problem.message
          : [tool.version, tool.path].filter(Boolean).join("  ");
        lines.push(`  ${state}  ${tool.title.padEnd(24)} ${visible(what)}`);
        if (tool.problem) lines.push(`        ${visible(tool.problem.fix)}`);
        if (tool.lacks !== "") lines.push(`        lacks ${visible(tool.lacks)}`);
      }
      lines.push("", "Other tools");
      for (const { program, path, version, purpose, lacks, fix } of report.helpers) {
        const state = fix === "" ? words.ok : words.warn;
        const what = path === "" ? "not installed" : [version, path].filter(Boolean).join("  ");
        lines.push(`  ${state}  ${program.padEnd(24)} ${visible(what)}`);
        if (fix !== "")
          lines.push(`        ${purpose}${lacks === "" ? "" : `; lacks ${lacks}`}`, `        ${fix}`);
      }
      lines.push("", "This machine", ...report.checks.flatMap(checkLines));
      if (report.target.length > 0) lines.push("", `Process ${pid}`, ...report.target.flatMap(checkLines));
      terminal.out(`${lines.join("\n")}\n`);
      return exitCodes.done;
    });
  },
};
