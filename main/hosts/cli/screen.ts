import type { Terminal } from "./command.ts";

const ENTER_SCREEN = "\u001b[?1049h\u001b[?25l";
const LEAVE_SCREEN = "\u001b[?25h\u001b[?1049l";

/** A screen of its own that is redrawn in place and goes away without a trace; nothing where there is no terminal. */
export function openScreen(terminal: Terminal): { draw(lines: readonly string[]): void; close(): void } {
  if (!terminal.outIsTty) return { draw: () => undefined, close: () => undefined };
  terminal.out(ENTER_SCREEN);
  let open = true;
  const close = (): void => {
    if (open) terminal.out(LEAVE_SCREEN);
    open = false;
  };
  // Also where the process ends at once: the shell must get its cursor back.
  process.once("exit", close);
  return {
    draw: (lines) => {
      const shown = lines.slice(0, terminal.rows - 1);
      terminal.out(`\u001b[H${shown.map((line) => `${line}\u001b[K\n`).join("")}\u001b[J`);
    },
    close,
  };
}
