import { problemOf } from "../../base/result.ts";
import type { RecordRequest } from "../../model/recording.ts";
import { type Detection, type RecordingPlan, scratchFolder } from "../profiler.ts";
import { readValgrindWords, valgrindLaunch } from "./valgrind.ts";
import { commandText } from "./words.ts";

/** drd and helgrind: errors of threads, as XML, when the program ends. */
export function valgrindLocksPlan(
  request: RecordRequest,
  found: Detection,
  tool: "drd" | "helgrind",
  flags: readonly string[],
  remark: string,
): RecordingPlan {
  const launched = valgrindLaunch(request, found, [
    `--tool=${tool}`,
    ...flags,
    "--num-callers=40",
    "--xml=yes",
    `--xml-file=${scratchFolder}/${tool}.%p.xml`,
  ]);
  return {
    source: {
      type: "files",
      outputs: [{ name: `${tool}.*.xml`, atEnd: true, through: null, frame: { kind: "text", end: "" } }],
      dump: null,
      stopSignal: "SIGTERM",
      missing: problemOf(
        "no-output",
        `The program ended and ${tool} left no report.`,
        "Its own words are in the log: it may not be a program that valgrind can run, or was killed.",
      ),
    },
    launch: { how: "held", target: launched },
    importer: "valgrind-xml",
    rawExtension: "xml",
    stackMethod: "instrumented",
    periodNs: 0,
    commands: [commandText(launched)],
    remarks: [remark],
    readStderr: readValgrindWords,
  };
}
