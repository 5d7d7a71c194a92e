import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { CounterRow, RecordingHeader, SessionDraft } from "../parts.ts";
import { type AppendFile, openAppendFile } from "./append-file.ts";
import { PRIVATE_FOLDER, writeTextAtomically } from "./atomic-file.ts";
import { writing } from "./disk-problem.ts";
import { type DraftHeader, draftFolder, draftHeaderVersion, draftNames } from "./draft-format.ts";
import { identityOf } from "./process-identity.ts";

/** A draft as the engine holds it: the recorder's view, and its end. */
export interface OwnedDraft extends SessionDraft {
  readonly header: RecordingHeader;
  readonly rawPath: string;
  readonly startedAtMs: number;
  rawBytes(): number;
  close(): Promise<void>;
  /** Closes the files and gives the folder up: it is listed as interrupted, and can be recovered. */
  abandon(): Promise<void>;
  /** Closes and deletes: only when the session is safe elsewhere. */
  remove(): Promise<void>;
}

const line = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`, "utf8");

/**
 * The folder appears under its name only with its header in it, so that nobody ever sees a draft without an owner.
 */
export async function createDraft(sessions: string, header: RecordingHeader): Promise<OwnedDraft> {
  const folder = draftFolder(sessions, header.sessionId);
  const unborn = join(sessions, `.${header.sessionId}.unborn`);
  const owner = identityOf(header.workbenchPid);
  const whole: DraftHeader = { version: draftHeaderVersion, owner, header };
  await writing(folder, async () => {
    await mkdir(unborn, { mode: PRIVATE_FOLDER });
    try {
      await writeHeader(unborn, whole);
      await rename(unborn, folder);
    } catch (error) {
      await rm(unborn, { recursive: true, force: true });
      throw error;
    }
  });

  const rawPath = join(folder, draftNames.raw(header.plan.rawExtension));
  const opened: AppendFile[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((file) => file.close()));
  };
  const openOne = async (path: string, keepPart: boolean): Promise<AppendFile> => {
    try {
      const file = await openAppendFile(path, keepPart);
      opened.push(file);
      return file;
    } catch (error) {
      await close();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  };
  const raw = await openOne(rawPath, true);
  const counters = await openOne(join(folder, draftNames.counters), false);
  const marks = await openOne(join(folder, draftNames.marks), false);
  const log = await openOne(join(folder, draftNames.log), false);

  return {
    sessionId: header.sessionId,
    folder,
    header,
    rawPath,
    startedAtMs: header.startedAtMs,
    rawBytes: () => raw.sizeBytes,
    raw: (bytes) => raw.append(bytes),
    counters: (rows) => counters.append(lines(rows)),
    mark: (timeNs, name, kind) => marks.append(line({ timeNs, name, ...kind })),
    log: (entry) => log.append(line(entry)),
    close,
    abandon: async () => {
      await close();
      await writeHeader(folder, { ...whole, owner: null });
    },
    remove: async () => {
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const writeHeader = (folder: string, head: DraftHeader): Promise<number> =>
  writeTextAtomically(join(folder, draftNames.header), `${JSON.stringify(head, null, 2)}\n`);

const lines = (rows: readonly CounterRow[]): Uint8Array =>
  Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(""), "utf8");
