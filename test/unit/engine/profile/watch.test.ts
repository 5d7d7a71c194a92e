import { describe, expect, it } from "vitest";
import type { WatchedTable } from "#core/contract.ts";
import type { Query } from "#core/model/query.ts";
import type { StreamSink } from "#core/rpc/server.ts";
import { watchProfile } from "../../../../main/engine/engine-profiles.ts";
import type { WorkerState } from "../../../../main/engine/profile-contract.ts";
import type { ProfileHandle } from "../../../../main/engine/profile-handle.ts";

const query: Query = { view: "info" };
const stateOf = (revision: number, phase: WorkerState["phase"], samples = 1): WorkerState => ({
  revision,
  phase,
  progress: -1,
  problem: null,
  counts: { samples, lostSamples: 0, lastTimeNs: 0 },
});

/** A profile that grows when the test says so, and a reader that has room when the test says so. */
function watched(first = stateOf(1, "live")) {
  const handlers = new Set<(state: WorkerState) => void>();
  const abort = new AbortController();
  const items: WatchedTable[] = [];
  const told: (() => void)[] = [];
  let state = first;
  let asked = 0;
  let hasRoom = false;
  let waiting = (): void => undefined;
  const handle = {
    get state() {
      return state;
    },
    onState: (handler: (state: WorkerState) => void) => {
      handlers.add(handler);
      return { dispose: () => void handlers.delete(handler) };
    },
    answer: async () => {
      asked++;
      return { revision: state.revision, table: { view: "info" } };
    },
  } as unknown as ProfileHandle;
  const sink: StreamSink<WatchedTable> = {
    send: async (item) => {
      items.push(item);
      hasRoom = false;
      for (const tell of told.splice(0)) tell();
    },
    ready: async () => {
      if (!hasRoom)
        await new Promise<void>((resolve) => {
          waiting = resolve;
        });
    },
    signal: abort.signal,
  };
  const giveRoom = (): void => {
    hasRoom = true;
    waiting();
  };
  const ended = watchProfile(handle, query, sink);
  return {
    items,
    asked: () => asked,
    grow: (phase: WorkerState["phase"] = "live") => {
      state = stateOf(state.revision + 1, phase);
      for (const handler of handlers) handler(state);
    },
    /** Room for one more; resolves when it has come. */
    next: () => {
      const came = new Promise<void>((resolve) => told.push(resolve));
      giveRoom();
      return came;
    },
    end: async () => {
      abort.abort();
      giveRoom();
      await ended;
    },
  };
}

describe("a profile that is watched", () => {
  it("is asked once for each table that its reader has room for, however often it grows", async () => {
    const { asked, grow, next, items, end } = watched();
    grow();
    grow();
    expect(asked()).toBe(0);
    await next();
    for (let times = 0; times < 20; times++) grow();
    expect(asked()).toBe(1);
    expect(items.map(({ revision }) => revision)).toEqual([3]);
    await end();
    expect(asked()).toBe(1);
  });

  it("says nothing of a file that is being read before there is something to see", async () => {
    const { grow, next, items, end } = watched(stateOf(1, "empty", 0));
    const came = next();
    grow("importing");
    await came;
    expect(items).toMatchObject([{ revision: 2, table: { view: "info" } }]);
    await end();
  });

  it("says that nothing is there where it takes long, and then what is there at once", async () => {
    const { grow, next, items, end } = watched(stateOf(1, "importing", 0));
    await next();
    const came = next();
    grow("importing");
    await came;
    expect(items.map(({ table }) => table?.view)).toEqual([undefined, "info"]);
    await end();
  });

  it("tells the end of an import at once, also of what is asked seldom", async () => {
    const { grow, next, items, end } = watched();
    await next();
    const last = next();
    grow("ready");
    await last;
    expect(items.map(({ state }) => state.phase)).toEqual(["live", "ready"]);
    await end();
  });
});
