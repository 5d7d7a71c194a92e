export type LogLevel = "debug" | "info" | "warn" | "error";

/** Where services write what they do. Hosts decide where it goes; core and engine never touch a console. */
export interface Log {
  write(level: LogLevel, message: string): void;
}

export const silentLog: Log = { write: () => undefined };
