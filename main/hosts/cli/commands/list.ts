import { formatBytes } from "#core/base/numbers.ts";
import { ProblemError } from "#core/base/result.ts";
import type { TargetList } from "#core/contract.ts";
import type { ListedTarget } from "#core/model/recording.ts";
import { type Command, exitCodes, parseWords, printJson } from "../command.ts";
import { type EngineClient, withEngine } from "../engine-client.ts";
import { textTable } from "../text-table.ts";

/** The JSON contract of `list --json`. */
const targetJson = (target: ListedTarget, versions: ReadonlyMap<number, string>) => ({
  pid: target.pid,
  ppid: target.ppid,
  name: target.name,
  command: target.command,
  user: target.user,
  cpuPercent: target.cpuPercent,
  rssBytes: target.rssBytes,
  threads: target.threads,
  runtime: target.runtime,
  /** Of the runtime or the compiler; "" where it was not looked up, or is not known. */
  runtimeVersion: versions.get(target.pid) ?? "",
  container: target.container,
  profilers: target.profilers.map(({ id, recommended, reason }) => ({ id, recommended, reason })),
});

/** The second list of a watch: the first one has no CPU shares yet. */
const measuredList = (client: EngineClient): Promise<TargetList> =>
  new Promise((resolve, reject) => {
    let seen = 0;
    const watching = client.stream(
      "targets.watch",
      {},
      {
        item: (list) => {
          if (++seen < 2) return;
          watching.dispose();
          resolve(list);
        },
        problem: (problem) => reject(new ProblemError(problem)),
      },
    );
  });

/** Looking into a program takes milliseconds: done for those that a pattern chose. */
const mostLookedUp = 32;

async function versionsOf(
  client: EngineClient,
  targets: readonly ListedTarget[],
): Promise<ReadonlyMap<number, string>> {
  const looked = targets.filter(({ runtime }) => runtime !== "kernel").slice(0, mostLookedUp);
  const pairs = await Promise.all(
    looked.map(async ({ pid }) => {
      const facts = await client.call("targets.facts", { target: { kind: "pid", pid } });
      return [pid, facts?.version ?? ""] as const;
    }),
  );
  return new Map(pairs);
}

export const listCommand: Command = {
  name: "list",
  summary: "list processes and the profiler that suits each",
  usage: ["list [--json] [PATTERN]"],
  flags: [["--json", "print it as JSON"]],
  examples: ["flamewright list", "flamewright list node", "flamewright list --json | jq '.[].pid'"],
  run: async (args, terminal) => {
    const parsed = parseWords(args, { json: { type: "boolean" } });
    const words = parsed.positionals.map((word) => word.toLowerCase());
    return withEngine(terminal, async (client) => {
      const { targets, hidden } = await measuredList(client);
      const shown = targets.filter((target) => {
        const text =
          `${target.pid} ${target.name} ${target.command} ${target.user} ${target.runtime}`.toLowerCase();
        return words.every((word) => text.includes(word));
      });
      const versions = await versionsOf(client, words.length === 0 ? [] : shown);
      if (parsed.values.json) {
        printJson(
          terminal,
          shown.map((target) => targetJson(target, versions)),
        );
        return exitCodes.done;
      }
      const rows = [...shown]
        .sort((a, b) => b.cpuPercent - a.cpuPercent || a.pid - b.pid)
        .map((target) => [
          String(target.pid),
          target.user,
          target.cpuPercent.toFixed(1),
          formatBytes(target.rssBytes),
          String(target.threads),
          [target.runtime, target.runtime === "native" ? "" : (versions.get(target.pid) ?? "")]
            .join(" ")
            .trim(),
          target.profilers.find((profiler) => profiler.recommended)?.id ?? "-",
          target.command || `[${target.name}]`,
        ]);
      const lines = textTable(
        [
          { title: "PID", align: "right" },
          { title: "USER", align: "left" },
          { title: "CPU%", align: "right" },
          { title: "MEMORY", align: "right" },
          { title: "THREADS", align: "right" },
          { title: "RUNTIME", align: "left" },
          { title: "PROFILER", align: "left" },
          { title: "COMMAND", align: "left" },
        ],
        rows,
        terminal.outIsTty ? terminal.columns : undefined,
      );
      terminal.out(`${lines.join("\n")}\n`);
      if (hidden > 0) terminal.err(`${hidden} processes could not be read\n`);
      return exitCodes.done;
    });
  },
};
