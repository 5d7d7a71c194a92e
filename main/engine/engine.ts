import { type Disposable, disposable } from "#core/base/disposable.ts";
import { type Log, silentLog } from "#core/base/log.ts";
import { toProblem } from "#core/base/result.ts";
import { type Contract, contract } from "#core/contract.ts";
import { chooseLook, type Look, lookOf } from "#core/model/look.ts";
import type { Port } from "#core/rpc/port.ts";
import { type Handlers, serve } from "#core/rpc/server.ts";
import { createComparisons } from "./comparisons.ts";
import { createDemo } from "./engine-demo.ts";
import { type EngineParts, handlersFor } from "./engine-handlers.ts";
import { nativeScript } from "./engine-paths.ts";
import { createProfiles, type User } from "./engine-profiles.ts";
import { createRecordings } from "./engine-recordings.ts";
import { createSessions } from "./engine-sessions.ts";
import { createRecentFiles, createSettings } from "./engine-settings.ts";
import { createUploads } from "./engine-uploads.ts";
import { createHost } from "./host.ts";
import { homeAt, homeFolder, makeHome } from "./library/home.ts";
import { createLibrary } from "./library/library.ts";
import { createOpenedAhead } from "./opened-ahead.ts";
import { bundledWorkerFile } from "./profile-handle.ts";
import { createSources } from "./source/index.ts";
import { createThreads } from "./spare-thread.ts";
import { symbolEnvironment } from "./symbols/places.ts";
import { createTargets } from "./targets/index.ts";

export interface EngineOptions {
  readonly version: string;
  readonly log?: Log;
  /** Folder of sessions and settings; what the environment says where left out. */
  readonly home?: string;
  /** false: what is opened does not become a recent file. */
  readonly remembers?: boolean;
  /** The workbench: a thread for the next profile is kept ready. Not where one profile is read and the process ends. */
  readonly keepsSpare?: boolean;
  /** Bundle of profile-worker.ts; the one beside this file's own bundle where left out. */
  readonly workerFile?: string;
}

export interface Engine {
  readonly homeFolder: string;
  /** Serves one client until its port closes or the result is disposed of. */
  connect(port: Port): Disposable;
  /** Begins to read what a page will ask for that is not there yet. */
  openAhead(path: string): void;
  /** Stops and saves what is being recorded, and ends everything that was started. Safe to call again. */
  shutdown(): Promise<void>;
}

/** Recordings have so long to end gracefully; then what had arrived is on disk, for recovery. */
const SHUTDOWN_MS = 12_000;

/** The one place where the parts of the engine are joined. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const log = options.log ?? silentLog;
  const own = homeAt(options.home ?? homeFolder(process.env));
  const settings = createSettings(own, log);
  let chosen = await settings.read();
  const look = (): Look => lookOf(chosen);
  chooseLook(look());
  const home = { ...own, sessions: chosen.sessionFolder || own.sessions };
  const library = createLibrary(home, log);
  try {
    await makeHome(home);
    await library.sweep();
  } catch (error) {
    // Files can be looked at all the same; a recording will be refused with this problem.
    log.write("warn", toProblem(error).message);
  }
  const targets = createTargets();
  const host = createHost({ targets, sessionFolder: home.sessions });
  const workerFile = options.workerFile ?? bundledWorkerFile();
  const threads = createThreads(workerFile, () => symbolEnvironment(chosen), options.keepsSpare ?? false);
  const profiles = createProfiles(threads, undefined, look);
  settings.onChange((next) => {
    chosen = next;
    chooseLook(look());
    profiles.looksOtherwise();
  });
  const recordings = createRecordings(
    { host, targets, holdScript: nativeScript("hold-and-exec.sh") },
    library,
    profiles,
    log,
  );
  const parts: EngineParts = {
    version: options.version,
    remembers: options.remembers ?? true,
    home,
    log,
    host,
    scripts: { helper: nativeScript("flamewright-elevate") },
    targets,
    library,
    profiles,
    ahead: createOpenedAhead(profiles),
    comparisons: createComparisons(profiles, workerFile, look),
    recordings,
    sessions: createSessions(library, recordings, profiles, log),
    uploads: createUploads(home.uploads),
    settings,
    sources: createSources(host, settings),
    recent: createRecentFiles(home, log),
    demo: createDemo(nativeScript("demo/demo.mjs"), host),
  };

  const connections = new Set<Disposable>();
  let ending: Promise<void> | null = null;

  const end = async (): Promise<void> => {
    await recordings.stopAll(SHUTDOWN_MS);
    for (const connection of [...connections]) connection.dispose();
    parts.demo.dispose();
    parts.comparisons.dispose();
    profiles.dispose();
    parts.uploads.dispose();
    library.dispose();
    targets.dispose();
  };

  return {
    homeFolder: home.folder,
    openAhead: parts.ahead.open,
    connect: (port) => {
      const user: User = {};
      const handlers: Handlers<Contract> = handlersFor(parts, user);
      const serving = serve(port, contract, handlers);
      const connection = disposable(() => {
        connections.delete(connection);
        serving.dispose();
        profiles.release(user);
        parts.uploads.release(user);
      });
      connections.add(connection);
      port.onClose(() => connection.dispose());
      return connection;
    },
    shutdown: () => {
      ending ??= end();
      return ending;
    },
  };
}
