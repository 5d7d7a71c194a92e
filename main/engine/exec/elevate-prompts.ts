import { plainText } from "./lines.ts";

export interface AskedPrompt {
  /** Whose password; "" for a prompt in the machine's own words. */
  readonly user: string;
  /** The machine's own words; "" for ours. */
  readonly words: string;
}

/** A line that stands unfinished for so long waits for an answer: a second factor asks in words of its own. */
const quietMs = 700;
const wordsLimit = 300;

/**
 * Tells prompts from everything else that a terminal shows. sudo is given a prompt of our own that nothing else would
 * print, so that no language matters; what PAM asks in its own words is taken once the terminal falls silent.
 */
export function createPromptReader(
  token: string,
  events: { prompt(asked: AskedPrompt): void; line(text: string): void },
): { push(text: string): void; dispose(): void } {
  const own = new RegExp(`${token} (\\S*):\\s*$`);
  let rest = "";
  let timer: NodeJS.Timeout | undefined;
  return {
    push(text) {
      clearTimeout(timer);
      const lines = (rest + text).split(/\r\n|\n|\r/);
      rest = (lines.pop() ?? "").slice(-4096);
      for (const line of lines) {
        const plain = plainText(line).trim();
        if (plain !== "" && !plain.includes(token)) events.line(plain);
      }
      const asked = own.exec(rest);
      if (asked !== null) {
        rest = "";
        events.prompt({ user: asked[1] ?? "", words: "" });
      } else if (plainText(rest).trim() !== "") {
        timer = setTimeout(() => {
          const words = plainText(rest).trim().slice(0, wordsLimit);
          rest = "";
          events.prompt({ user: "", words });
        }, quietMs);
      }
    },
    dispose: () => clearTimeout(timer),
  };
}
