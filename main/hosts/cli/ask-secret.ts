import { openSync, writeSync } from "node:fs";
import { ReadStream } from "node:tty";

/** The terminal to ask on, whatever stdin and stdout are; null where there is none. */
function openTerminal(): number | null {
  try {
    return openSync("/dev/tty", "r+");
  } catch {
    return null;
  }
}

const enter = [0x0a, 0x0d];
const interrupt = 0x03;
const endOfInput = 0x04;
const backspace = [0x08, 0x7f];
const clearLine = 0x15;

/**
 * Asks on the terminal, without an echo. The answer as bytes, for the taker to zero; "cancelled" after Ctrl-C or Ctrl-D;
 * "no-terminal" where nobody can be asked.
 */
export async function askSecret(
  question: string,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | "cancelled" | "no-terminal"> {
  const descriptor = openTerminal();
  if (descriptor === null) return "no-terminal";
  const input = new ReadStream(descriptor);
  let typed: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  const replace = (next: Buffer<ArrayBufferLike>): void => {
    typed.fill(0);
    typed = next;
  };
  try {
    input.setRawMode(true);
    writeSync(descriptor, question);
    return await new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve("cancelled"), { once: true });
      input.on("error", () => resolve("cancelled"));
      input.on("end", () => resolve("cancelled"));
      input.on("data", (chunk: Buffer) => {
        for (const byte of chunk) {
          if (enter.includes(byte)) return resolve(Uint8Array.from(typed));
          if (byte === interrupt || byte === endOfInput) return resolve("cancelled");
          if (byte === clearLine) replace(Buffer.alloc(0));
          else if (backspace.includes(byte)) replace(Buffer.from(typed.subarray(0, -1)));
          else replace(Buffer.concat([typed, Uint8Array.of(byte)]));
        }
        chunk.fill(0);
      });
    });
  } finally {
    typed.fill(0);
    input.setRawMode(false);
    writeSync(descriptor, "\n");
    input.destroy();
  }
}
