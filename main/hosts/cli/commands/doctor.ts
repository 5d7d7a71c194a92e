import { type Command, exitCodes, parseWords, printJson } from "../command.ts";
import { withEngine } from "../engine-client.ts";
import { visible } from "../text-table.ts";

const words = { ok: "ok  ", warn: "warn", fail: "FAIL" } as const;

export const doctorCommand: Command = {
  name: "doctor",
  summary: "say what stands in the way of profiling here, and how to clear it",
  usage: ["doctor [--json]"],
  flags: [["--json", "print it as JSON"]],
  examples: ["flamewright doctor", "flamewright doctor --json | jq '.checks[] | select(.status != \"ok\")'"],
  run: async (args, terminal) => {
    const parsed = parseWords(args, { json: { type: "boolean" } });
    return withEngine(terminal, async (client) => {
      const report = await client.call("engine.doctor", {});
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
      }
      lines.push("", "This machine");
      for (const check of report.checks) {
        lines.push(`  ${words[check.status]}  ${check.title.padEnd(24)} ${visible(check.found)}`);
        for (const text of [check.prevents, check.fix, check.consequence])
          if (text !== "") lines.push(`        ${visible(text)}`);
      }
      terminal.out(`${lines.join("\n")}\n`);
      return exitCodes.done;
    });
  },
};
