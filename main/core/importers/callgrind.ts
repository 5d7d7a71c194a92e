import { hexDigit, isDigit, skipBlanks, startsWith, textOf, tokenEnd } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { type LabelSpec, NONE, type ProfileBuilder, type SeriesBuilder } from "../model/builder.ts";
import { int32 } from "../model/growable.ts";
import type { StreamImporter, StreamParser } from "./importer.ts";
import { CallgrindExact, CallgrindPart } from "./shared/callgrind-costs.ts";
import { type CallgrindEvent, callgrindEvent, kindOfEvents } from "./shared/callgrind-events.ts";

/**
 * Profiles of callgrind, cachegrind and xdebug: what every line and call cost, in every event. A file may hold several
 * parts, each with what has come since the one before. https://valgrind.org/docs/manual/cl-format.html
 */
export const callgrind: StreamImporter = {
  id: "callgrind",
  title: "callgrind, cachegrind",
  extensions: ["callgrind", "cachegrind", "out"],
  order: 160,
  kind: "stream",
  sniff: (head) => {
    if (head.subarray(0, 4096).includes(0)) return false;
    const text = textOf(head);
    return (
      /^\ufeff?\s*(# call|# cache|version:|creator:|pid:|cmd:|desc:|positions:|events?:|part:|thread:)/.test(
        text,
      ) &&
      /^events:[ \t]*\S/m.test(text) &&
      /^(fn|fl|ob)=|^(summary|totals):/m.test(text)
    );
  },
  open: createParser,
};

const PLUS = 43;
const MINUS = 45;
const STAR = 42;
const HASH = 35;
const LOWER_X = 120;
const MAX_EVENTS = 1000;
const TWO_32 = 2 ** 32;

function createParser(out: ProfileBuilder): StreamParser {
  const names = new Map<string, string>();
  const functionIndex = new Map<string, number>();
  const functionRow = int32();
  const functionFrame = int32();
  const binaries: string[] = [];
  const several = new Set<number>();
  let events: readonly CallgrindEvent[] = [];
  let eventNames = "";
  let series: SeriesBuilder | null = null;
  let exact = new CallgrindExact(0);
  let part = new CallgrindPart(0);
  let costs = new Float64Array(0);
  const said = { creator: "", pid: NONE, cmd: "", part: "", thread: "" };
  let summary: readonly number[] | null = null;
  let totals: readonly number[] | null = null;
  let hasLine = true;
  let hasAddress = false;
  let object = "";
  let file = "";
  let name: string | null = null;
  let home = NONE;
  let current = NONE;
  let calledObject: string | null = null;
  let calledFile: string | null = null;
  let callee = NONE;
  let calls = NONE;
  let line = 0;
  let address = 0;
  let malformed = 0;
  let jumps = 0;
  let otherEvents = 0;

  const nameOf = (context: string, text: string): string => {
    const match = /^\((\d+)\)\s*(.*)$/.exec(text);
    if (!match) return text;
    const [, id = "", full = ""] = match;
    const key = `${context}${id}`;
    if (full !== "") names.set(key, full);
    return names.get(key) ?? `(${id})`;
  };

  const functionOf = (ofFile: string, ofName: string, ofObject: string): number => {
    const key = `${ofFile}\0${ofName}`;
    const known = functionIndex.get(key);
    if (known !== undefined) {
      if (binaries[known] !== ofObject && ofObject !== "") several.add(known);
      return known;
    }
    const row = out.function({
      name: out.string(ofName),
      kind: /^xdebug/i.test(said.creator) ? "unknown" : "native",
      ...(ofFile !== "" && ofFile !== "???" && { file: out.string(ofFile) }),
      ...(ofObject !== "" && ofObject !== "???" && { binary: out.binary(ofObject) }),
    });
    const index = functionRow.push(row);
    functionFrame.push(out.frame({ function: row }));
    functionIndex.set(key, index);
    binaries.push(ofObject);
    return index;
  };

  const checkTotals = (): void => {
    const promised = summary?.some((each) => each !== 0) ? summary : totals;
    if (!promised || promised.every((each, i) => each === part.totals[i])) return;
    // xdebug and cachegrind may leave out events at the end.
    out.note(
      `The costs in the file are ${Array.from(part.totals).join(" ")} in all, where its summary says ${promised.join(" ")}.`,
    );
  };

  const endPart = (): void => {
    if (!series || part.isEmpty) return;
    checkTotals();
    const labels: LabelSpec[] = [];
    const number = Number.parseInt(said.part, 10);
    if (!Number.isNaN(number)) labels.push({ key: out.string("part"), number });
    let thread = NONE;
    if (said.pid !== NONE || said.thread !== "") {
      const tid = Number.parseInt(said.thread, 10);
      thread = out.thread(
        out.process(said.pid, said.cmd),
        Number.isNaN(tid) ? said.pid : tid,
        said.thread === "" ? "" : `thread ${said.thread}`,
      );
    }
    part.spread(out, series, functionFrame.view(), thread, labels);
    part = new CallgrindPart(events.length);
    exact.endPart();
    summary = null;
    totals = null;
    home = NONE;
    current = NONE;
    name = null;
    calls = NONE;
    said.thread = "";
  };

  const setEvents = (text: string): void => {
    const found = text.split(/\s+/).slice(0, MAX_EVENTS);
    if (series) {
      if (text !== eventNames) otherEvents++;
      return;
    }
    eventNames = text;
    events = found.map((each) => callgrindEvent(each, said.creator));
    series = out.series({
      id: events[0]?.name ?? "cost",
      kind: kindOfEvents(events),
      timed: false,
      values: events.map(({ name: title, unit }) => ({ name: title, unit })),
    });
    exact = new CallgrindExact(events.length);
    part = new CallgrindPart(events.length);
    costs = new Float64Array(events.length);
  };

  const numbers = (text: string): readonly number[] =>
    text.split(/\s+/, events.length).map((each, i) => (Number(each) || 0) * (events[i]?.scale ?? 1));

  /** True where the line is a header. */
  const header = (text: string): boolean => {
    const match = /^([a-z]+):[ \t]*(.*)$/.exec(text);
    if (!match) return false;
    const [, key = "", rest = ""] = match;
    const value = rest.trimEnd();
    if (key === "summary" || key === "totals") {
      if (key === "summary") summary = numbers(value);
      else totals = numbers(value);
      return true;
    }
    if (!/^(version|creator|pid|cmd|part|thread|desc|positions|events|event)$/.test(key)) return false;
    endPart();
    if (key === "creator") said.creator = value;
    else if (key === "pid") said.pid = /^\d{1,9}$/.test(value) ? Number(value) : NONE;
    else if (key === "cmd") said.cmd = value;
    else if (key === "part") said.part = value;
    else if (key === "thread") said.thread = value;
    else if (key === "positions") {
      hasLine = /line/.test(value);
      hasAddress = /addr|instr/.test(value);
    } else if (key === "events") setEvents(value);
    else if (key === "event" && value.includes("="))
      out.note("Events that are worked out from others by a formula are left out.");
    return true;
  };

  const assign = (text: string): boolean => {
    const at = text.indexOf("=");
    const key = text.slice(0, at);
    const value = text.slice(at + 1);
    switch (key) {
      case "fn":
        name = nameOf("fn", value);
        home = functionOf(file, name, object);
        current = home;
        return true;
      case "fl":
        file = nameOf("fl", value);
        return true;
      case "fi":
      case "fe":
        file = nameOf("fl", value);
        if (name === null) return false;
        current = functionOf(file, name, object);
        return true;
      case "ob":
        object = nameOf("ob", value);
        return true;
      case "cob":
        calledObject = nameOf("ob", value);
        return true;
      case "cfi":
      case "cfl":
        calledFile = nameOf("fl", value);
        return true;
      case "cfn":
        callee = functionOf(calledFile || file, nameOf("fn", value), calledObject ?? object);
        calledFile = null;
        calledObject = null;
        return true;
      case "calls":
        calls = Number.parseInt(value, 10);
        if (Number.isNaN(calls)) calls = 0;
        return true;
      case "jump":
      case "jcnd":
        jumps++;
        return true;
      case "jfi":
        nameOf("fl", value);
        return true;
      case "jfn":
        nameOf("fn", value);
        return true;
      default:
        return false;
    }
  };

  /** The number at `start`, which may be relative to `before`; NaN where there is none. */
  const position = (bytes: Uint8Array, start: number, end: number, before: number): number => {
    const sign = bytes[start] as number;
    if (sign === STAR) return end === start + 1 ? before : Number.NaN;
    let at = sign === PLUS || sign === MINUS ? start + 1 : start;
    if (at === end) return Number.NaN;
    let value = 0;
    if ((bytes[at + 1] as number) === LOWER_X && at + 2 < end) {
      for (at += 2; at < end; at++) {
        const digit = hexDigit(bytes[at] as number);
        if (digit === -1) return Number.NaN;
        value = value * 16 + digit;
      }
    } else
      for (; at < end; at++) {
        const byte = bytes[at] as number;
        if (!isDigit(byte)) return Number.NaN;
        value = value * 10 + (byte - 48);
      }
    if (sign === PLUS) return before + value;
    return sign === MINUS ? before - value : value;
  };

  const costLine = (bytes: Uint8Array, start: number, end: number): void => {
    let at = start;
    for (let isAddress = hasAddress; ; isAddress = false) {
      const to = tokenEnd(bytes, at, end);
      const value = position(bytes, at, to, isAddress ? address : line);
      if (Number.isNaN(value)) {
        malformed++;
        return;
      }
      if (isAddress) address = value;
      else line = value;
      at = skipBlanks(bytes, to, end);
      if (!isAddress || !hasLine) break;
    }
    if (current === NONE || !series) {
      malformed++;
      return;
    }
    let isZero = true;
    for (let i = 0; i < costs.length; i++) {
      const to = tokenEnd(bytes, at, end);
      let value = 0;
      for (; at < to; at++) {
        const digit = (bytes[at] as number) - 48;
        if (digit < 0 || digit > 9) {
          // "." is nothing, in old files of cachegrind. Negative numbers are in those of xdebug (freed memory).
          if (bytes[at] === MINUS && at + 1 < to) value = -position(bytes, at + 1, to, 0) || 0;
          else if (bytes[at] !== 46) malformed++;
          break;
        }
        value = value * 10 + digit;
      }
      const scaled = value * (events[i] as CallgrindEvent).scale;
      costs[i] = scaled;
      if (scaled !== 0) isZero = false;
      at = skipBlanks(bytes, to, end);
    }
    const ofLine = hasLine && line > 0 && line < 2 ** 31 ? line : NONE;
    if (calls !== NONE) {
      if (callee !== NONE) {
        part.call(home, callee, costs);
        exact.call(current, callee, ofLine, calls, costs);
      }
      calls = NONE;
      return;
    }
    if (isZero) return;
    const frame = out.frame({
      function: functionRow.at(current),
      line: ofLine,
      ...(hasAddress &&
        address >= 0 && {
          addressHigh: Math.floor(address / TWO_32) >>> 0,
          addressLow: (address % TWO_32) >>> 0,
        }),
    });
    part.self(home, frame, costs);
    exact.self(current, costs);
  };

  const lines = new LineSplitter((bytes, start, end) => {
    if (start === end) return;
    const byte = bytes[start] as number;
    if (isDigit(byte) || byte === PLUS || byte === MINUS || byte === STAR) {
      costLine(bytes, start, end);
      return;
    }
    if (byte === HASH) {
      if (startsWith(bytes, start, end, "# cachegrind")) said.creator ||= "cachegrind";
      return;
    }
    const text = textOf(bytes, start, end).replace(/^\ufeff/, "");
    if (text.trim() === "") return;
    if (!(text.includes("=") && assign(text)) && !header(text)) malformed++;
  }, 1 << 20);

  out.meta({ format: callgrind.id });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      endPart();
      if (series) exact.write(series, functionRow.view());
      const [, tool = said.creator, version = ""] = /^(.*?)[- ](\d.*)$/.exec(said.creator) ?? [];
      out.meta({
        tool: tool || "callgrind",
        toolVersion: version,
        target: said.pid === NONE ? said.cmd : `${said.cmd.trim()} ${said.pid}`.trim(),
      });
      if (jumps > 0) out.note(`${jumps} counts of jumps within functions are left out.`);
      if (several.size > 0)
        out.note(
          `${several.size} functions have the same name and file in several binaries and are taken as one, as callgrind_annotate does.`,
        );
      if (otherEvents > 0)
        out.note(`${otherEvents} parts have other events than the first; they are read as those.`);
      if (malformed > 0) out.note(`${malformed} lines or numbers could not be read.`);
    },
  };
}
