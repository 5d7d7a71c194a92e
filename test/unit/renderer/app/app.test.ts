import { describe, expect, it } from "vitest";
import { throwProblem } from "#core/base/result.ts";
import { presetAt } from "#core/model/presets.ts";
import type { RecordingState } from "#core/model/recording.ts";
import type { TimelineTable } from "#core/model/tables.ts";
import { type App, createApp } from "../../../../renderer/app/app.ts";
import { buildCommands } from "../../../../renderer/app/commands.ts";
import { type ProfileDocument, slotOf } from "../../../../renderer/app/store/document.ts";
import { instantClock } from "../../../../renderer/app/update-pace.ts";
import { documentViews } from "../../../../renderer/views/index.ts";
import { type ScriptedEngine, scriptedEngine, scriptedShell } from "../../../fakes/scripted-engine.ts";
import { topTableOf } from "../views/sample-tables.ts";

const running: RecordingState = {
  recordingId: "r1",
  profileId: "p1",
  sessionId: "s1",
  phase: "recording",
  profiler: "perf",
  profilerTitle: "perf",
  target: "nginx 2314",
  pid: 2314,
  startedAtMs: 1,
  elapsedNs: 2e9,
  samples: 10,
  lostSamples: 0,
  rawBytes: 100,
  commands: ["perf record"],
  ending: "",
  exitCode: null,
  problem: null,
  remarks: [],
  savedTo: "",
};
const timeline: TimelineTable = {
  view: "timeline",
  unit: "nanoseconds",
  totalValue: 1,
  totalSamples: 10,
  series: "cpu",
  startNs: 0,
  endNs: 2e9,
  timed: true,
  lanes: [],
  durationNs: 0,
  intervalLanes: [],
  intervalLanesInAll: 0,
  showsWaits: false,
  threadsInAll: 0,
  counters: [],
  marks: [],
};
const live = { phase: "live", progress: -1, problem: null } as const;

type Script = Parameters<typeof scriptedEngine>[0];

async function begun(script: Script = {}): Promise<{ app: App; engine: ScriptedEngine }> {
  const engine = scriptedEngine(script);
  const app = createApp(engine.client, scriptedShell(), documentViews, instantClock);
  await app.actions.begin();
  await engine.settled();
  return { app, engine };
}

async function recording(script: Script = {}) {
  const { app, engine } = await begun({ "recording.start": () => ({ recordingId: "r1" }), ...script });
  await app.actions.record({ target: { kind: "pid", pid: 2314 } }, "nginx 2314");
  await engine.settled();
  engine.open("recording.watch")[0]?.send(running);
  await engine.settled();
  const id = app.store.getState().activeId ?? "";
  const shown = (): ProfileDocument => {
    const document = app.store.getState().documents.find((each) => each.id === id);
    if (!document) throw new Error("the document is gone");
    return document;
  };
  return { app, engine, id, shown };
}

/** The views that are asked for now. */
const watched = (engine: ScriptedEngine): readonly string[] =>
  engine
    .open("profile.watch")
    .map(({ params }) => (params as { query: { view: string } }).query.view)
    .sort();

describe("the start", () => {
  it("greets the engine and follows the lists", async () => {
    const { app, engine } = await begun();
    expect(app.store.getState().connected).toBe(true);
    expect(engine.open("targets.watch")).toHaveLength(1);
    expect(engine.open("sessions.watch")).toHaveLength(1);
  });

  it("refuses an engine of another version", async () => {
    const { app } = await begun({
      "engine.hello": () => ({ ...hello, protocol: 999 }),
    });
    expect(app.store.getState().connectionProblem?.code).toBe("other-version");
  });

  it("says that the connection was lost", async () => {
    const { app, engine } = await begun();
    engine.disconnect();
    await engine.settled();
    expect(app.store.getState().connectionProblem?.code).toBe("disconnected");
  });

  it("takes up recordings that run", async () => {
    const { app, engine } = await begun({ "recording.list": () => [running, { ...running, phase: "done" }] });
    expect(app.store.getState().documents.map((document) => document.title)).toEqual(["nginx 2314"]);
    expect(engine.open("recording.watch")).toHaveLength(1);
  });

  it("reads the list of processes only while it is shown", async () => {
    const { app, engine } = await begun();
    app.store.getState().showScreen("doctor");
    await engine.settled();
    expect(engine.open("targets.watch")).toHaveLength(0);
    app.store.getState().showScreen("targets");
    await engine.settled();
    expect(engine.open("targets.watch")).toHaveLength(1);
  });
});

const hello = {
  protocol: 1,
  version: "",
  host: "",
  kernel: "",
  user: "",
  uid: 0,
  platform: "",
  sessionFolder: "",
};

describe("a recording", () => {
  it("asks for the tables of the open tab and nothing else", async () => {
    const { app, engine, id } = await recording();
    expect(watched(engine)).toEqual(["info", "timeline"]);
    app.store.getState().patchDocument(id, { flameWidthPx: 800 });
    await engine.settled();
    expect(watched(engine)).toEqual(["flame", "info", "timeline"]);
    app.store.getState().patchDocument(id, { tab: "top" });
    await engine.settled();
    expect(watched(engine)).toEqual(["info", "timeline", "top"]);
    app.store.getState().showScreen("sessions");
    await engine.settled();
    expect(watched(engine)).toEqual([]);
  });

  it("asks for advice once what is on the screen has been answered", async () => {
    const { engine } = await recording();
    const problem = { code: "bad", message: "Bad.", fix: "Mend it." };
    for (const stream of engine.open("profile.watch"))
      stream.send({ revision: 1, state: live, table: null, problem });
    await engine.settled();
    expect(watched(engine)).toEqual(["advice", "info", "timeline"]);
  });

  it("keeps its tables and its streams through small changes of the width", async () => {
    const { app, engine, id } = await recording();
    app.store.getState().patchDocument(id, { flameWidthPx: 790 });
    await engine.settled();
    const before = engine.streams.length;
    app.store.getState().patchDocument(id, { flameWidthPx: 795 });
    await engine.settled();
    expect(engine.streams.length).toBe(before);
  });

  it("stands still while it is paused, and asks about the moment of the pause", async () => {
    const asked: unknown[] = [];
    const top = topTableOf([{ name: "a", self: 1, total: 1 }], 1);
    const { app, engine, id, shown } = await recording({
      "profile.query": ({ query }) => {
        asked.push(query);
        return top;
      },
    });
    const timelineStream = engine
      .open("profile.watch")
      .find((each) => JSON.stringify(each.params).includes("timeline"));
    timelineStream?.send({ revision: 1, state: live, table: timeline, problem: null });
    await engine.settled();
    app.actions.togglePause(id);
    await engine.settled();
    expect(watched(engine)).toEqual([]);
    expect(slotOf(shown(), "timeline").table?.endNs).toBe(2e9);
    asked.length = 0;
    app.store.getState().patchDocument(id, { tab: "top" });
    await engine.settled();
    expect(asked).toMatchObject([{ view: "top", selection: { rangeNs: [0, 2e9] } }]);
    expect(slotOf(shown(), "top").table?.view).toBe("top");
    app.actions.togglePause(id);
    await engine.settled();
    expect(watched(engine)).toEqual(["info", "timeline", "top"]);
  });

  it("tells nobody of a change that changes nothing: nothing is drawn again", async () => {
    const { app, id } = await recording();
    let told = 0;
    app.store.subscribe(() => told++);
    app.store.getState().patchDocument(id, { tab: "flame", zoomRoot: -1 });
    app.store.getState().patchDocument(id, () => ({}));
    expect(told).toBe(0);
    app.store.getState().patchDocument(id, { tab: "top" });
    expect(told).toBe(1);
  });

  it("does not send a search that does not compile", async () => {
    const { app, engine, id } = await recording();
    app.store.getState().patchDocument(id, { tab: "top" });
    app.store.getState().select(id, { search: "(" });
    await engine.settled();
    const query = engine.open("profile.watch").find((each) => JSON.stringify(each.params).includes('"top"'));
    expect(query?.params).toMatchObject({ query: { filter: "" } });
  });

  it("tells a problem at the start instead of opening a document", async () => {
    const { app } = await begun({
      "recording.start": () => throwProblem("no-such-process", "There is no process 7.", "Pick another."),
    });
    const problem = await app.actions.record({ target: { kind: "pid", pid: 7 } }, "x");
    expect(problem?.code).toBe("no-such-process");
    expect(app.store.getState().documents).toEqual([]);
  });

  it("is closed only after a question", async () => {
    const { app, engine, id } = await recording({ "recording.stop": () => ({ ...running, phase: "done" }) });
    app.actions.closeDocument(id);
    const dialog = app.store.getState().dialog;
    expect(dialog?.kind).toBe("confirm");
    if (dialog?.kind === "confirm") dialog.run();
    await engine.settled();
    await engine.settled();
    expect(engine.calls.map((call) => call.method)).toContain("recording.stop");
    expect(app.store.getState().documents).toEqual([]);
  });

  it("keeps the newest lines of a long log", async () => {
    const { app, engine, shown, id } = await recording();
    const line = { timeNs: 0, source: "stderr", text: "x" } as const;
    engine.open("recording.log")[0]?.send([line]);
    await engine.settled();
    app.store.getState().appendLog(
      id,
      Array.from({ length: 20_004 }, () => line),
    );
    expect([shown().log.length, shown().logSkipped]).toEqual([20_000, 5]);
  });

  it("filters by the selected function once", async () => {
    const { app, id, shown } = await recording();
    app.actions.pick(id, 4, -1, "operator()(int)");
    const command = buildCommands(app).find((each) => each.id === "hide-selected");
    command?.run();
    command?.run();
    expect(shown().history.present.transforms).toEqual([
      { type: "hide", pattern: "^operator\\(\\)\\(int\\)$" },
    ]);
  });
});

describe("an upload", () => {
  it("goes in chunks, in order, and opens", async () => {
    const sizes: number[] = [];
    const openedAfter: number[] = [];
    const { app, engine } = await begun({
      "profile.uploadBegin": () => ({ uploadId: "u" }),
      "profile.uploadChunk": ({ bytes }) => {
        sizes.push(bytes.length);
        return null;
      },
      "profile.uploadOpen": () => {
        openedAfter.push(sizes.length);
        return { others: [], profileId: "p9", title: "big.txt", path: "" };
      },
      "profile.uploadEnd": () => ({ others: [], profileId: "p9", title: "big.txt", path: "" }),
    });
    await app.actions.openFiles([new File([new Uint8Array(2_500_000)], "big.txt")]);
    await engine.settled();
    expect(sizes).toEqual([1 << 17, 1 << 18, 1 << 19, 1 << 20, 2_500_000 - (15 << 17)]);
    // It is read from its first piece on.
    expect(openedAfter).toEqual([1]);
    expect(app.store.getState().documents).toMatchObject([{ profileId: "p9", upload: null }]);
  });

  it("that is closed while it is sent is sent no further, and its profile goes", async () => {
    const calls: string[] = [];
    const { app, engine } = await begun({
      "profile.uploadBegin": () => ({ uploadId: "u" }),
      "profile.uploadChunk": () => {
        calls.push("chunk");
        return null;
      },
      "profile.uploadOpen": () => ({ others: [], profileId: "p9", title: "big.txt", path: "" }),
      "profile.uploadCancel": () => {
        calls.push("cancel");
        return null;
      },
      "profile.close": ({ profileId }) => {
        calls.push(`close ${profileId}`);
        return null;
      },
    });
    app.store.subscribe(({ documents: [first] }) => {
      if (first?.profileId === "p9") void app.actions.close(first.id);
    });
    await app.actions.openFiles([new File([new Uint8Array(2_500_000)], "big.txt")]);
    await engine.settled();
    expect(calls.filter((call) => call === "chunk").length).toBeLessThan(4);
    expect(calls).toEqual(expect.arrayContaining(["cancel", "close p9"]));
    expect(app.store.getState().documents).toEqual([]);
  });

  it("that fails says so in its document", async () => {
    const { app } = await begun({
      "profile.uploadBegin": () => throwProblem("disk-full", "The disk is full.", "Make room."),
    });
    await app.actions.openFiles([new File(["x"], "x.txt")]);
    expect(app.store.getState().documents).toMatchObject([{ problem: { code: "disk-full" } }]);
  });
});

describe("commands", () => {
  it("have ids, titles and keys of their own", async () => {
    const { app } = await begun();
    const commands = buildCommands(app);
    expect(new Set(commands.map((command) => command.id)).size).toBe(commands.length);
    expect(new Set(commands.map((command) => command.title)).size).toBe(commands.length);
    // Two views may give a key two meanings, as only one of them is on the screen.
    for (const { id } of documentViews) {
      const keys = commands
        .filter(({ view }) => view === undefined || view === id)
        .flatMap((command) => command.keys);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  it("are there only where they can be done", async () => {
    const { app } = await begun();
    const possible = (): readonly string[] =>
      buildCommands(app)
        .filter((command) => command.when(app.store.getState()))
        .map((command) => command.id);
    expect(possible()).not.toContain("stop-recording");
    const { app: busy } = await recording();
    const there = buildCommands(busy).filter((command) => command.when(busy.store.getState()));
    expect(there.map((command) => command.id)).toEqual(
      expect.arrayContaining(["stop-recording", "add-mark"]),
    );
    expect(there.map((command) => command.id)).not.toContain("focus-selected");
  });
});

describe("what a person has set", () => {
  it("is there again after other profiles were shown", async () => {
    const { app, engine, id, shown } = await recording();
    app.store.getState().select(id, { search: "parse", rangeNs: [1e9, 2e9] });
    app.actions.pick(id, 4, 7, "parse");
    app.store.getState().patchDocument(id, {
      tab: "sandwich",
      zoomRoot: 3,
      viewState: { sandwich: { rootOnTop: false } },
    });
    const before = shown();
    await app.actions.record({ target: { kind: "pid", pid: 99 } }, "other 99");
    await engine.settled();
    expect(app.store.getState().activeId).not.toBe(id);
    buildCommands(app)
      .find((command) => command.id === "previous-document")
      ?.run();
    await engine.settled();
    expect(app.store.getState().activeId).toBe(id);
    expect(shown()).toMatchObject({
      tab: "sandwich",
      zoomRoot: 3,
      selectedFunction: 4,
      selectedNode: 7,
      selectedName: "parse",
      viewState: { sandwich: { rootOnTop: false } },
    });
    expect(shown().history).toBe(before.history);
  });

  it("is kept as the profile grows", async () => {
    const { app, engine, id, shown } = await recording();
    app.store.getState().patchDocument(id, { tab: "top", zoomRoot: 3 });
    app.actions.pick(id, 4, 7, "parse");
    await engine.settled();
    const { history } = shown();
    const stream = engine
      .open("profile.watch")
      .find(({ params }) => JSON.stringify(params).includes('"limit"'));
    for (const [revision, self] of [
      [1, 1],
      [2, 5],
    ] as const) {
      const table = topTableOf([{ name: "other", self, total: self }], self);
      stream?.send({ revision, state: live, table, problem: null });
      await engine.settled();
    }
    expect(slotOf(shown(), "top").table?.totalSamples).toBe(5);
    expect(shown()).toMatchObject({
      tab: "top",
      zoomRoot: 3,
      selectedFunction: 4,
      selectedNode: 7,
      selectedName: "parse",
    });
    expect(shown().history).toBe(history);
  });

  it("has a key of its own for a preset, which takes it away again and can be undone", async () => {
    const { app, shown } = await recording();
    const command = buildCommands(app).find(({ keys }) => keys.includes("U"));
    command?.run();
    expect(presetAt(shown().history.present.transforms, 0)?.id).toBe("only-my-code");
    command?.run();
    expect(shown().history.present.transforms).toEqual([]);
    app.store.getState().undo(shown().id);
    expect(presetAt(shown().history.present.transforms, 0)?.id).toBe("only-my-code");
  });
});

describe("closing a profile that is being recorded", () => {
  it("asks, and can leave the recording running for other windows", async () => {
    const { app, engine, id } = await recording();
    app.actions.closeDocument(id);
    const { dialog } = app.store.getState();
    if (dialog?.kind !== "confirm") throw new Error("it did not ask");
    dialog.other?.run();
    await engine.settled();
    expect(app.store.getState().documents).toEqual([]);
    expect(engine.calls.map(({ method }) => method)).not.toContain("recording.stop");
  });
});
