import { Worker } from "node:worker_threads";
import { type Disposable, disposable } from "#core/base/disposable.ts";
import { workerOptions } from "./profile-handle.ts";

/** Threads of profiles, one of which is ready before it is asked for: whoever opens a file need not wait for it. */
export interface ProfileThreads extends Disposable {
  take(): Worker;
}

/** The workbench itself starts first, and what was opened is read first: a thread takes a tenth of a second to start. */
const AFTER_MS = 1_500;

/** `keepsSpare`: false where one profile is read and the process ends, as on the command line. */
export function createThreads(
  workerFile: string,
  environment: () => Readonly<Record<string, string>>,
  keepsSpare: boolean,
): ProfileThreads {
  let spare: { readonly worker: Worker; readonly environment: string; readonly drop: () => void } | null =
    null;
  let timer: NodeJS.Timeout | null = null;

  const start = (env: Readonly<Record<string, string>>): Worker =>
    new Worker(workerFile, workerOptions("profile", undefined, env));
  const prepare = (): void => {
    const env = environment();
    const worker = start(env);
    // It holds up nobody's end. One that dies before it is needed is not missed: the next profile starts its own.
    worker.unref();
    const forget = (): void => {
      if (spare?.worker === worker) spare = null;
    };
    worker.once("error", forget);
    worker.once("exit", forget);
    const drop = (): void => {
      worker.off("error", forget);
      worker.off("exit", forget);
    };
    spare = { worker, environment: JSON.stringify(env), drop };
  };
  const later = (): void => {
    if (!keepsSpare) return;
    if (timer) clearTimeout(timer);
    timer = setTimeout(() => {
      if (spare === null) prepare();
    }, AFTER_MS).unref();
  };

  later();
  return {
    take: () => {
      const env = environment();
      const ready = spare;
      spare = null;
      later();
      if (ready === null) return start(env);
      if (ready.environment !== JSON.stringify(env)) {
        // Settings are other ones by now.
        void ready.worker.terminate();
        return start(env);
      }
      ready.drop();
      ready.worker.ref();
      return ready.worker;
    },
    ...disposable(() => {
      if (timer) clearTimeout(timer);
      void spare?.worker.terminate();
      spare = null;
    }),
  };
}
