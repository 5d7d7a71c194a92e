import { describe, expect, it } from "vitest";
import { defaultSettings } from "#core/model/settings.ts";
import { type App, createApp } from "../../../../renderer/app/app.ts";
import { tourStepOf } from "../../../../renderer/app/store/tour.ts";
import { documentViews } from "../../../../renderer/views/index.ts";
import { type ScriptedEngine, scriptedEngine, scriptedShell } from "../../../fakes/scripted-engine.ts";

const demo: Parameters<typeof scriptedEngine>[0] = {
  "targets.demo": () => ({ pid: 7 }),
  "recording.start": () => ({ recordingId: "r1" }),
};

async function begun(
  welcomed: boolean,
): Promise<{ app: App; engine: ScriptedEngine; step: () => number | null }> {
  const engine = scriptedEngine({ ...demo, "settings.get": () => ({ ...defaultSettings, welcomed }) });
  const app = createApp(engine.client, scriptedShell(), documentViews);
  await app.actions.begin();
  await engine.settled();
  return { app, engine, step: () => tourStepOf(app.store.getState()) };
}
const remembered = ({ calls }: ScriptedEngine): boolean =>
  calls.some(
    ({ method, params }) => method === "settings.set" && JSON.stringify(params).includes("welcomed"),
  );

describe("the tour", () => {
  it("is on at the first start, and leads from the demo's recording to its end", async () => {
    const { app, engine, step } = await begun(false);
    expect(step()).toBe(1);
    await app.actions.recordDemo();
    expect(step()).toBe(2);
    expect(app.store.getState().tour).toMatchObject({ documentId: app.store.getState().activeId });
    expect(remembered(engine)).toBe(true);
    app.actions.nextTourStep();
    expect(step()).toBe(3);
    await app.actions.endTour();
    expect(step()).toBeNull();
  });

  it("is shown once, and never again after it was skipped", async () => {
    const { app, engine, step } = await begun(false);
    await app.actions.endTour();
    expect(step()).toBeNull();
    expect(remembered(engine)).toBe(true);
    expect((await begun(true)).step()).toBeNull();
  });

  it("comes again when it is asked for, on the screen where it begins", async () => {
    const { app, step } = await begun(true);
    app.store.getState().showScreen("doctor");
    app.actions.startTour();
    expect([step(), app.store.getState().screen]).toEqual([1, "targets"]);
    await app.actions.recordDemo();
    expect(step()).toBe(2);
  });

  it("does not come to who records the demo without it", async () => {
    const { app, step } = await begun(true);
    await app.actions.recordDemo();
    expect(step()).toBeNull();
  });

  it("stays where it is when the demo cannot be started", async () => {
    const engine = scriptedEngine({
      "targets.demo": () => {
        throw new Error("no Node");
      },
      "settings.get": () => ({ ...defaultSettings, welcomed: false }),
    });
    const app = createApp(engine.client, scriptedShell(), documentViews);
    await app.actions.begin();
    await app.actions.recordDemo();
    expect(tourStepOf(app.store.getState())).toBe(1);
  });
});
