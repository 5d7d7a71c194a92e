import { toProblem } from "#core/base/result.ts";
import type { RecordingState } from "#core/model/recording.ts";
import { describeProblem, type Terminal } from "./command.ts";
import type { EngineClient } from "./engine-client.ts";
import { visible } from "./text-table.ts";

const interrupt = "\u0003";
const askKey = "a";

/** Asks a running recording for what it offers: at a key where a person types, by the clock with `everyS`. */
export interface Asker {
  /** The newest state of the recording. */
  see(state: RecordingState): void;
  dispose(): void;
}

export function askRecording(
  client: EngineClient,
  recordingId: string,
  terminal: Terminal,
  everyS: number | null,
  json: boolean,
): Asker {
  let clock: NodeJS.Timeout | undefined;
  let listens = false;
  let busy = false;

  const ask = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      const { words, opened } = await client.call("recording.ask", { recordingId });
      const where = opened === null ? "" : `: saved ${opened.path}`;
      if (json) terminal.out(`${JSON.stringify({ asked: words, savedTo: opened?.path ?? "" })}\n`);
      else terminal.err(`${visible(words + where)}\n`);
    } catch (error) {
      terminal.err(describeProblem(toProblem(error)));
    } finally {
      busy = false;
    }
  };
  const typed = (keys: Buffer): void => {
    for (const key of keys.toString("latin1")) {
      // Raw mode takes Ctrl-C from the terminal: it means what it always does.
      if (key === interrupt) process.kill(process.pid, "SIGINT");
      else if (key === askKey) void ask();
    }
  };
  const listen = (on: boolean): void => {
    if (listens === on || !process.stdin.isTTY) return;
    listens = on;
    process.stdin.setRawMode(on);
    if (on) process.stdin.on("data", typed).resume();
    else process.stdin.off("data", typed).pause();
  };
  const end = (): void => {
    clearInterval(clock);
    clock = undefined;
    listen(false);
  };

  return {
    see: ({ phase, ask: offer }) => {
      if (phase !== "recording" || offer === undefined) return end();
      if (everyS !== null) clock ??= setInterval(() => void ask(), everyS * 1000);
      if (terminal.errIsTty && !json && !listens && process.stdin.isTTY)
        terminal.err(`${askKey}: ${offer.title} (${offer.help})\n`);
      if (!json) listen(true);
    },
    dispose: end,
  };
}
