import { skipBlanks, startsWith, TAB, textOf, tokenEnd } from "../../bytes/ascii.ts";
import { LineSplitter } from "../../bytes/lines.ts";
import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import type { ImportContext, StreamParser } from "../importer.ts";
import { hexLength, PerfHeader } from "./perf-header.ts";
import { branchesStart, isDataSource, isNumbers } from "./perf-line-parts.ts";
import { PerfMeta, StackShapes } from "./perf-meta.ts";
import { PerfRecords } from "./perf-records.ts";
import { PerfSamples } from "./perf-samples.ts";
import { wordsOfText } from "./perf-span-words.ts";
import { type EventRole, PerfSpans, roleOf } from "./perf-spans.ts";
import { PerfStack } from "./perf-stack.ts";
import { PerfThreads } from "./perf-threads.ts";

const HASH = 35;
const OPEN = 40;
const CLOSE = 41;
const MAX_LINE_BYTES = 1 << 20;

const noRole: EventRole = { role: "none", category: "", name: "" };

/**
 * A sample is a header line, frame lines from the innermost out, and a blank line; or, without call graphs, one
 * line. It is added when its end is seen, so a live view never shows half a stack.
 */
export class PerfScriptParser implements StreamParser {
  readonly #out: ProfileBuilder;
  readonly #maxSamples: number;
  readonly #lines: LineSplitter;
  readonly #header = new PerfHeader();
  readonly #meta: PerfMeta;
  readonly #shapes = new StackShapes();
  readonly #threads: PerfThreads;
  readonly #sampleRows: PerfSamples;
  readonly #stack: PerfStack;

  /** The sample whose lines are being read. */
  #isOpen = false;
  #event = 0;
  #thread = NONE;
  #timeNs = 0;
  #period = -1;
  #labels = NONE;
  #cpu = -1;
  /** A line that is a sample's ("comm pid", no time, no event) only if a frame follows. */
  #maybeHeader: Uint8Array | null = null;
  /** The lines with a tab below a record belong to it: PERF_RECORD_NAMESPACES lists them. */
  #isInRecord = false;

  /** Of the open sample, where its event is one of a pair. */
  #role: EventRole = noRole;
  #said = "";
  readonly #roles: EventRole[] = [];
  readonly #records: PerfRecords;
  readonly #spans: PerfSpans;
  /** What may be the sample's own address, or the one that it is about: the next line tells. */
  #number: Uint8Array | null = null;

  #samples = 0;
  #unread = 0;

  constructor(out: ProfileBuilder, context: ImportContext) {
    this.#out = out;
    this.#maxSamples = context.limits.maxSamples;
    this.#stack = new PerfStack(out, context.limits.maxStackDepth);
    this.#threads = new PerfThreads(out);
    this.#sampleRows = new PerfSamples(out);
    this.#meta = new PerfMeta(out);
    this.#records = new PerfRecords(out, this.#threads, context.services?.symbols);
    this.#spans = new PerfSpans(out, this.#threads, this.#records);
    this.#lines = new LineSplitter((bytes, start, end) => this.#line(bytes, start, end), MAX_LINE_BYTES);
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  end(): void {
    const out = this.#out;
    const rest = this.#lines.rest();
    if (rest.length > 0 && rest[rest.length - 1] === CLOSE) {
      // It ends like a frame and lacks only its line end.
      this.#lines.end();
      out.note("The text has no line end after the last sample, whose stack may not be whole.");
    } else if (rest.length > 0) {
      if (rest[0] === TAB) this.#isOpen = false;
      out.note("The text ends in the middle of a sample, which was left out.");
    }
    if (this.#isOpen) this.#close();
    this.#dropMaybe();
    if (this.#unread > 0) {
      out.note(`${this.#unread} ${this.#unread === 1 ? "line" : "lines"} could not be read.`);
    }
    if (this.#lines.cutLines > 0) out.note(`${this.#lines.cutLines} lines were too long and were cut.`);
    if (this.#stack.isNameless)
      out.note("The text has no function names: `perf script -F +sym` writes them.");
    else this.#shapes.note(out);
    this.#spans.finish();
    this.#records.finish();
    this.#sampleRows.nameRenamed(this.#threads.firstNames);
    this.#threads.finish();
  }

  #line(bytes: Uint8Array, start: number, end: number): void {
    if (start === end) {
      this.#isInRecord = false;
      if (this.#isOpen) this.#close();
      else this.#dropMaybe();
    } else if (bytes[start] === TAB) this.#frameLine(bytes, start, end);
    else if (bytes[start] === HASH && !this.#isOpen) this.#meta.read(textOf(bytes, start, end));
    else this.#otherLine(bytes, start, end);
  }

  #frameLine(bytes: Uint8Array, start: number, end: number): void {
    if (this.#isInRecord) return;
    if (!this.#isOpen) {
      if (this.#isFull()) return;
      const line = this.#maybeHeader;
      this.#maybeHeader = null;
      // Fields may be chosen so that there is no header line (-F ip,sym).
      if (line) this.#header.parse(line, 0, line.length);
      else this.#header.clear();
      this.#open(line ?? bytes, 0, 0, false);
    }
    this.#stack.frameLine(bytes, start, end);
  }

  /** A header, or what is indented by spaces or not at all: frames of old versions, source places. */
  #otherLine(bytes: Uint8Array, start: number, end: number): void {
    this.#isInRecord = false;
    const first = skipBlanks(bytes, start, end);
    if (first === end) {
      if (this.#isOpen) this.#close();
      return;
    }
    const header = this.#header;
    const isHeader = header.parse(bytes, start, end);
    if (this.#isOpen && !(isHeader && header.hasTime)) {
      const digits = hexLength(bytes, first, end);
      if (digits >= 6 || (digits > 0 && first > start)) {
        this.#stack.frameLine(bytes, start, end);
        return;
      }
      if (first > start) {
        if (this.#withoutBranches(bytes, first, end) < end) return;
        this.#stack.placeLine(bytes, start, end);
        return;
      }
    }
    if (this.#isOpen) this.#close();
    this.#dropMaybe();
    const { hasTime, eventStart, eventEnd } = header;
    const isBare = !hasTime && eventStart === eventEnd && header.restStart === header.restEnd;
    if (isHeader && isBare) this.#maybeHeader = bytes.slice(start, end);
    else if (isHeader) this.#headerLine(bytes);
    else this.#unreadLine(bytes, textOf(bytes, start, Math.min(end, start + 400)));
  }

  #headerLine(bytes: Uint8Array): void {
    const { eventStart, eventEnd, restStart, restEnd } = this.#header;
    if (startsWith(bytes, eventStart, eventEnd, "PERF_RECORD_")) {
      this.#isInRecord = true;
      this.#records.read(textOf(bytes, eventStart, restEnd), bytes, this.#header);
      return;
    }
    if (this.#isFull()) return;
    const end = this.#withoutBranches(bytes, restStart, restEnd);
    if (hexLength(bytes, restStart, end) === 0 || isDataSource(bytes, restStart, end)) {
      this.#open(bytes, restStart, end, false);
      return;
    }
    if (isNumbers(bytes, restStart, end)) {
      this.#open(bytes, restStart, restStart, false);
      this.#number = bytes.slice(restStart, end);
      return;
    }
    // One line a sample: "ip symbol (binary)", with the address that the event is about in front where asked for.
    const next = tokenEnd(bytes, restStart, end);
    const ip = skipBlanks(bytes, next, end);
    const symbol = skipBlanks(bytes, tokenEnd(bytes, ip, end), end);
    const hasAddress = hexLength(bytes, ip, end) > 0 && symbol < end && bytes[symbol] !== OPEN;
    this.#open(bytes, restStart, hasAddress ? next : restStart, true);
    this.#stack.frameLine(bytes, hasAddress ? ip : restStart, end);
    this.#close(true);
  }

  #dropMaybe(): void {
    if (this.#maybeHeader) this.#unread++;
    this.#maybeHeader = null;
  }

  #unreadLine(bytes: Uint8Array, text: string): void {
    const record = text.indexOf("PERF_RECORD_");
    this.#isInRecord = record !== -1;
    if (record !== -1) this.#records.read(text.slice(record), bytes, null);
    else if (!this.#records.countLost(text)) this.#unread++;
  }

  /** The model has no place for branches. */
  #withoutBranches(bytes: Uint8Array, start: number, end: number): number {
    const at = branchesStart(bytes, start, end);
    if (at < end) this.#out.note("Branch stacks were skipped.");
    return at;
  }

  #isFull(): boolean {
    if (this.#samples < this.#maxSamples) return false;
    this.#out.note(`Only the first ${this.#samples} samples were read.`);
    return true;
  }

  /** With the range of what the line says besides. */
  #open(bytes: Uint8Array, textStart: number, textEnd: number, isAddress: boolean): void {
    const header = this.#header;
    this.#isOpen = true;
    this.#stack.clear();
    this.#event = this.#sampleRows.event(bytes, header);
    this.#thread = this.#threads.of(bytes, header);
    this.#timeNs = header.hasTime ? this.#out.relativeTime(header.seconds, header.nanos) : 0;
    this.#period = header.period;
    this.#cpu = header.cpu;
    this.#number = null;
    this.#role = this.#roleOf(this.#event, bytes);
    this.#said = this.#role === noRole ? "" : textOf(bytes, textStart, textEnd);
    const { laterName } = this.#threads;
    this.#labels = this.#sampleRows.labels(bytes, header.cpu, laterName, textStart, textEnd, isAddress);
  }

  #roleOf(event: number, bytes: Uint8Array): EventRole {
    if (event === this.#roles.length) {
      const { eventStart, eventEnd } = this.#header;
      const role = roleOf(textOf(bytes, eventStart, eventEnd));
      this.#roles.push(role.role === "none" ? noRole : role);
    }
    return this.#roles[event] ?? noRole;
  }

  /** Of a line with nothing but numbers: with frames below it is what the sample is about, else its own address. */
  #placeNumber(number: Uint8Array): void {
    if (this.#stack.depth === 0) {
      this.#stack.frameLine(number, 0, tokenEnd(number, 0, number.length));
      return;
    }
    const isOne = tokenEnd(number, 0, number.length) === number.length;
    const { laterName } = this.#threads;
    this.#labels = this.#sampleRows.labels(number, this.#cpu, laterName, 0, number.length, isOne);
  }

  #close(isOneLine = false): void {
    this.#isOpen = false;
    if (this.#number) this.#placeNumber(this.#number);
    this.#samples++;
    const depth = this.#stack.depth;
    if (depth === 0 || isOneLine) this.#shapes.bare();
    else this.#shapes.stack(depth, this.#stack.isLost);
    const stack = this.#stack.build();
    const timeNs = this.#out.seen(this.#timeNs);
    this.#sampleRows.add(this.#event, timeNs, this.#thread, stack, this.#period, this.#labels);
    if (this.#role !== noRole)
      this.#spans.add(this.#role, this.#thread, timeNs, stack, wordsOfText(this.#role, this.#said));
  }
}
