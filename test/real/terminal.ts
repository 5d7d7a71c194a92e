import { type IPty, spawn } from "node-pty";

/** A command in a terminal, driven as a person would. */
export interface TerminalSession {
  readonly pid: number;
  readonly text: () => string;
  /** Resolves when what was printed since the last answer shows it. */
  shows(pattern: RegExp): Promise<string>;
  type(text: string): void;
  readonly ended: Promise<{ readonly code: number; readonly text: string }>;
}

export function inTerminal(argv: readonly string[], cwd: string): TerminalSession {
  const [program = "", ...args] = argv;
  const terminal: IPty = spawn(program, [...args], { name: "dumb", cols: 200, rows: 50, cwd });
  let text = "";
  let seen = 0;
  let over = false;
  const watchers = new Set<() => void>();
  const changed = (): void => {
    for (const watcher of [...watchers]) watcher();
  };
  terminal.onData((data) => {
    text += data;
    changed();
  });
  const ended = new Promise<{ code: number; text: string }>((resolve) => {
    terminal.onExit(({ exitCode }) => {
      over = true;
      changed();
      resolve({ code: exitCode, text });
    });
  });
  return {
    pid: terminal.pid,
    text: () => text,
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(text.slice(seen))) {
            watchers.delete(look);
            resolve(text);
          } else if (over) {
            watchers.delete(look);
            reject(new Error(`it ended without showing ${pattern}:\n${text}`));
          }
        };
        watchers.add(look);
        look();
      }),
    type(typed) {
      seen = text.length;
      terminal.write(typed);
    },
    ended,
  };
}
