import { readFile, rename } from "node:fs/promises";
import * as v from "valibot";
import type { Log } from "#core/base/log.ts";
import { writeTextAtomically } from "./atomic-file.ts";
import { errnoOf } from "./disk-problem.ts";

/** One small JSON file, validated as it is read. */
export interface JsonStore<T> {
  read(): Promise<T>;
  /** Reads, changes and writes, one after the other. */
  change(make: (current: T) => T): Promise<T>;
}

export function jsonStore<T>(
  path: string,
  schema: v.GenericSchema<unknown, T>,
  defaults: T,
  log: Log,
): JsonStore<T> {
  let queue: Promise<unknown> = Promise.resolve();

  const setAside = async (why: string): Promise<void> => {
    const aside = `${path}.broken-${Date.now()}`;
    await rename(path, aside);
    log.write("warn", `${path} could not be used (${why}); it was set aside as ${aside}, defaults are used`);
  };

  const read = async (): Promise<T> => {
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") log.write("warn", `${path} could not be read: ${String(error)}`);
      return defaults;
    }
    try {
      return v.parse(schema, JSON.parse(text));
    } catch (error) {
      await setAside(error instanceof Error ? error.message : String(error)).catch((failure: unknown) =>
        log.write("warn", `${path} is broken and could not be set aside: ${String(failure)}`),
      );
      return defaults;
    }
  };

  const inTurn = <R>(work: () => Promise<R>): Promise<R> => {
    const result = queue.then(work, work);
    queue = result.catch(() => undefined);
    return result;
  };

  return {
    read: () => inTurn(read),
    change: (make) =>
      inTurn(async () => {
        const next = make(await read());
        await writeTextAtomically(path, `${JSON.stringify(next, null, 2)}\n`);
        return next;
      }),
  };
}
