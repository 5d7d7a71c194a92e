import { describe, expect, it } from "vitest";
import { observerWords } from "#core/model/fact-words.ts";
import type { RecordingState } from "#core/model/recording.ts";
import { fileName } from "../../../../renderer/app/actions/files.ts";
import { endpointUrl } from "../../../../renderer/views/launch/endpoint-url.ts";
import { phaseWords, stopWatch } from "../../../../renderer/views/recording/recording-words.ts";
import { fullMoment, momentWords } from "../../../../renderer/widgets/time-words.ts";

describe("the address of an inspector", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["127.0.0.1:9229", "http://127.0.0.1:9229"],
    [" box:9229 ", "http://box:9229"],
    ["http://box:9229", "http://box:9229"],
    ["ws://127.0.0.1:9229/6f1c", "ws://127.0.0.1:9229/6f1c"],
    ["[::1]:9229", "http://[::1]:9229"],
    ["", ""],
    ["box", ""],
    ["file:///etc/passwd", ""],
    ["ftp://box:21", ""],
    ["http://", ""],
    ["a b:9229", ""],
  ];
  it.each(cases)("%j", (text, expected) => expect(endpointUrl(text)).toBe(expected));
});

describe("a recording in words", () => {
  it("says what it costs", () => {
    const words = (profilerPercent: number | null) =>
      observerWords({ profilerPercent, workbenchPercent: 3.42 }).replaceAll("\u00a0", " ");
    expect(words(1.23)).toBe("profiler 1.2 %, workbench 3.4 % of a core");
    expect(words(null)).toBe("workbench 3.4 % of a core");
  });

  it("shows its time as a stop watch", () => {
    expect([0, 12.44e9, 75e9, 3_723.4e9].map(stopWatch)).toEqual([
      "00:00.0",
      "00:12.4",
      "01:15.0",
      "1:02:03.4",
    ]);
  });

  it("says how it stands and why it ended", () => {
    const check = (state: Partial<RecordingState>, expected: string) =>
      expect(phaseWords({ ...base, ...state })).toBe(expected);
    check({ phase: "starting" }, "Starting perf");
    check({ phase: "recording" }, "Recording");
    check({ phase: "done", ending: "stopped" }, "Stopped");
    check({ phase: "done", ending: "duration" }, "Time is up");
    check({ phase: "done", ending: "target-exited", exitCode: 7 }, "Target exited with code 7");
    check({ phase: "done", ending: "target-exited" }, "Target exited");
    check({ phase: "failed", ending: "failed" }, "Failed");
    check({ phase: "failed" }, "Failed");
  });
});

const base: RecordingState = {
  recordingId: "r",
  profileId: "",
  sessionId: "",
  phase: "checking",
  profiler: "perf",
  profilerTitle: "perf",
  target: "",
  pid: 1,
  startedAtMs: 0,
  elapsedNs: 0,
  samples: 0,
  lostSamples: 0,
  rawBytes: 0,
  commands: [],
  ending: "",
  exitCode: null,
  problem: null,
  remarks: [],
  savedTo: "",
};

describe("a moment", () => {
  const now = new Date(2026, 10, 23, 14, 5, 9).getTime();
  it("is as short as it is clear", () => {
    expect(momentWords(new Date(2026, 10, 23, 8, 3).getTime(), now)).toBe("08:03");
    expect(momentWords(new Date(2026, 10, 21, 8, 3).getTime(), now)).toBe("21 Nov 08:03");
    expect(momentWords(new Date(2025, 0, 2, 8, 3).getTime(), now)).toBe("2 Jan 2025");
    expect(momentWords(-1, now)).toBe("");
    expect(fullMoment(now)).toBe("2026-11-23 14:05:09");
  });
});

describe("the name of a file", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["nginx 2314", "nginx-2314"],
    ["../../etc/passwd", "etc-passwd"],
    ["a;rm -rf $HOME", "a-rm-rf-HOME"],
    ["Grüße", "Grüße"],
    ["…", "profile"],
    ["", "profile"],
  ];
  it.each(cases)("of %j", (title, expected) => expect(fileName(title)).toBe(expected));
});
