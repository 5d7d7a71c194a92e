import { type Problem, problemOf, toProblem } from "#core/base/result.ts";
import { protocolVersion } from "#core/contract.ts";
import type { Settings } from "#core/model/settings.ts";
import { type ActionContext, told } from "./context.ts";
import type { FileActions } from "./files.ts";
import type { RecordingActions } from "./recordings.ts";

export interface StartupActions {
  /** Greets the engine and follows the lists that are always there. */
  begin(): Promise<void>;
  runDoctor(): Promise<void>;
  setTheme(theme: Settings["theme"]): Promise<void>;
}

const otherVersion: Problem = problemOf(
  "other-version",
  "This page and the engine are of different versions.",
  "Reload; if that does not help, start Flamewright again.",
);

export function startupActions(
  { store, client }: ActionContext,
  files: FileActions,
  recordings: RecordingActions,
): StartupActions {
  const state = store.getState;
  return {
    begin: async () => {
      client.onClose(() =>
        state().disconnected(
          problemOf(
            "disconnected",
            "The connection to the engine was lost.",
            "Reload to connect again. What was being recorded is kept on disk and offered under Sessions.",
          ),
        ),
      );
      try {
        const asked = [client.call("engine.registry", {}), client.call("settings.get", {})] as const;
        // Another version's engine says so to the greeting; whether it knows the others is no news then.
        const [engine] = await Promise.all([
          client.call("engine.hello", { protocol: protocolVersion }),
          Promise.allSettled(asked),
        ]);
        if (engine.protocol !== protocolVersion) return state().disconnected(otherVersion);
        const [registry, settings] = await Promise.all(asked);
        state().setSettings(settings);
        state().greeted(engine, registry);
      } catch (error) {
        return state().disconnected(toProblem(error));
      }
      client.stream(
        "sessions.watch",
        {},
        {
          item: (sessions) => state().setSessions(sessions),
          problem: (problem) => state().setSessionsProblem(problem),
        },
      );
      await Promise.all([files.refreshRecent(), recordings.attachRunning()]);
    },
    runDoctor: async () => {
      state().setDoctor({ ...state().doctor, phase: "running", problem: null });
      try {
        const report = await client.call("engine.doctor", { pid: state().selectedPid });
        state().setDoctor({ phase: "done", report, problem: null });
      } catch (error) {
        state().setDoctor({ phase: "done", report: null, problem: toProblem(error) });
      }
    },
    setTheme: async (theme) => {
      const settings = await told(store, client.call("settings.set", { theme }));
      if (settings) state().setSettings(settings);
    },
  };
}
