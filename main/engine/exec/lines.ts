/** Longest line that is kept whole; a tool that prints a gigabyte without a newline is not a reason to hold it. */
const lineLimit = 8192;

/** Cuts a stream of text into lines. CR, and progress that overwrites its line with CR, count as line ends. */
export function createLineSplitter(onLine: (line: string) => void): {
  push(chunk: Uint8Array | string): void;
  end(): void;
} {
  const decoder = new TextDecoder();
  let rest = "";
  const take = (text: string): void => {
    rest += text;
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line.slice(0, lineLimit));
    if (rest.length > lineLimit) {
      onLine(rest.slice(0, lineLimit));
      rest = "";
    }
  };
  return {
    push: (chunk) => take(typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true })),
    end() {
      take(decoder.decode());
      const last = rest.replace(/\r$/, "");
      rest = "";
      if (last !== "") onLine(last);
    },
  };
}

const esc = String.fromCharCode(0x1b);
const bell = String.fromCharCode(0x07);
/** Control sequences, titles, single escapes, then every control character but tab and newline. */
const escapes = new RegExp(
  `${esc}(?:\\[[0-9;?]*[ -/]*[@-~]|\\][^${bell}${esc}]*(?:${bell}|${esc}\\\\)?|[@-_])|(?![\\t\\n])\\p{Cc}`,
  "gu",
);

/** Text of a terminal without colours, cursor movements and titles. */
export const plainText = (line: string): string => line.replaceAll(escapes, "");
