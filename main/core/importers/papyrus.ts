import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import type { ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { ThreadSlices } from "./shared/slices.ts";

/**
 * Profiling logs of Papyrus, the scripts of Creation Engine games: "TIME:EVENT:STACK:DEPTH:INSTANCE:FUNCTION", times in
 * ms. What is queued has been called and waits. https://ck.uesp.net/wiki/StartScriptProfiling_-_Debug
 */
export const papyrus: StreamImporter = {
  id: "papyrus",
  title: "Papyrus script profile",
  extensions: ["log"],
  order: 258,
  kind: "stream",
  sniff: (head) =>
    /^\S.* log opened \(PC\)\r?\n\d+:(?:START|(?:QUEUE_)?(?:PUSH|POP)):\d+/.test(
      textOf(head.subarray(0, 4096)),
    ),
  open: (out, context) => createParser(out, context),
};

const started = /^\d+:START:\d+$/;
const event = /^(\d{1,15}):(QUEUE_)?(PUSH|POP):(\d{1,9}):(\d{1,9}):(.*?):([^:]*)$/s;

function createParser(out: ProfileBuilder, { limits }: ImportContext): StreamParser {
  const series = out.series({
    id: "script-time",
    name: "Script time",
    kind: "wall",
    timed: true,
    values: [{ name: "time", unit: "nanoseconds" }],
  });
  const process = out.process(-1, "Papyrus");
  const threads = new Map<number, ThreadSlices>();
  const category = out.string("call");
  const queued = out.string("queued");
  let startMs = -1;
  let unread = 0;
  let isOpened = false;

  const threadOf = (number: number): ThreadSlices => {
    let slices = threads.get(number);
    if (!slices) {
      const thread = out.thread(process, number, `stack ${number}`);
      slices = new ThreadSlices(
        out,
        series,
        thread,
        { category, nameOf: (frame) => out.frameName(frame) },
        limits.maxStackDepth,
      );
      threads.set(number, slices);
    }
    return slices;
  };

  const lines = new LineSplitter((bytes, start, end) => {
    const line = textOf(bytes, start, end);
    const match = event.exec(line);
    if (!match) {
      const opened = /^(.+) log opened \(PC\)$/.exec(line)?.[1];
      if (opened !== undefined && !isOpened) {
        isOpened = true;
        out.meta({ target: opened });
      } else if (line !== "" && line !== "Log closed" && !started.test(line)) unread++;
      return;
    }
    const [, time = "", queue, kind, stack, , instance = "", name = ""] = match;
    if (startMs === -1) startMs = Number(time);
    const timeNs = (Number(time) - startMs) * 1e6;
    // A queued call is named with ".??." where its state will be.
    const frame = out.frame({
      function: out.function({ name: out.string(name.replace(".??.", "..")), kind: "runtime" }),
    });
    const slices = threadOf(Number(stack));
    if (kind === "POP") slices.end(timeNs, frame);
    else {
      const args = out.string(JSON.stringify({ instance }));
      slices.begin(timeNs, frame, args, queue === undefined ? category : queued);
    }
  }, 1 << 20);
  out.meta({ format: papyrus.id, tool: "Papyrus" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      let unbalanced = 0;
      let tooDeep = 0;
      for (const slices of threads.values()) {
        slices.finish();
        unbalanced += slices.unbalanced;
        tooDeep += slices.tooDeep;
      }
      if (unbalanced > 0) out.note(`${unbalanced} calls have no beginning or no end in the log.`);
      if (tooDeep > 0) out.note(`${tooDeep} calls were nested too deep and were left out.`);
      if (unread > 0) out.note(`${unread} ${unread === 1 ? "line" : "lines"} could not be read.`);
    },
  };
}
