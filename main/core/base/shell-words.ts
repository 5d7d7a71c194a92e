import { fail, ok, type Result } from "./result.ts";

/**
 * A command line as its words, by the rules of a POSIX shell for quoting alone: '…' is literal, "…" knows \\ \" \$
 * and \`, a backslash outside takes the next character as it is. Nothing is expanded and no shell ever runs:
 * |, >, $, * are ordinary characters, and `usesShell` finds them so that the dialog can say so.
 */
export function splitWords(line: string): Result<readonly string[]> {
  const words: string[] = [];
  let word = "";
  let open = false;
  for (let at = 0; at < line.length; at++) {
    const char = line.charAt(at);
    if (char === "'") {
      const end = line.indexOf("'", at + 1);
      if (end < 0) return unfinished("'");
      word += line.slice(at + 1, end);
      open = true;
      at = end;
    } else if (char === '"') {
      const part = quoted(line, at + 1);
      if (!part) return unfinished('"');
      word += part.text;
      open = true;
      at = part.end;
    } else if (char === "\\") {
      if (at + 1 >= line.length) {
        return fail(
          "bad-command",
          "The command ends with a backslash.",
          "Take it away, or write \\\\ for one.",
        );
      }
      at++;
      // A backslash before the end of a line joins the lines.
      if (line.charAt(at) !== "\n") {
        word += line.charAt(at);
        open = true;
      }
    } else if (/\s/.test(char)) {
      if (open) words.push(word);
      word = "";
      open = false;
    } else {
      word += char;
      open = true;
    }
  }
  if (open) words.push(word);
  return ok(words);
}

function quoted(line: string, start: number): { text: string; end: number } | null {
  let text = "";
  for (let at = start; at < line.length; at++) {
    const char = line.charAt(at);
    if (char === '"') return { text, end: at };
    if (char === "\\" && /[\\"$`\n]/.test(line.charAt(at + 1))) {
      at++;
      if (line.charAt(at) !== "\n") text += line.charAt(at);
    } else text += char;
  }
  return null;
}

const unfinished = (quote: string): Result<never> =>
  fail("bad-command", `A ${quote} is never closed.`, `Add the closing ${quote}.`);

/** The words as a line that splits into the same words again. */
export function joinWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");
}

/** A word that would have meant something to a shell, outside of quotes; "" for none. */
export function shellSign(line: string): string {
  const bare = line.replace(/\\.|'[^']*'|"(?:\\.|[^"\\])*"/gs, "");
  return /&&|\|\||[|<>;&*`]|\$[\w({]|(?<=^|\s)~/.exec(bare)?.[0] ?? "";
}
