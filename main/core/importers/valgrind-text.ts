import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { errorSeries, leakSeries } from "./shared/memory-errors.ts";
import { parseValgrindFrame, stackInwards, valgrindFrame } from "./shared/valgrind-frames.ts";

/**
 * What memcheck, helgrind and drd print for people: leak records with bytes and blocks, every other error with each of
 * its stacks. https://valgrind.org/docs/manual/manual-core.html#manual-core.comment
 */
export const valgrindText: StreamImporter = {
  id: "valgrind-text",
  title: "valgrind memcheck, helgrind, drd (text)",
  extensions: ["txt", "log"],
  order: 170,
  kind: "stream",
  sniff: (head) => {
    const text = textOf(head.subarray(0, 16_384));
    if (text.includes("\0")) return false;
    return /^==\d+== (?:Memcheck|Helgrind|drd), a |^==\d+== {4}at 0x[0-9A-F]+: .*\r?\n==\d+== (?: {3}by 0x|\r?\n)/m.test(
      text,
    );
  },
  open: (out, context) => createParser(out, context),
};

const leakRecord =
  /^([\d,]+)(?: \([+-]?[\d,]+\))?(?: \([^)]*direct[^)]*\))? bytes in ([\d,]+)(?: \([+-]?[\d,]+\))? blocks? (?:are|is) (.+?) in (?:new )?loss record/;
const MAX_HEADING = 8;

interface Stack {
  readonly about: string;
  readonly frames: number[];
}

/** Lines of one process, up to the blank line or the rule that ends its error. */
interface ErrorText {
  heading: string[];
  stacks: Stack[];
  /** helgrind draws a line before each error and has blank lines within it. */
  isRuled: boolean;
}

function createParser(out: ProfileBuilder, { limits }: ImportContext): StreamParser {
  const errors = new Map<number, ErrorText>();
  let read = 0;

  const close = (pid: number, error: ErrorText): void => {
    const [first, ...others] = error.stacks;
    const title = error.heading.join(" ");
    error.heading = [];
    error.stacks = [];
    if (!first) return;
    read++;
    const process = out.process(pid);
    const tid = /^Thread #?(\d{1,9})\b/.exec(title)?.[1];
    const thread = tid === undefined ? NONE : out.thread(process, Number(tid));
    const labels = (part: string): number =>
      out.labelSet([
        { key: out.string("what"), text: out.string(title) },
        ...(part === "" ? [] : [{ key: out.string("part"), text: out.string(part) }]),
      ]);
    const stackOf = ({ frames }: Stack): number => stackInwards(out, frames, limits.maxStackDepth);
    const leak = leakRecord.exec(title);
    if (leak) {
      const [, bytes = "", blocks = "", kind = ""] = leak;
      leakSeries(out, "blocks").addValues(
        0,
        thread,
        stackOf(first),
        [number(bytes), number(blocks)],
        out.labelSet([
          { key: out.string("kind"), text: out.string(kind) },
          { key: out.string("what"), text: out.string(title) },
        ]),
      );
      return;
    }
    const series = errorSeries(out);
    const isError = !/^Thread #\d+ was created/.test(title);
    series.addValues(0, thread, stackOf(first), [isError ? 1 : 0, 1], labels(first.about));
    for (const other of others) series.addValues(0, thread, stackOf(other), [0, 1], labels(other.about));
  };

  const line = (pid: number, text: string): void => {
    let error = errors.get(pid);
    if (!error) {
      error = { heading: [], stacks: [], isRuled: false };
      errors.set(pid, error);
    }
    const frame = /^ {3}(?:at|by) (0x[0-9A-Fa-f]+: .*)$/.exec(text)?.[1];
    if (frame !== undefined) {
      let stack = error.stacks.at(-1);
      if (!stack || text.startsWith("   at")) {
        stack = { about: error.stacks.length === 0 ? "" : (error.heading.pop() ?? ""), frames: [] };
        error.stacks.push(stack);
      }
      if (stack.frames.length < limits.maxStackDepth)
        stack.frames.push(valgrindFrame(out, parseValgrindFrame(frame)));
      return;
    }
    if (/^-{10,}$|^---[\w-]+-{10,}$/.test(text)) {
      close(pid, error);
      error.isRuled = true;
    } else if (text.trim() === "") {
      if (!error.isRuled) close(pid, error);
    } else if (/^(?:LEAK|HEAP|ERROR) SUMMARY:|^For (?:lists|counts) of/.test(text)) {
      close(pid, error);
      error.isRuled = false;
    } else fact(out, pid, text) || pushHeading(error, text.trim());
  };

  const lines = new LineSplitter((bytes, start, end) => {
    const match = /^==(\d{1,9})== ?(.*)$/s.exec(textOf(bytes, start, end).trimEnd());
    if (match) line(Number(match[1]), match[2] ?? "");
  }, 1 << 20);
  out.meta({ format: valgrindText.id, tool: "valgrind" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      for (const [pid, error] of errors) close(pid, error);
      if (lines.cutLines > 0) out.note(`${lines.cutLines} lines were too long and were cut.`);
      if (read === 0) out.note("There are no errors with stacks in the text.");
    },
  };
}

/** Headings of an error, then of each further stack; what goes on without stacks is bounded. */
function pushHeading(error: ErrorText, text: string): void {
  if (error.heading.length >= MAX_HEADING) error.heading.shift();
  error.heading.push(text);
}

/** Lines about the run; true where this is one. */
function fact(out: ProfileBuilder, pid: number, text: string): boolean {
  const tool = /^(Memcheck|Helgrind|drd), a /.exec(text)?.[1];
  const version = /^Using Valgrind-(\S+)/.exec(text)?.[1];
  const command = /^Command: (.+)$/.exec(text)?.[1];
  if (tool !== undefined) out.meta({ tool: `valgrind ${tool.toLowerCase()}` });
  else if (version !== undefined) out.meta({ toolVersion: version });
  else if (command !== undefined) {
    const target = command.split(" ")[0] ?? "";
    out.meta({ command, target });
    out.process(pid, target.slice(target.lastIndexOf("/") + 1));
  } else return text.startsWith("Copyright (C)");
  return true;
}

const number = (text: string): number => Number(text.replaceAll(",", ""));
