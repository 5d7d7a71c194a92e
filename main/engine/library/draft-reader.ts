import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as v from "valibot";
import type { LogLine } from "#core/model/recording.ts";
import type { CounterRow } from "../parts.ts";
import { errnoOf } from "./disk-problem.ts";
import {
  counterRowSchema,
  type DraftHeader,
  draftHeaderSchema,
  draftNames,
  logRowSchema,
  markRowSchema,
} from "./draft-format.ts";
import { isAlive } from "./process-identity.ts";

export type MarkRow = v.InferOutput<typeof markRowSchema>;

/** What lies in a draft's folder. A part that is damaged is missing here, never an exception. */
export interface FoundDraft {
  readonly folder: string;
  /** null: missing or damaged; raw alone has to do. */
  readonly head: DraftHeader | null;
  readonly writerAlive: boolean;
  /** null: nothing had arrived. */
  readonly rawPath: string | null;
  readonly rawBytes: number;
  readonly changedAtMs: number;
}

export async function findDraft(folder: string): Promise<FoundDraft | null> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch {
    return null;
  }
  const head = await readHead(join(folder, draftNames.header));
  const rawName = names.find((name) => name.startsWith(draftNames.rawPrefix)) ?? null;
  const rawPath = rawName === null ? null : join(folder, rawName);
  const facts = await stat(rawPath ?? folder).catch(() => null);
  return {
    folder,
    head,
    writerAlive: head?.owner ? isAlive(head.owner) : false,
    rawPath,
    rawBytes: rawPath && facts ? facts.size : 0,
    changedAtMs: facts ? facts.mtimeMs : 0,
  };
}

async function readHead(path: string): Promise<DraftHeader | null> {
  try {
    const parsed = v.safeParse(draftHeaderSchema, JSON.parse(await readFile(path, "utf8")));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/** The counters in batches, as a push to a profile takes them. Lines that are cut or damaged are left out. */
export async function* readCounters(folder: string): AsyncGenerator<readonly CounterRow[]> {
  let batch: CounterRow[] = [];
  for await (const row of readRows(join(folder, draftNames.counters), counterRowSchema)) {
    batch.push(row);
    if (batch.length === 1000) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

export const readMarks = (folder: string): AsyncGenerator<MarkRow> =>
  readRows(join(folder, draftNames.marks), markRowSchema);

export const readLog = (folder: string): AsyncGenerator<LogLine> =>
  readRows(join(folder, draftNames.log), logRowSchema);

async function* readRows<T>(path: string, schema: v.GenericSchema<unknown, T>): AsyncGenerator<T> {
  const stream = createReadStream(path, "utf8");
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      const row = parseRow(line, schema);
      if (row !== null) yield row;
    }
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  } finally {
    stream.destroy();
  }
}

function parseRow<T>(line: string, schema: v.GenericSchema<unknown, T>): T | null {
  try {
    const parsed = v.safeParse(schema, JSON.parse(line));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
