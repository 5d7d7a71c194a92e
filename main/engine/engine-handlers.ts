import { hostname, platform, release, userInfo } from "node:os";
import { basename, resolve } from "node:path";
import type { Disposable } from "#core/base/disposable.ts";
import type { Log } from "#core/base/log.ts";
import { ProblemError, problemOf, toProblem } from "#core/base/result.ts";
import { HEAD_BYTES } from "#core/bytes/unwrap.ts";
import { type Contract, type EngineInfo, protocolVersion } from "#core/contract.ts";
import { comparisonExporters } from "#core/exporters/comparison/index.ts";
import { exporters } from "#core/exporters/index.ts";
import { importers } from "#core/importers/index.ts";
import type { LogLine } from "#core/model/recording.ts";
import { profilers } from "#core/profilers/index.ts";
import type { Host } from "#core/profilers/profiler.ts";
import type { Handlers, StreamSink } from "#core/rpc/server.ts";
import type { Comparisons } from "./comparisons.ts";
import { type ElevationScripts, withElevation } from "./elevation.ts";
import type { Demo } from "./engine-demo.ts";
import { absolutePath, writeChunks } from "./engine-exports.ts";
import { examine, recipesFor } from "./engine-machine.ts";
import { machineChecks } from "./engine-machine-checks.ts";
import { openedFile, openedProfile, type Profiles, type User, watchProfile } from "./engine-profiles.ts";
import type { Recordings } from "./engine-recordings.ts";
import type { Sessions } from "./engine-sessions.ts";
import type { RecentFiles, SettingsStore } from "./engine-settings.ts";
import type { Uploads } from "./engine-uploads.ts";
import { cancelled, noTerminal } from "./exec/elevate-problems.ts";
import { type Home, makeHome } from "./library/home.ts";
import type { Library } from "./library/library.ts";
import type { OpenedAhead } from "./opened-ahead.ts";
import type { Recording } from "./parts.ts";
import type { ProfileHandle } from "./profile-handle.ts";
import { findOfFolder, findProfiles, isArchive } from "./profile-members.ts";
import { savedLog } from "./profile-save.ts";
import type { Sources } from "./source/index.ts";
import type { Targets } from "./targets/index.ts";

export interface EngineParts {
  readonly version: string;
  readonly remembers: boolean;
  readonly home: Home;
  readonly log: Log;
  readonly host: Host;
  readonly scripts: ElevationScripts;
  readonly targets: Targets;
  readonly library: Library;
  readonly profiles: Profiles;
  readonly ahead: OpenedAhead;
  readonly comparisons: Comparisons;
  readonly recordings: Recordings;
  readonly sessions: Sessions;
  readonly uploads: Uploads;
  readonly settings: SettingsStore;
  readonly sources: Sources;
  readonly recent: RecentFiles;
  readonly demo: Demo;
}

/** The answers to one client. */
export function handlersFor(parts: EngineParts, user: User): Handlers<Contract> {
  const { library, profiles, recordings, uploads, comparisons } = parts;
  return {
    calls: {
      "engine.hello": ({ protocol }) => {
        if (protocol === protocolVersion) return engineInfo(parts);
        throw new ProblemError(
          problemOf(
            "protocol-mismatch",
            `The page speaks protocol ${protocol}, the engine ${protocolVersion}.`,
            "Reload the page; if that does not help, start Flamewright again.",
          ),
        );
      },
      "engine.registry": () => registry,
      "engine.doctor": async ({ pid }) =>
        examine(parts.host, await machineChecks(parts.host, parts.home), pid),
      "targets.facts": ({ target }) => parts.host.facts(target),
      "targets.recipes": async ({ target }) =>
        withElevation(parts.host, parts.scripts, target, await recipesFor(parts.host, target)),
      "targets.demo": () => parts.demo.start(),

      "recording.start": async ({ request }) => {
        // Before anything is started: where nothing can be kept, nothing is recorded.
        await makeHome(parts.home);
        const output = request.output === "" ? "" : absolutePath(request.output);
        const { recordingId } = recordings.start({ ...request, output });
        return { recordingId };
      },
      "recording.stop": ({ recordingId }) => recordings.find(recordingId).stop(),
      "recording.mark": async ({ recordingId, name }) => {
        await recordings.find(recordingId).mark(name);
        return null;
      },
      "recording.ask": async ({ recordingId }) => {
        const { words, kept } = await recordings.find(recordingId).ask();
        return { words, opened: kept && openedProfile(profiles.use(user, kept.profileId)) };
      },
      "recording.list": () => recordings.list(),

      "recordings.answerPrompt": ({ promptId, secret }) => {
        recordings.asking(promptId).answer(promptId, secret);
        return null;
      },
      "recordings.cancelPrompt": ({ promptId, why }) => {
        recordings.asking(promptId).cancel(why === "no-terminal" ? noTerminal : cancelled);
        return null;
      },

      "profile.open": async ({ path, member }) => {
        const from = resolve(path);
        // Here, so that a wrong path fails the call rather than a profile that opened.
        const entries =
          (member === "" ? await parts.ahead.take(user, from) : null) ??
          profiles.openFound(user, await findProfiles(from, member), null);
        const handle = entries[0]?.handle;
        if (parts.remembers && handle) rememberWhenRead(parts, handle, from, basename(from));
        return openedFile(entries);
      },
      "profile.uploadBegin": async ({ name, sizeBytes }) => ({
        uploadId: await uploads.begin(user, name, sizeBytes),
      }),
      "profile.uploadChunk": async ({ uploadId, bytes }) => {
        await uploads.chunk(user, uploadId, bytes);
        return null;
      },
      "profile.uploadOpen": async ({ uploadId }) => {
        const { path, name, folder, sizeBytes, hereBytes } = uploads.soFar(user, uploadId);
        if (hereBytes < Math.min(sizeBytes, HEAD_BYTES) || (await isArchive(path))) return null;
        const entry = profiles.openArriving(user, path, name, folder, sizeBytes);
        uploads.readBy(user, uploadId, { opened: entry, arrived: entry.handle.arrived });
        return openedFile([entry]);
      },
      "profile.uploadCancel": async ({ uploadId }) => {
        await uploads.cancel(user, uploadId);
        return null;
      },
      "profile.uploadEnd": async ({ uploadId, isOfFolder }) => {
        const { path, name, folder, reader } = await uploads.end(user, uploadId);
        if (reader) return openedFile([reader.opened]);
        const found = await (isOfFolder ? findOfFolder(path, name) : findProfiles(path, "")).catch(
          (error: unknown) => {
            folder.dispose();
            throw error;
          },
        );
        const named = found.map((each) => (each.member === "" ? { ...each, title: name } : each));
        return openedFile(profiles.openFound(user, named, folder));
      },
      "profile.query": async ({ profileId, query }, signal) =>
        (await profiles.use(user, profileId).handle.answer(query, signal)).table,
      "source.text": ({ profileId, query }, signal) =>
        parts.sources.text(profiles.use(user, profileId).handle, query, signal),
      "source.assembly": ({ profileId, query }, signal) =>
        parts.sources.assembly(profiles.use(user, profileId).handle, query, signal),
      "source.openInEditor": async ({ profileId, query, line }, signal) => {
        await parts.sources.openInEditor(profiles.use(user, profileId).handle, query, line, signal);
        return null;
      },
      "profile.cancelImport": async ({ profileId }) => {
        await profiles.use(user, profileId).handle.cancelImport();
        return null;
      },
      "profile.close": ({ profileId }) => {
        profiles.close(user, profileId);
        return null;
      },
      "profile.exportToFile": async ({ profileId, path, ...order }, signal) => {
        const { handle } = profiles.use(user, profileId);
        return {
          sizeBytes: await writeChunks(path, (write, until) => handle.export(order, write, until), signal),
        };
      },
      "heap.diff": async ({ before, after, filter }) => {
        const objects = await profiles.use(user, before).handle.heapObjects();
        return profiles.use(user, after).handle.heapDiff(objects, filter);
      },
      "compare.query": ({ comparison, query }) => comparisons.answer(user, comparison, query),
      "compare.exportToFile": async ({ comparison, path, ...order }, signal) => ({
        sizeBytes: await writeChunks(
          path,
          (write, until) => comparisons.export(user, comparison, order, write, until),
          signal,
        ),
      }),
      "profile.log": ({ profileId }) => savedLog(profiles.use(user, profileId).path),
      "profile.save": async ({ profileId, path }) => {
        const { handle, path: from, member } = profiles.use(user, profileId);
        const to = absolutePath(path);
        const { sizeBytes } = await handle.save({
          path: to,
          from: member === "" ? from : "",
          ...recordings.originOf(profileId),
        });
        library.changed();
        return { path: to, sizeBytes };
      },

      "sessions.open": async ({ sessionId }) => {
        const entry = await parts.sessions.open(user, sessionId);
        entry.users.add(user);
        return openedProfile(entry);
      },
      "sessions.delete": async ({ sessionId }) => {
        await library.delete(sessionId);
        return null;
      },
      "recent.list": () => parts.recent.list(),
      "settings.get": () => parts.settings.read(),
      "settings.set": (patch) => parts.settings.change(patch),
    },
    streams: {
      "targets.watch": (_, sink) => untilAborted(sink, (send) => parts.targets.watch(send)),
      "sessions.watch": (_, sink) => untilAborted(sink, (send) => library.watch(send)),
      "recordings.prompts": (_, sink) =>
        untilAborted(sink, (send) => {
          const tell = (): void => send(recordings.prompts());
          tell();
          return recordings.onPrompts(tell);
        }),
      "recording.watch": async ({ recordingId }, sink) => {
        const recording = recordings.find(recordingId);
        const changes = recording.onState((state) => void sink.send(state));
        void sink.send(recording.state);
        await Promise.race([recording.finished, aborted(sink.signal)]);
        changes.dispose();
        void sink.send(recording.state);
      },
      "recording.log": ({ recordingId }, sink) => followLog(recordings.find(recordingId), sink),
      "profile.watch": ({ profileId, query }, sink) =>
        watchProfile(profiles.use(user, profileId).handle, query, sink),
      "compare.watch": ({ comparison, query }, sink) => comparisons.watch(user, comparison, query, sink),
      "compare.export": ({ comparison, ...order }, sink) =>
        comparisons.export(user, comparison, order, (chunk) => sink.send(chunk), sink.signal),
      "profile.export": ({ profileId, ...order }, sink) =>
        profiles.use(user, profileId).handle.export(order, (chunk) => sink.send(chunk), sink.signal),
    },
  };
}

function engineInfo({ version, home }: EngineParts): EngineInfo {
  const { username, uid } = userInfo();
  return {
    protocol: protocolVersion,
    version,
    host: hostname(),
    kernel: release(),
    user: username,
    uid,
    platform: platform(),
    sessionFolder: home.sessions,
  };
}

const registry = {
  profilers: profilers.map(({ id, title, summary, kinds, targets, options }) => ({
    id,
    title,
    summary,
    kinds,
    targets,
    options,
  })),
  formats: importers.map(({ id, title, extensions }) => ({ id, title, extensions })),
  exporters: exporters.map(({ id, title, purpose, extension, mimeType, options = [], panels = [] }) => ({
    id,
    title,
    purpose,
    extension,
    mimeType,
    options,
    panels,
  })),
  comparisonExporters: comparisonExporters.map(
    ({ id, title, purpose, extension, mimeType, panels = [] }) => ({
      id,
      title,
      purpose,
      extension,
      mimeType,
      options: [],
      panels,
    }),
  ),
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

async function untilAborted<T>(
  sink: StreamSink<T>,
  watch: (send: (item: T) => void) => Disposable,
): Promise<void> {
  const watching = watch((item) => void sink.send(item));
  await aborted(sink.signal);
  watching.dispose();
}

/** Everything that was logged so far, then what comes, until the recording is over. */
async function followLog(recording: Recording, sink: StreamSink<readonly LogLine[]>): Promise<void> {
  let waiting: LogLine[] = [...recording.logged];
  let wake = (): void => undefined;
  const lines = recording.onLog((more) => {
    waiting.push(...more);
    wake();
  });
  let over = false;
  void recording.finished.then(() => {
    // The log's last batch comes a turn after the line that was written.
    setImmediate(() => {
      over = true;
      wake();
    });
  });
  sink.signal.addEventListener("abort", () => wake(), { once: true });
  try {
    while (!sink.signal.aborted) {
      const batch = waiting;
      waiting = [];
      if (batch.length > 0) await sink.send(batch);
      else if (over) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    lines.dispose();
  }
}

/** Only what could be read is worth remembering. */
function rememberWhenRead(parts: EngineParts, handle: ProfileHandle, path: string, title: string): void {
  const remember = (): void => {
    parts.recent.add(path, title).catch((error: unknown) => {
      parts.log.write("warn", `the recent files could not be written: ${toProblem(error).message}`);
    });
  };
  if (handle.state.phase === "ready") {
    remember();
    return;
  }
  const changes = handle.onState(({ phase }) => {
    if (phase !== "ready" && phase !== "failed") return;
    changes.dispose();
    if (phase === "ready") remember();
  });
}
