import { formatBytes } from "#core/base/numbers.ts";
import { ProblemError } from "#core/base/result.ts";
import type { TargetList } from "#core/contract.ts";
import type { ListedTarget, TargetFacts } from "#core/model/recording.ts";
import { findProfiler } from "#core/profilers/index.ts";
import { type Command, exitCodes, parseWords, printJson } from "../command.ts";
import { type EngineClient, withEngine } from "../engine-client.ts";
import { textTable } from "../text-table.ts";

/** The JSON contract of `list --json`. */
const targetJson = (target: ListedTarget, known: ReadonlyMap<number, Looked>) => ({
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
  runtimeVersion: known.get(target.pid)?.facts?.version ?? "",
  container: target.container,
  /** What the program is, from its files and /proc; null where it was not looked up, or cannot be read. */
  facts: factsJson(known.get(target.pid)?.facts ?? null),
  /** Of one that was looked up with what its program is and what there is on this machine; else by its kind alone. */
  profilers: known.get(target.pid)?.profilers ?? fromList(target),
});

const factsJson = (facts: TargetFacts | null) =>
  facts === null
    ? null
    : {
        language: facts.language,
        version: facts.version,
        executable: facts.executable,
        flags: facts.flags,
        build: facts.build,
        symbols: facts.symbols,
        debugInfo: facts.debugInfo,
        framePointers: facts.framePointers,
        optimised: facts.optimised,
        inspector: facts.inspector,
        listens: facts.listens,
        namespaces: facts.namespaces,
        pidInside: facts.pidInside,
      };

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

/** How much slower the target runs, as a rule. */
const costOf = (id: string): string => findProfiler(id)?.cost ?? "";

const fromList = (target: ListedTarget) =>
  target.profilers.map(({ id, recommended, reason }) => ({ id, recommended, reason, cost: costOf(id) }));

/** Looking into a program takes milliseconds: done for those that a pattern chose. */
const mostLookedUp = 32;

interface Looked {
  readonly facts: TargetFacts | null;
  readonly profilers: ReturnType<typeof fromList>;
}

async function lookUp(
  client: EngineClient,
  targets: readonly ListedTarget[],
): Promise<ReadonlyMap<number, Looked>> {
  const looked = targets.filter(({ runtime }) => runtime !== "kernel").slice(0, mostLookedUp);
  const pairs = await Promise.all(
    looked.map(async ({ pid }) => {
      const target = { kind: "pid", pid } as const;
      const [facts, recipes] = await Promise.all([
        client.call("targets.facts", { target }),
        client.call("targets.recipes", { target }),
      ]);
      const profilers = recipes.map(({ profiler, recommended, reason, cost }) => ({
        id: profiler,
        recommended,
        reason,
        cost: cost || costOf(profiler),
      }));
      return [pid, { facts, profilers }] as const;
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
      const known = await lookUp(client, words.length === 0 ? [] : shown);
      if (parsed.values.json) {
        printJson(
          terminal,
          shown.map((target) => targetJson(target, known)),
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
          [target.runtime, target.runtime === "native" ? "" : (known.get(target.pid)?.facts?.version ?? "")]
            .join(" ")
            .trim(),
          (known.get(target.pid)?.profilers ?? target.profilers).find(({ recommended }) => recommended)?.id ??
            "-",
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
