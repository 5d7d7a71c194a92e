import { textOf } from "../../bytes/ascii.ts";
import { LineSplitter } from "../../bytes/lines.ts";
import { type LabelSpec, NONE, type ProfileBuilder } from "../../model/builder.ts";
import type { ImportContext, StreamParser } from "../importer.ts";
import { goLabels } from "./go-labels.ts";
import { GoStuck } from "./go-stuck.ts";

/** "goroutine 26 gp=0x2e m=nil [chan receive, 3 minutes, locked to thread]:". */
export const goroutineHeader = /^goroutine (\d+)((?: \w+=\S+)*) \[(.*)\]:\s*$/;
const place = /^\t(.*?):(\d{1,9})(?: \+0x([0-9a-f]+))?(?: fp=\S+ sp=\S+)?(?: pc=0x([0-9a-f]{1,16}))?\s*$/;
const MAX_LAST_WORDS = 500;
const NS_PER_MINUTE = 60e9;

interface Frame {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly pc: string;
  readonly isInlined: boolean;
}

interface Goroutine {
  readonly id: number;
  readonly labels: LabelSpec[];
  readonly state: string;
  readonly waitingNs: number;
  readonly frames: Frame[];
  /** Its frames as they stand there. */
  readonly calls: string[];
}

/**
 * Stacks of all goroutines as the runtime prints them: `debug=2` of the goroutine profile, and what a program leaves when
 * it panics or gets SIGQUIT. https://pkg.go.dev/runtime#hdr-Environment_Variables (GOTRACEBACK)
 *
 *     goroutine 26 [chan receive, 3 minutes, locked to thread]:
 *     main.chanWait(...)
 *     	/srv/demo/main.go:26
 *     main.locked(0xc000012078)
 *     	/srv/demo/main.go:39 +0x1b
 *     created by main.main in goroutine 1
 *     	/srv/demo/main.go:69 +0x185
 */
export function goTraceback(out: ProfileBuilder, context: ImportContext): StreamParser {
  const { limits } = context;
  let process = NONE;
  let goroutine: Goroutine | null = null;
  /** A line that a place follows: a function, or who created the goroutine. */
  let pending: string | null = null;
  const lastWords: string[] = [];
  const stuck = new GoStuck(out, context.told ?? new Set());
  let hasGoroutines = false;
  let elided = 0;
  let cut = 0;
  let tooMany = 0;
  let withoutStack = 0;

  const series = out.series({
    id: "goroutine",
    name: "Goroutines",
    kind: "wall",
    timed: false,
    values: [
      { name: "goroutine", unit: "count" },
      { name: "waiting", unit: "nanoseconds" },
    ],
  });

  const frameOf = ({ name, file, line, pc }: Frame, inlineDepth: number): number => {
    const whole = pc.padStart(16, "0");
    return out.frame({
      function: out.function({
        name: out.string(name),
        kind: "go",
        ...(file !== "" && { file: out.string(file) }),
      }),
      line,
      inlineDepth,
      ...(pc !== "" && {
        addressHigh: Number.parseInt(whole.slice(0, 8), 16),
        addressLow: Number.parseInt(whole.slice(8), 16),
      }),
    });
  };

  const close = (): void => {
    if (pending !== null) addFrame(pending, "", NONE, "");
    if (!goroutine) return;
    const { id, frames, labels, waitingNs, state, calls } = goroutine;
    goroutine = null;
    if (series.length >= limits.maxSamples) {
      tooMany++;
      return;
    }
    let stack = NONE;
    let inlineDepth = 0;
    for (let i = frames.length - 1; i >= 0; i--) {
      const frame = frames[i] as Frame;
      inlineDepth = frame.isInlined ? inlineDepth + 1 : 0;
      stack = out.stack(stack, frameOf(frame, inlineDepth));
    }
    if (process === NONE) process = out.process(NONE);
    const thread = out.thread(process, id % 2 ** 31, `goroutine ${id}`);
    series.add(0, thread, stack, 1, waitingNs, out.labelSet(labels));
    stuck.add({ id, thread, stack, state, waitingNs, calls });
  };

  const text = (key: string, value: string): LabelSpec => ({ key: out.string(key), text: out.string(value) });

  const begin = (id: string, state: string): void => {
    close();
    hasGoroutines = true;
    const [, facts = state, own = ""] = /^(.*?) labels:\{(.*)\}$/.exec(state) ?? [];
    const labels: LabelSpec[] = [];
    let waitingNs = 0;
    const [what = "", ...more] = facts.split(", ");
    labels.push(text("state", what));
    for (const each of more) {
      const minutes = /^(\d+) minutes$/.exec(each);
      if (minutes) {
        const number = Number(minutes[1]);
        waitingNs = number * NS_PER_MINUTE;
        labels.push({ key: out.string("waiting"), number, unit: out.string("minutes") });
      } else labels.push(text(each, "yes"));
    }
    labels.push(...goLabels(out, own));
    goroutine = { id: Number(id), labels, state: what, waitingNs, frames: [], calls: [] };
  };

  const addFrame = (line: string, file: string, number: number, pc: string): void => {
    pending = null;
    if (!goroutine) return;
    const creator = /^created by (.*?)(?: in goroutine (\d+))?$/.exec(line);
    if (creator) {
      goroutine.labels.push(text("created by", creator[1] ?? ""));
      if (creator[2] !== undefined)
        goroutine.labels.push({ key: out.string("created by goroutine"), number: Number(creator[2]) });
      if (file !== "")
        goroutine.labels.push(text("created at", number === NONE ? file : `${file}:${number}`));
      return;
    }
    if (goroutine.frames.length >= limits.maxStackDepth) {
      cut++;
      return;
    }
    goroutine.calls.push(line);
    // Arguments have no brackets in them: "main.(*T).f({0x51b648, 0x3}, 0x2)".
    const open = line.endsWith(")") ? line.lastIndexOf("(") : -1;
    goroutine.frames.push({
      name: open > 0 ? line.slice(0, open) : line,
      file,
      line: number,
      pc,
      isInlined: line.endsWith("(...)"),
    });
  };

  const lines = new LineSplitter((bytes, start, end) => {
    const line = textOf(bytes, start, end).trimEnd();
    if (line.startsWith("goroutine ")) {
      const header = goroutineHeader.exec(line);
      if (header) {
        begin(header[1] ?? "0", header[3] ?? "");
        return;
      }
    }
    if (line === "") {
      close();
      return;
    }
    if (!goroutine) {
      if (!hasGoroutines && lastWords.length < 20) lastWords.push(line);
      return;
    }
    if (line.startsWith("\t")) {
      const at = place.exec(line);
      if (/^\tgoroutine running on other thread; stack unavailable/.test(line)) withoutStack++;
      else if (pending !== null && at) addFrame(pending, at[1] ?? "", Number(at[2]), at[4] ?? "");
      else if (pending !== null) addFrame(pending, "", NONE, /\bpc=0x([0-9a-f]{1,16})/.exec(line)?.[1] ?? "");
    } else if (/^\.\.\.(\d+|additional) frames elided\.\.\.$/.test(line)) {
      if (pending !== null) addFrame(pending, "", NONE, "");
      addFrame(line, "", NONE, "");
      elided++;
    } else {
      if (pending !== null) addFrame(pending, "", NONE, "");
      pending = line;
    }
  }, 1 << 20);

  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      close();
      const said = lastWords.join(" ").slice(0, MAX_LAST_WORDS);
      stuck.end(said);
      if (said !== "") out.note(`Before the stacks stands: ${said}`);
      if (elided > 0)
        out.note(
          `${elided} ${elided === 1 ? "stack is" : "stacks are"} not whole: the runtime left out frames in the middle.`,
        );
      if (withoutStack > 0)
        out.note(`${withoutStack} goroutines ran on other threads: the runtime had no stacks of them.`);
      if (cut > 0) out.note(`${cut} frames were deeper than ${limits.maxStackDepth} and were cut.`);
      if (tooMany > 0) out.note(`${tooMany} goroutines more than the limit were left out.`);
    },
  };
}
