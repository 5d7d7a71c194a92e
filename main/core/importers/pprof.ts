import { throwProblem } from "../base/result.ts";
import { ProtobufDamage, ProtobufReader, wire } from "../bytes/protobuf.ts";
import { NONE, type ProfileBuilder, type SeriesBuilder } from "../model/builder.ts";
import { int32 } from "../model/growable.ts";
import type { FunctionKind, SeriesKind } from "../model/profile.ts";
import type { ImportContext, SeekImporter } from "./importer.ts";
import { PprofTables, profileField } from "./shared/pprof-tables.ts";

/**
 * Profiles of Go, gperftools and everything else that writes profile.proto, gzipped or not. Read twice where it lies: the
 * tables first, for they may come after the samples. https://github.com/google/pprof/blob/main/proto/profile.proto
 */
export const pprof: SeekImporter = {
  id: "pprof",
  title: "pprof",
  extensions: ["pb", "pprof", "prof"],
  order: 60,
  kind: "seek",
  sniff: looksLikePprof,
  parse: async (source, out, context) => {
    const bytes = await source.read(0, source.sizeBytes);
    await read(bytes, out, context);
  },
};

/** Wire types that a field may have; the proto has none but these. */
const kinds: Readonly<Record<number, readonly number[]>> = {
  1: [wire.bytes],
  2: [wire.bytes],
  3: [wire.bytes],
  4: [wire.bytes],
  5: [wire.bytes],
  6: [wire.bytes],
  7: [wire.varint],
  8: [wire.varint],
  9: [wire.varint],
  10: [wire.varint],
  11: [wire.bytes],
  12: [wire.varint],
  13: [wire.varint, wire.bytes],
  14: [wire.varint],
  15: [wire.varint],
};

/** There is no magic: every field up to the end of the head must be one of the proto, and the first value types must hold. */
function looksLikePprof(head: Uint8Array): boolean {
  const reader = new ProtobufReader(head);
  let fields = 0;
  let types = 0;
  try {
    while (reader.next()) {
      if (!kinds[reader.field]?.includes(reader.wireType)) return false;
      const field = reader.field;
      if (reader.wireType === wire.varint) reader.varint();
      else {
        const end = reader.span();
        if (field === profileField.sampleType || field === profileField.periodType) {
          const isType = isValueType(reader, end);
          if (!isType) return false;
          if (field === profileField.sampleType) types++;
        } else if (field === profileField.sample && !isMessage(reader, end, 3)) return false;
        reader.at = end;
      }
      fields++;
      if (fields >= 200) break;
    }
  } catch (error) {
    if (!(error instanceof ProtobufDamage)) throw error;
    // The head of a large file ends anywhere.
  }
  return types > 0 && fields > types;
}

function isValueType(reader: ProtobufReader, end: number): boolean {
  if (end - reader.at > 24) return false;
  let fields = 0;
  while (reader.next(end)) {
    if (reader.field > 2 || reader.wireType !== wire.varint) return false;
    reader.varint();
    if (reader.high !== 0) return false;
    fields++;
  }
  return fields > 0;
}

function isMessage(reader: ProtobufReader, end: number, fields: number): boolean {
  while (reader.next(end)) {
    if (reader.field > fields) return false;
    reader.skip();
  }
  return reader.at === end;
}

const seriesKindOf = (type: string): SeriesKind => {
  if (/^(cpu|samples|cycles|wall)$/.test(type)) return type === "wall" ? "wall" : "cpu";
  if (/inuse|^heap|live/.test(type)) return "heap";
  if (/alloc|^space$|^objects$/.test(type)) return "alloc";
  if (/delay|contention|mutex|block|lock/.test(type)) return "lock";
  return "other";
};

async function read(bytes: Uint8Array, out: ProfileBuilder, context: ImportContext): Promise<void> {
  const tables = new PprofTables(bytes);
  if (tables.sampleTypes.length === 0)
    throwProblem(
      "damaged-file",
      "The profile does not say what its samples measure.",
      "Record it again, or copy it again from where it came from.",
      tables.damage ?? undefined,
    );
  out.meta({ format: pprof.id, tool: "pprof" });
  describe(out, tables);
  const types = tables.sampleTypes.map(({ type, unit }) => ({
    name: tables.text(type),
    unit: tables.text(unit),
  }));
  // Views start with the first value: that of the file's choice, else the last, as pprof does.
  const wanted = types.findIndex(({ name }) => name !== "" && name === tables.text(tables.defaultSampleType));
  const first = wanted === -1 ? types.length - 1 : wanted;
  const order = [first, ...types.keys()].filter((index, i, all) => all.indexOf(index) === i);
  const values = order.map((index) => ({
    name: types[index]?.name || `value ${index + 1}`,
    unit: types[index]?.unit || "count",
  }));
  const main = values[0]?.name ?? "";
  const series = out.series({ id: main, kind: seriesKindOf(main), timed: false, values });
  await new PprofSamples(out, tables, series, order, context).read(bytes);
  if (tables.damage !== null)
    out.note(`The file is damaged; what comes before the damage was read: ${tables.damage}.`);
}

function describe(out: ProfileBuilder, tables: PprofTables): void {
  const { timeNanos, durationNanos, period, comments } = tables;
  if (timeNanos > 0) out.meta({ startedAtMs: Math.floor(timeNanos / 1e6) });
  if (durationNanos > 0) out.seen(durationNanos);
  if (period > 0 && tables.text(tables.periodUnit) === "nanoseconds") out.meta({ periodNs: period });
  const said = comments.map((index) => tables.text(index)).filter((text) => text !== "");
  if (said.length > 0) out.meta({ command: said.join("; ") });
  const file = tables.mappingFile.length > 0 ? tables.text(tables.mappingFile.at(0)) : "";
  if (file !== "") out.meta({ target: file.slice(file.lastIndexOf("/") + 1) });
  const drop = tables.text(tables.dropFrames);
  if (drop !== "")
    out.note(
      `The writer wants frames that match ${drop} to be dropped where they are innermost; they were kept.`,
    );
}

/** false: something in it cannot be; what was read before that stays. */
function isSound(readPart: () => void): boolean {
  try {
    readPart();
    return true;
  } catch (error) {
    if (error instanceof ProtobufDamage) return false;
    throw error;
  }
}

class PprofSamples {
  readonly #out: ProfileBuilder;
  readonly #tables: PprofTables;
  readonly #series: SeriesBuilder;
  readonly #order: readonly number[];
  readonly #context: ImportContext;
  /** Frames of each location, outermost first, made when it is first seen: where they begin; -1 until then. */
  readonly #firstFrame: Int32Array;
  readonly #frameCount: Int32Array;
  readonly #frames = int32();
  readonly #kind: FunctionKind;
  readonly #labelSets = new Map<string, { readonly labels: number; readonly thread: number }>();
  #unknown = 0;
  #cut = 0;
  #damaged = 0;

  constructor(
    out: ProfileBuilder,
    tables: PprofTables,
    series: SeriesBuilder,
    order: readonly number[],
    context: ImportContext,
  ) {
    this.#out = out;
    this.#tables = tables;
    this.#series = series;
    this.#order = order;
    this.#context = context;
    const count = tables.locationMapping.length;
    this.#firstFrame = new Int32Array(count).fill(-1);
    this.#frameCount = new Int32Array(count);
    this.#kind = this.#isGo() ? "go" : "native";
  }

  async read(bytes: Uint8Array): Promise<void> {
    const reader = new ProtobufReader(bytes, 0, this.#tables.soundEnd);
    const { maxSamples, maxStackDepth } = this.#context.limits;
    /** Rows of locations, innermost first. */
    let path = new Int32Array(256);
    const values = new Float64Array(Math.max(1, this.#order.length));
    const ordered: number[] = [];
    let done = 0;
    while (reader.next()) {
      const isSample = reader.field === profileField.sample && reader.wireType === wire.bytes;
      if (!isSample) {
        reader.skip();
        continue;
      }
      const end = reader.span();
      if (done === maxSamples) {
        this.#out.note(`Only the first ${maxSamples} samples were read.`);
        break;
      }
      if ((done & 0xffff) === 0) {
        this.#context.progress(reader.at / bytes.length);
        await this.#context.pause?.();
        this.#context.signal.throwIfAborted();
      }
      done++;
      let depth = 0;
      let count = 0;
      let labels = "";
      values.fill(0);
      const addLocation = (): void => {
        if (depth === path.length) {
          const longer = new Int32Array(depth * 2);
          longer.set(path);
          path = longer;
        }
        path[depth++] = this.#tables.locations.get(reader.number);
      };
      const readSample = (): void => {
        while (reader.next(end)) {
          const { field } = reader;
          if (reader.wireType === wire.bytes) {
            const stop = reader.span();
            if (field === 1)
              while (reader.at < stop) {
                reader.varint();
                addLocation();
              }
            else if (field === 2)
              while (reader.at < stop) {
                reader.varint();
                if (count < values.length) values[count] = reader.signed;
                count++;
              }
            else if (field === 3) labels += `${this.#label(reader, stop)}\n`;
            reader.at = stop;
          } else if (reader.wireType === wire.varint) {
            reader.varint();
            if (field === 1) addLocation();
            else if (field === 2) {
              if (count < values.length) values[count] = reader.signed;
              count++;
            }
          } else reader.skip();
        }
      };
      if (!isSound(readSample)) this.#damaged++;
      reader.at = end;
      let stack = NONE;
      let frames = 0;
      for (let i = depth - 1; i >= 0; i--) {
        const row = path[i] as number;
        if (row === -1) {
          this.#unknown++;
          continue;
        }
        if ((this.#firstFrame[row] as number) === -1) this.#makeFrames(row);
        const from = this.#firstFrame[row] as number;
        const to = from + (this.#frameCount[row] as number);
        for (let at = from; at < to; at++) {
          if (++frames > maxStackDepth) {
            this.#cut++;
            break;
          }
          stack = this.#out.stack(stack, this.#frames.at(at));
        }
      }
      for (let i = 0; i < this.#order.length; i++) ordered[i] = values[this.#order[i] as number] as number;
      const known = labels === "" ? null : this.#labelled(labels);
      this.#series.addValues(0, known?.thread ?? NONE, stack, ordered, known?.labels ?? NONE);
    }
    this.#context.progress(1);
    if (this.#unknown > 0)
      this.#out.note(`${this.#unknown} frames are of locations that the file does not describe.`);
    const damaged = this.#damaged + this.#tables.damagedFields;
    if (damaged > 0)
      this.#out.note(`${damaged} parts of the file are damaged; what could be read of them was kept.`);
    if (this.#cut > 0) this.#out.note(`${this.#cut} frames were deeper than ${maxStackDepth} and were cut.`);
  }

  /** "key text number unit", all numbers: the same for the same label. */
  #label(reader: ProtobufReader, end: number): string {
    let key = 0;
    let text = 0;
    let number = 0;
    let unit = 0;
    while (reader.next(end)) {
      if (reader.wireType !== wire.varint) reader.skip();
      else {
        reader.varint();
        if (reader.field === 1) key = reader.number;
        else if (reader.field === 2) text = reader.number;
        else if (reader.field === 3) number = reader.signed;
        else if (reader.field === 4) unit = reader.number;
      }
    }
    return `${key} ${text} ${number} ${unit}`;
  }

  /** A set of labels; those that say the thread become one. */
  #labelled(lines: string): { readonly labels: number; readonly thread: number } {
    const known = this.#labelSets.get(lines);
    if (known) return known;
    const out = this.#out;
    const all = lines
      .trimEnd()
      .split("\n")
      .map((line) => {
        const [key = 0, text = 0, number = 0, unit = 0] = line.split(" ").map(Number);
        return {
          key: this.#tables.text(key),
          text: this.#tables.text(text),
          isText: text > 0,
          number,
          unit: this.#tables.text(unit),
        };
      });
    const pid = all.find((label) => label.key === "pid" && !label.isText)?.number;
    const tid = all.find((label) => label.key === "tid" && !label.isText)?.number;
    const name = all.find((label) => label.key === "thread" && label.isText)?.text ?? "";
    const isThread =
      pid !== undefined && tid !== undefined && Math.abs(pid) < 2 ** 31 && Math.abs(tid) < 2 ** 31;
    const kept = isThread ? all.filter(({ key }) => key !== "pid" && key !== "tid" && key !== "thread") : all;
    const set = {
      thread: isThread ? out.thread(out.process(pid), tid, name) : NONE,
      labels: out.labelSet(
        kept.map((label) => ({
          key: out.string(label.key),
          ...(label.isText
            ? { text: out.string(label.text) }
            : { number: label.number, ...(label.unit !== "" && { unit: out.string(label.unit) }) }),
        })),
      ),
    };
    this.#labelSets.set(lines, set);
    return set;
  }

  #makeFrames(row: number): void {
    const out = this.#out;
    const tables = this.#tables;
    const addressHigh = tables.locationHigh.at(row);
    const addressLow = tables.locationLow.at(row);
    const hasAddress = addressHigh !== 0 || addressLow !== 0;
    const address = hasAddress ? { addressHigh, addressLow } : {};
    const mapping = tables.mappings.get(tables.locationMapping.at(row));
    const path = mapping === -1 ? "" : tables.text(tables.mappingFile.at(mapping));
    const binary = path === "" ? NONE : out.binary(path, tables.text(tables.mappingBuildId.at(mapping)));
    const isKernel = path.startsWith("[kernel");
    const from = tables.locationLines.at(row);
    const to = tables.locationLines.at(row + 1);
    this.#firstFrame[row] = this.#frames.length;
    this.#frameCount[row] = Math.max(1, to - from);
    if (from === to) {
      const name = `0x${(addressHigh * 2 ** 32 + addressLow).toString(16)}`;
      const kind = isKernel ? "kernel" : this.#kind;
      this.#frames.push(
        out.frame({ function: out.function({ name: out.string(name), binary, kind }), ...address }),
      );
      return;
    }
    // The last line is the function itself, those before were inlined into it.
    for (let line = to - 1; line >= from; line--) {
      const fn = tables.functions.get(tables.lineFunction.at(line));
      const file = fn === -1 ? "" : tables.text(tables.functionFile.at(fn));
      const name =
        fn === -1
          ? "(unknown)"
          : tables.text(tables.functionName.at(fn)) ||
            tables.text(tables.functionSystemName.at(fn)) ||
            "(unknown)";
      const startLine = fn === -1 ? NONE : tables.functionLine.at(fn);
      this.#frames.push(
        out.frame({
          function: out.function({
            name: out.string(name),
            binary,
            kind: isKernel ? "kernel" : this.#kind,
            line: startLine > 0 ? startLine : NONE,
            ...(file !== "" && { file: out.string(file) }),
          }),
          ...address,
          line: positive(tables.lineLine.at(line)),
          column: positive(tables.lineColumn.at(line)),
          inlineDepth: to - 1 - line,
        }),
      );
    }
  }

  #isGo(): boolean {
    const { functionName } = this.#tables;
    for (let i = 0; i < functionName.length && i < 20_000; i++) {
      const name = this.#tables.text(functionName.at(i));
      if (
        name === "runtime.main" ||
        name === "runtime.goexit" ||
        name === "runtime.mcall" ||
        name === "runtime.mallocgc"
      )
        return true;
    }
    return false;
  }
}

/** Lines are 32 bits in the model. */
const positive = (line: number): number => (line > 0 && line < 2 ** 31 ? line : NONE);
