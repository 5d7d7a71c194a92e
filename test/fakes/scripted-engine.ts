import { ProblemError, problemOf } from "#core/base/result.ts";
import { type Contract, contract, protocolVersion } from "#core/contract.ts";
import { defaultSettings, readSettings } from "#core/model/settings.ts";
import { type Client, createClient } from "#core/rpc/client.ts";
import type { StreamItem, StreamName } from "#core/rpc/define.ts";
import { portPair } from "#core/rpc/port.ts";
import { type Handlers, type StreamSink, serve } from "#core/rpc/server.ts";
import type { Shell } from "../../renderer/app/shell.ts";

type Calls = Handlers<Contract>["calls"];

/** A stream that a page has open. */
export interface OpenStream {
  readonly name: string;
  readonly params: unknown;
  send(item: unknown): void;
  fail(code: string): void;
  readonly closed: boolean;
}

export interface ScriptedEngine {
  readonly client: Client<Contract>;
  /** Every call, in order. */
  readonly calls: readonly { readonly method: string; readonly params: unknown }[];
  /** Every stream that was ever opened, in order. */
  readonly streams: readonly OpenStream[];
  /** Those that are open now, by name. */
  open(name: StreamName<Contract>): readonly OpenStream[];
  /** The connection breaks. */
  disconnect(): void;
  /** Resolves when everything that was sent has arrived. */
  settled(): Promise<void>;
}

const standard: Partial<Calls> = {
  "engine.hello": () => ({
    protocol: protocolVersion,
    version: "0.0.0",
    host: "box",
    kernel: "Linux 6.1",
    user: "ada",
    uid: 1000,
    platform: "linux",
    sessionFolder: "/home/ada/sessions",
  }),
  "engine.registry": () => ({ profilers: [], formats: [], exporters: [], comparisonExporters: [] }),
  "settings.get": () => defaultSettings,
  "settings.set": (patch) => readSettings({ ...defaultSettings, welcomed: true, ...patch }).settings,
  "recent.list": () => [],
  "recording.list": () => [],
  "profile.close": () => null,
  "profile.log": () => [],
};

/** An engine that answers what the test says, over a real port, client and server. */
export function scriptedEngine(script: Partial<Calls> = {}): ScriptedEngine {
  const [near, far] = portPair();
  const calls: { method: string; params: unknown }[] = [];
  const streams: OpenStream[] = [];
  const answers: Partial<Record<string, (params: never, signal: AbortSignal) => unknown>> = {
    ...standard,
    ...script,
  };

  const callHandlers = Object.keys(contract.calls).map((method) => [
    method,
    (params: never, signal: AbortSignal): unknown => {
      calls.push({ method, params });
      const answer = answers[method];
      if (!answer)
        throw new ProblemError(problemOf("not-scripted", `${method} has no script.`, "Write one."));
      return answer(params, signal);
    },
  ]);
  const streamHandlers = Object.keys(contract.streams).map((name) => [
    name,
    (params: unknown, sink: StreamSink<StreamItem<Contract, StreamName<Contract>>>): Promise<void> =>
      new Promise((resolve, reject) => {
        let closed = false;
        sink.signal.addEventListener("abort", () => {
          closed = true;
          resolve();
        });
        streams.push({
          name,
          params,
          send: (item) => void sink.send(item as never),
          fail: (code) => reject(new ProblemError(problemOf(code, "It failed.", "Try again."))),
          get closed() {
            return closed;
          },
        });
      }),
  ]);
  serve(far, contract, {
    calls: Object.fromEntries(callHandlers),
    streams: Object.fromEntries(streamHandlers),
  } as Handlers<Contract>);

  return {
    client: createClient(near, contract),
    calls,
    streams,
    open: (name) => streams.filter((stream) => stream.name === name && !stream.closed),
    disconnect: () => far.close(),
    settled: () => new Promise((resolve) => setTimeout(resolve, 0)),
  };
}

/** A window of which nothing is seen; `downloads` are the names of what was saved. */
export function scriptedShell(part: Partial<Shell> = {}): Shell & { readonly downloads: readonly string[] } {
  const downloads: string[] = [];
  return {
    kind: "browser",
    mac: false,
    chooseOpenPaths: () => Promise.resolve([]),
    chooseSavePath: () => Promise.resolve(""),
    pickFiles: () => Promise.resolve([]),
    pathOfFile: () => "",
    download: (name) => void downloads.push(name),
    showInFolder: () => undefined,
    setTitle: () => undefined,
    newWindow: () => undefined,
    keepOpen: () => undefined,
    onLost: () => undefined,
    onOpenPath: () => undefined,
    onCommand: () => undefined,
    reload: () => undefined,
    ...part,
    downloads,
  };
}
