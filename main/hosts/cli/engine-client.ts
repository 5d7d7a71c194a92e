import type { Log } from "#core/base/log.ts";
import { ProblemError } from "#core/base/result.ts";
import { type Contract, contract, type OpenedProfile, protocolVersion } from "#core/contract.ts";
import { severalProfiles } from "#core/importers/index.ts";
import type { QueryInput } from "#core/model/query.ts";
import type { TableOf } from "#core/model/tables.ts";
import { type Client, createClient } from "#core/rpc/client.ts";
import { portPair } from "#core/rpc/port.ts";
import { createEngine } from "#engine/engine.ts";
import type { Terminal } from "./command.ts";
import { version } from "./version.ts";

export type EngineClient = Client<Contract>;

/** Only what a person should know: results and progress have their own words. */
export const terminalLog = (terminal: Terminal): Log => ({
  write: (level, message) => {
    if (level === "warn" || level === "error") terminal.err(`flamewright: ${message}\n`);
  },
});

/** Runs `work` with an engine of this process's own, and ends the engine afterwards whatever happens. */
export async function withEngine<T>(
  terminal: Terminal,
  work: (client: EngineClient) => Promise<T>,
): Promise<T> {
  const engine = await createEngine({ version, log: terminalLog(terminal), remembers: false });
  const [near, far] = portPair();
  engine.connect(far);
  const client = createClient(near, contract);
  try {
    await client.call("engine.hello", { protocol: protocolVersion });
    return await work(client);
  } finally {
    client.close();
    await engine.shutdown();
  }
}

/**
 * Opens a file and waits until it is read, with progress on a terminal. Throws the import's Problem, and
 * "several-profiles" for a folder or an archive that has more than one, unless `member` says which.
 */
export async function openFile(
  client: EngineClient,
  path: string,
  terminal: Terminal,
  member = "",
): Promise<OpenedProfile> {
  const [first, ...others] = await openFiles(client, path, member);
  if (first === undefined || others.length > 0)
    severalProfiles([first, ...others].flatMap((each) => (each ? [each.title] : [])));
  await untilRead(client, first, terminal);
  return first;
}

/** Opens a file, or each profile of a folder or an archive, without waiting. */
export async function openFiles(
  client: EngineClient,
  path: string,
  member: string,
): Promise<readonly OpenedProfile[]> {
  const opened = await client.call("profile.open", { path, member });
  return [opened, ...opened.others];
}

/** Waits until a profile is read. Throws the import's Problem. */
export async function untilRead(
  client: EngineClient,
  opened: OpenedProfile,
  terminal: Terminal,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let drawn = false;
    const clear = (): void => {
      if (drawn) terminal.err("\r\u001b[K");
    };
    const interrupt = terminal.onInterrupt(() => {
      client.call("profile.cancelImport", { profileId: opened.profileId }).catch(reject);
    });
    const settle = (finish: () => void): void => {
      clear();
      interrupt.dispose();
      watching.dispose();
      finish();
    };
    const watching = client.stream(
      "profile.watch",
      { profileId: opened.profileId, query: { view: "info" } },
      {
        item: ({ state }) => {
          if (state.problem && state.phase === "failed") {
            const { problem } = state;
            settle(() => reject(new ProblemError(problem)));
          } else if (state.phase === "ready") settle(resolve);
          else if (terminal.errIsTty && state.progress >= 0) {
            drawn = true;
            terminal.err(`\r${progressBar(state.progress)}`);
          }
        },
        problem: (problem) => settle(() => reject(new ProblemError(problem))),
      },
    );
  });
}

const progressBar = (share: number): string => {
  const filled = Math.round(share * 30);
  return `reading [${"#".repeat(filled)}${".".repeat(30 - filled)}] ${String(Math.round(share * 100)).padStart(3)} %`;
};

/** One query, with the table's type following from the view that was asked for. */
export async function ask<Q extends QueryInput>(
  client: EngineClient,
  profileId: string,
  query: Q,
): Promise<TableOf<Q["view"]>> {
  return (await client.call("profile.query", { profileId, query })) as TableOf<Q["view"]>;
}
