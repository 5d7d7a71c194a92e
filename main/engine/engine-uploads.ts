import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { mkdir, rm, statfs, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import * as v from "valibot";
import { type Disposable, disposable } from "#core/base/disposable.ts";
import { formatBytes } from "#core/base/numbers.ts";
import { throwProblem } from "#core/base/result.ts";
import type { OpenEntry, User } from "./engine-profiles.ts";
import { type AppendFile, openAppendFile } from "./library/append-file.ts";
import { PRIVATE_FILE, PRIVATE_FOLDER } from "./library/atomic-file.ts";
import { writing } from "./library/disk-problem.ts";
import { identityFileSchema } from "./library/draft-format.ts";
import { identityOf, isAlive } from "./library/process-identity.ts";

/** Files that a page sends: into a private folder, which goes with the profile that is made of them. */
export interface Uploads extends Disposable {
  begin(user: User, name: string, sizeBytes: number): Promise<string>;
  chunk(user: User, uploadId: string, bytes: Uint8Array): Promise<void>;
  /** What has come of it so far. */
  soFar(user: User, uploadId: string): UploadSoFar;
  /** Somebody reads it while it comes, and is told; from then on its folder is the reader's. */
  readBy(user: User, uploadId: string, reader: UploadReader): void;
  /** Nobody waits for it any more. */
  cancel(user: User, uploadId: string): Promise<void>;
  end(user: User, uploadId: string): Promise<Uploaded>;
  /** A connection ended: what it had not finished goes. */
  release(user: User): void;
}

export interface Uploaded {
  readonly path: string;
  readonly name: string;
  readonly folder: Disposable;
  readonly reader: UploadReader | null;
}

export interface UploadSoFar {
  readonly path: string;
  readonly name: string;
  readonly folder: Disposable;
  readonly sizeBytes: number;
  readonly hereBytes: number;
}

export interface UploadReader {
  readonly opened: OpenEntry;
  /** -1: no more comes. */
  arrived(bytes: number): void;
}

interface Upload {
  readonly user: User;
  readonly name: string;
  readonly sizeBytes: number;
  readonly folder: string;
  readonly path: string;
  readonly file: AppendFile;
  reader: UploadReader | null;
}

const folderOf = (folder: string): Disposable =>
  disposable(() => rmSync(folder, { recursive: true, force: true }));

const MAX_UPLOAD_BYTES = 32 * 2 ** 30;
/** Left free for what is being recorded at the same time. */
const KEPT_FREE_BYTES = 256 * 2 ** 20;
const MOST_AT_ONCE = 16;
const ownerFile = "owner.json";

export function createUploads(parent: string): Uploads {
  const own = join(parent, randomUUID());
  const uploads = new Map<string, Upload>();
  let made: Promise<void> | null = null;
  sweep(parent);

  const make = async (): Promise<void> => {
    await mkdir(own, { recursive: true, mode: PRIVATE_FOLDER });
    await writeFile(join(own, ownerFile), JSON.stringify(identityOf(process.pid)), { mode: PRIVATE_FILE });
  };
  const find = (user: User, uploadId: string): Upload => {
    const upload = uploads.get(uploadId);
    if (upload && upload.user === user) return upload;
    return throwProblem("no-such-upload", "There is no such upload.", "Drop the file again.");
  };
  const drop = async (uploadId: string, upload: Upload): Promise<void> => {
    uploads.delete(uploadId);
    upload.reader?.arrived(-1);
    await upload.file.close();
    if (!upload.reader) await rm(upload.folder, { recursive: true, force: true });
  };

  return {
    begin: async (user, name, sizeBytes) => {
      if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0 || sizeBytes > MAX_UPLOAD_BYTES)
        throwProblem(
          "upload-too-large",
          `A file of ${formatBytes(sizeBytes)} cannot be sent: ${formatBytes(MAX_UPLOAD_BYTES)} is the most.`,
          "Copy it to the machine where Flamewright runs and open it there.",
        );
      if (sizeBytes === 0)
        throwProblem("empty-file", `${name} is empty.`, "Record it again; the tool may have been cut short.");
      if (uploads.size >= MOST_AT_ONCE)
        throwProblem("too-many-uploads", "Many files are being sent already.", "Wait until they are there.");
      made ??= writing(own, make);
      await made;
      const { bavail, bsize } = await writing(own, () => statfs(own));
      if (bavail * bsize < sizeBytes + KEPT_FREE_BYTES)
        throwProblem(
          "disk-full",
          `There is no room for ${formatBytes(sizeBytes)} in ${parent}.`,
          "Free some space, and drop the file again.",
        );
      const uploadId = randomUUID();
      const folder = join(own, uploadId);
      const path = join(folder, "upload");
      await writing(folder, () => mkdir(folder, { mode: PRIVATE_FOLDER }));
      const file = await openAppendFile(path, true);
      uploads.set(uploadId, {
        user,
        name: basename(name) || "upload",
        sizeBytes,
        folder,
        path,
        file,
        reader: null,
      });
      return uploadId;
    },
    chunk: async (user, uploadId, bytes) => {
      const upload = find(user, uploadId);
      if (upload.file.sizeBytes + bytes.length > upload.sizeBytes) {
        await drop(uploadId, upload);
        throwProblem("upload-too-large", "More came than was announced.", "Drop the file again.");
      }
      try {
        await upload.file.append(bytes);
        upload.reader?.arrived(upload.file.sizeBytes);
      } catch (error) {
        await drop(uploadId, upload);
        throw error;
      }
    },
    soFar: (user, uploadId) => {
      const { path, name, folder, sizeBytes, file } = find(user, uploadId);
      return { path, name, folder: folderOf(folder), sizeBytes, hereBytes: file.sizeBytes };
    },
    readBy: (user, uploadId, reader) => {
      const upload = find(user, uploadId);
      upload.reader = reader;
      reader.arrived(upload.file.sizeBytes);
    },
    cancel: async (user, uploadId) => {
      await drop(uploadId, find(user, uploadId));
    },
    end: async (user, uploadId) => {
      const upload = find(user, uploadId);
      if (upload.file.sizeBytes !== upload.sizeBytes) {
        await drop(uploadId, upload);
        throwProblem(
          "upload-incomplete",
          `Only ${formatBytes(upload.file.sizeBytes)} of ${formatBytes(upload.sizeBytes)} arrived.`,
          "Drop the file again.",
        );
      }
      uploads.delete(uploadId);
      await upload.file.close();
      const { path, name, folder, reader } = upload;
      return { path, name, folder: folderOf(folder), reader };
    },
    release: (user) => {
      for (const [uploadId, upload] of uploads) if (upload.user === user) void drop(uploadId, upload);
    },
    dispose: () => {
      uploads.clear();
      // At the end of the process there is no later turn to wait for.
      if (made) rmSync(own, { recursive: true, force: true });
    },
  };
}

/** Removes what engines that were killed left behind. */
function sweep(parent: string): void {
  let names: string[];
  try {
    names = readdirSync(parent);
  } catch {
    return;
  }
  for (const name of names) {
    const folder = join(parent, name);
    let owner: unknown = null;
    try {
      owner = JSON.parse(readFileSync(join(folder, ownerFile), "utf8"));
    } catch {
      // A folder is there for an instant without its owner's name.
    }
    const parsed = v.safeParse(identityFileSchema, owner);
    const dead = parsed.success ? !isAlive(parsed.output) : isOld(folder);
    if (dead) rmSync(folder, { recursive: true, force: true });
  }
}

const OLD_MS = 60_000;
const isOld = (folder: string): boolean =>
  Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0) > OLD_MS;
