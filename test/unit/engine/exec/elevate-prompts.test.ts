import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type AskedPrompt, createPromptReader } from "../../../../main/engine/exec/elevate-prompts.ts";

const token = "flamewright-0123456789ab";

function reading(chunks: readonly string[]): { prompts: readonly AskedPrompt[]; lines: readonly string[] } {
  const prompts: AskedPrompt[] = [];
  const lines: string[] = [];
  const reader = createPromptReader(token, {
    prompt: (asked) => prompts.push(asked),
    line: (text) => lines.push(text),
  });
  for (const chunk of chunks) reader.push(chunk);
  vi.runAllTimers();
  reader.dispose();
  return { prompts, lines };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const ours = { user: "anna", words: "" };

test.each<{
  what: string;
  chunks: readonly string[];
  prompts: readonly AskedPrompt[];
  lines: readonly string[];
}>([
  { what: "our own prompt", chunks: [`${token} anna: `], prompts: [ours], lines: [] },
  {
    what: "in pieces",
    chunks: ["flame", "wright-0123456789ab an", "na:", " "],
    prompts: [ours, ours].slice(0, 1),
    lines: [],
  },
  {
    what: "after the lecture",
    chunks: ["\r\nWe trust you have received\r\n\r\n    #1) Respect.\r\n\r\n", `${token} anna: `],
    prompts: [ours],
    lines: ["We trust you have received", "#1) Respect."],
  },
  {
    what: "asked again, in another language",
    chunks: [
      `${token} anna: `,
      "\r\nDas hat nicht funktioniert, bitte nochmal probieren.\r\n",
      `${token} anna: `,
    ],
    prompts: [ours, ours],
    lines: ["Das hat nicht funktioniert, bitte nochmal probieren."],
  },
  {
    what: "a second factor in words of its own",
    chunks: ["\u001b[1mVerification code: \u001b[0m"],
    prompts: [{ user: "", words: "Verification code:" }],
    lines: [],
  },
  {
    what: "a line that only looks like one",
    chunks: ["Password: nobody asked\r\n"],
    prompts: [],
    lines: ["Password: nobody asked"],
  },
])("prompts: $what", ({ chunks, prompts, lines }) => {
  expect(reading(chunks)).toEqual({ prompts, lines });
});
