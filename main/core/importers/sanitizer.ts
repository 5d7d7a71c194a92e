import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { errorSeries, leakSeries } from "./shared/memory-errors.ts";
import { stackInwards, valgrindFrame } from "./shared/valgrind-frames.ts";

/**
 * Reports of AddressSanitizer, LeakSanitizer, ThreadSanitizer, MemorySanitizer and UndefinedBehaviorSanitizer of GCC and
 * Clang, from whatever else a program printed. https://github.com/google/sanitizers/wiki
 *
 *     ==4711==ERROR: LeakSanitizer: detected memory leaks
 *     Direct leak of 1000 byte(s) in 1 object(s) allocated from:
 *         #0 0x7f7f in malloc (/usr/lib/libasan.so.8+0xb89cf)
 *         #1 0x5633 in leak_here /srv/demo/leak.cpp:10:5
 */
export const sanitizer: StreamImporter = {
  id: "sanitizer",
  title: "Sanitizer report (ASan, LSan, TSan, MSan, UBSan)",
  extensions: ["txt", "log"],
  order: 171,
  kind: "stream",
  sniff: (head) => {
    if (head.subarray(0, 4096).includes(0)) return false;
    const text = textOf(head);
    return (
      /^==\d+==\s*(ERROR|WARNING): (Address|Leak|Thread|Memory|HWAddress)Sanitizer\b/m.test(text) ||
      /^WARNING: ThreadSanitizer: /m.test(text) ||
      /^\S+:\d+:\d+: runtime error: /m.test(text)
    );
  },
  open: (out, context) => createParser(out, context),
};

interface Part {
  readonly title: string;
  readonly error: string;
  readonly frames: number[];
  /** Of a leak; else null. */
  readonly leak: { readonly bytes: number; readonly objects: number } | null;
  /** The first stack of an error counts for it. */
  readonly isFirst: boolean;
}

const frameLine = /^\s+#\d+ (?:(0x[0-9a-f]+) )?(?:in )?(.*)$/;

function createParser(out: ProfileBuilder, { limits }: ImportContext): StreamParser {
  let error = "";
  let part: Part | null = null;
  let cutErrors = 0;

  const close = (): void => {
    if (!part || part.frames.length === 0) return;
    const { frames, leak, title, isFirst } = part;
    const stack = stackInwards(out, frames, limits.maxStackDepth);
    const labels = out.labelSet([
      { key: out.string("error"), text: out.string(part.error) },
      { key: out.string("part"), text: out.string(title) },
    ]);
    const into = leak ? leakSeries(out, "objects") : errorSeries(out);
    if (into.length >= limits.maxSamples) cutErrors++;
    else into.addValues(0, NONE, stack, leak ? [leak.bytes, leak.objects] : [isFirst ? 1 : 0, 1], labels);
    part = null;
  };

  const open = (title: string, isFirst: boolean, leak: Part["leak"] = null): void => {
    close();
    part = { title, error, frames: [], leak, isFirst };
  };

  const line = (text: string): void => {
    const frame = frameLine.exec(text);
    if (frame && part) {
      if (part.frames.length < limits.maxStackDepth)
        part.frames.push(frameOf(out, frame[1] ?? "", frame[2] ?? ""));
      return;
    }
    if (/^\s*$/.test(text)) return;
    const begun =
      /^(?:==(\d+)==\s*)?(?:ERROR|WARNING): ((?:Address|Leak|Thread|Memory|HWAddress|UndefinedBehavior)Sanitizer): (.*)$/.exec(
        text,
      );
    const undefinedBehaviour = /^\S+:\d+:\d+: runtime error: (.*)$/.exec(text);
    const leak = /^(Direct|Indirect) leak of (\d+) byte\(s\) in (\d+) object\(s\)/.exec(text);
    if (begun) {
      out.meta({ tool: begun[2] ?? "" });
      if (begun[1] !== undefined) out.process(Number(begun[1]));
      error = (begun[3] ?? "").replace(/ on (unknown )?address .*$| \(pid=\d+\)$/, "");
      open(text.trim(), true);
    } else if (undefinedBehaviour) {
      out.meta({ tool: "UndefinedBehaviorSanitizer" });
      error = undefinedBehaviour[1] ?? "";
      open(text.trim(), true);
      addPlace(text);
    } else if (leak) open(`${leak[1]} leak`, true, { bytes: Number(leak[2]), objects: Number(leak[3]) });
    else if (
      error !== "" &&
      /:\s*$|\bthread T\d+|^\s+(Read|Write|Previous|Location|Thread|Mutex)\b|^(READ|WRITE) of size/.test(text)
    ) {
      const isFirst = part !== null && part.frames.length === 0 && part.isFirst;
      // The heading of the error itself: its first stack comes below a further line.
      if (isFirst) part = { title: text.trim(), error, frames: [], leak: null, isFirst: true };
      else open(text.trim().replace(/:$/, ""), false);
    } else if (/^SUMMARY: /.test(text)) close();
  };

  /** UBSan prints the place even where it prints no stack. */
  const addPlace = (text: string): void => {
    const place = /^(\S+):(\d+):(\d+): runtime error/.exec(text);
    if (!place || !part) return;
    pendingPlace = valgrindFrame(out, {
      address: "",
      name: `${place[1]}:${place[2]}`,
      binary: "",
      file: place[1] ?? "",
      line: Number(place[2]),
    });
  };
  let pendingPlace = NONE;

  const lines = new LineSplitter((bytes, start, end) => {
    const text = textOf(bytes, start, end);
    if (pendingPlace !== NONE && part && !frameLine.test(text)) part.frames.push(pendingPlace);
    pendingPlace = NONE;
    line(text);
  }, 1 << 20);
  out.meta({ format: sanitizer.id });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      if (pendingPlace !== NONE && part) part.frames.push(pendingPlace);
      close();
      if (cutErrors > 0) out.note(`Only the first ${limits.maxSamples} stacks were read.`);
    },
  };
}

const MAX_PLACED = 4096;
const placed = /^(.*?) ?(\/\S.*?|[\w.][^\s()]*\.\w+|\.\.\/\S+|<null>)(?::(\d+))?(?::(\d+))?$/;

/** "leak_here /srv/leak.cpp:10:5", "malloc (/usr/lib/libasan.so+0xb89cf)", "(uafr+0x1262)", "race /x.c:7 (uafr+0x1262)". */
function frameOf(out: ProfileBuilder, address: string, text: string): number {
  const module = / ?\(([^()\s]+)\+(0x[0-9a-f]+)\)(?: \(BuildId: [0-9a-f]+\))?$/.exec(text);
  const named = module ? text.slice(0, module.index) : text.replace(/ \(BuildId: [0-9a-f]+\)$/, "");
  // A place is sought from every word on: what is longer than any name and path is a name.
  const place = named.length > MAX_PLACED ? null : placed.exec(named);
  const hasPlace = place !== null && (place[1] ?? "") !== "" && place[2] !== "<null>";
  const name = hasPlace ? (place?.[1] ?? "") : named.replace(/ <null>$/, "");
  return valgrindFrame(out, {
    address: address || (module?.[2] ?? ""),
    name: name.trim() || (module ? `${module[1]}+${module[2]}` : address) || "???",
    binary: module?.[1] ?? "",
    file: hasPlace ? (place?.[2] ?? "") : "",
    line: hasPlace && place?.[3] !== undefined ? Number(place[3]) : NONE,
  });
}
