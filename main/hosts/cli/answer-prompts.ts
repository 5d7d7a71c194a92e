import { toProblem } from "#core/base/result.ts";
import type { AuthorisationPrompt } from "#core/model/recording.ts";
import { askSecret } from "./ask-secret.ts";
import type { Terminal } from "./command.ts";
import type { EngineClient } from "./engine-client.ts";
import { visible } from "./text-table.ts";

/** Asks the person at the terminal whatever sudo asks for this recording, until disposed of. */
export function answerPrompts(
  client: EngineClient,
  recordingId: string,
  terminal: Terminal,
): { dispose(): void } {
  let asking: { readonly promptId: string; readonly stop: AbortController } | null = null;

  const ask = async (prompt: AuthorisationPrompt, stop: AbortController): Promise<void> => {
    const { promptId } = prompt;
    terminal.err(`${prompt.again ? again(prompt) : introduction(prompt)}\n`);
    const answer = await askSecret(`${visible(prompt.words)}: `, stop.signal);
    if (stop.signal.aborted) return;
    if (answer === "cancelled" || answer === "no-terminal") {
      await client.call("recordings.cancelPrompt", { promptId, why: answer });
    } else {
      try {
        await client.call("recordings.answerPrompt", { promptId, secret: answer });
      } finally {
        answer.fill(0);
      }
    }
  };

  const watching = client.stream(
    "recordings.prompts",
    {},
    {
      item: (prompts) => {
        const prompt = prompts.find((each) => each.recordingId === recordingId);
        if (asking !== null && asking.promptId !== prompt?.promptId) {
          asking.stop.abort();
          asking = null;
        }
        if (prompt === undefined || asking !== null) return;
        asking = { promptId: prompt.promptId, stop: new AbortController() };
        ask(prompt, asking.stop).catch((error: unknown) => {
          terminal.err(`flamewright: ${toProblem(error).message}\n`);
        });
      },
    },
  );
  return {
    dispose() {
      asking?.stop.abort();
      watching.dispose();
    },
  };
}

const introduction = ({ command, why, warnings }: AuthorisationPrompt): string =>
  [
    "This needs root's rights:",
    `  ${visible(command)}`,
    `because: ${visible(why)}`,
    ...warnings.map((warning) => `note: ${visible(warning)}`),
  ].join("\n");

const again = ({ triesLeft }: AuthorisationPrompt): string =>
  `That was not accepted. ${triesLeft === 1 ? "One try is left." : `${triesLeft} tries are left.`}`;
