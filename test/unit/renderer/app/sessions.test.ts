import { expect, it } from "vitest";
import type { SessionInfo } from "#core/model/recording.ts";
import { overLimit } from "../../../../renderer/app/store/sessions.ts";

const session = (
  startedAtMs: number,
  sizeBytes: number,
  state: SessionInfo["state"] = "saved",
): SessionInfo => ({
  sessionId: String(startedAtMs),
  path: "",
  target: "app",
  profiler: "perf",
  startedAtMs,
  durationNs: 0,
  samples: 1,
  sizeBytes,
  state,
});
const offered = (limitBytes: number, sessions: readonly SessionInfo[]): readonly string[] =>
  overLimit(sessions, limitBytes).map(({ sessionId }) => sessionId);

it("sessions past the limit are offered for deletion, the oldest first and no more than needed", () => {
  const sessions = [session(3, 50), session(1, 40), session(2, 30)];
  expect(offered(0, sessions)).toEqual([]);
  expect(offered(120, sessions)).toEqual([]);
  expect(offered(100, sessions)).toEqual(["1"]);
  expect(offered(60, sessions)).toEqual(["1", "2"]);
});

it("what is being recorded, or is yet to be recovered, is never offered", () => {
  const sessions = [session(1, 90, "interrupted"), session(2, 30), session(3, 40, "recording")];
  expect(offered(10, sessions)).toEqual(["2"]);
});
