import { textOf } from "../../bytes/ascii.ts";
import { ProtobufDamage, ProtobufReader, wire } from "../../bytes/protobuf.ts";
import { float64, int32, uint32 } from "../../model/growable.ts";

/** Numbers of profile.proto: https://github.com/google/pprof/blob/main/proto/profile.proto */
export const profileField = {
  sampleType: 1,
  sample: 2,
  mapping: 3,
  location: 4,
  function: 5,
  string: 6,
  dropFrames: 7,
  keepFrames: 8,
  timeNanos: 9,
  durationNanos: 10,
  periodType: 11,
  period: 12,
  comment: 13,
  defaultSampleType: 14,
  docUrl: 15,
} as const;

/** Rows by the file's own numbers, which are mostly 1, 2, 3 but may be anything. */
class Rows {
  readonly #dense = int32();
  readonly #sparse = new Map<number, number>();

  set(id: number, row: number): void {
    if (id <= this.#dense.length + 1024 && id < 2 ** 28) {
      while (this.#dense.length <= id) this.#dense.push(-1);
      this.#dense.set(id, row);
    } else this.#sparse.set(id, row);
  }

  /** -1 where there is none. */
  get(id: number): number {
    return id < this.#dense.length ? this.#dense.at(id) : (this.#sparse.get(id) ?? -1);
  }
}

/** Everything of a profile but its samples, as columns. Texts are numbers of the string table. */
export class PprofTables {
  readonly #bytes: Uint8Array;
  readonly #stringStart = float64();
  readonly #stringEnd = float64();
  readonly #texts = new Map<number, string>();

  readonly sampleTypes: { readonly type: number; readonly unit: number }[] = [];
  readonly mappings = new Rows();
  readonly mappingFile = float64();
  readonly mappingBuildId = float64();

  readonly functions = new Rows();
  readonly functionName = float64();
  readonly functionSystemName = float64();
  readonly functionFile = float64();
  readonly functionLine = float64();

  readonly locations = new Rows();
  readonly locationMapping = float64();
  readonly locationHigh = uint32();
  readonly locationLow = uint32();
  /** First line of each location; one longer than the table once all are read. */
  readonly locationLines = int32();
  readonly lineFunction = float64();
  readonly lineLine = float64();
  readonly lineColumn = float64();

  dropFrames = 0;
  keepFrames = 0;
  timeNanos = 0;
  durationNanos = 0;
  period = 0;
  periodUnit = 0;
  defaultSampleType = 0;
  readonly comments: number[] = [];
  samples = 0;
  /** Fields that were left out because something in them cannot be. */
  damagedFields = 0;
  /** Why reading ended early; null where it did not. */
  damage: string | null = null;
  /** What was read before that. */
  readonly soundEnd: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    const reader = new ProtobufReader(bytes);
    let sound = 0;
    try {
      while (reader.next()) {
        this.#field(reader);
        sound = reader.at;
      }
    } catch (error) {
      if (!(error instanceof ProtobufDamage)) throw error;
      this.damage = error.message;
    }
    this.soundEnd = sound;
    this.locationLines.push(this.lineFunction.length);
  }

  text(index: number): string {
    if (index <= 0 || index >= this.#stringStart.length) return "";
    let text = this.#texts.get(index);
    if (text === undefined) {
      text = textOf(this.#bytes, this.#stringStart.at(index), this.#stringEnd.at(index));
      this.#texts.set(index, text);
    }
    return text;
  }

  #field(reader: ProtobufReader): void {
    if (reader.wireType !== wire.bytes) {
      if (reader.wireType !== wire.varint) {
        reader.skip();
        return;
      }
      reader.varint();
      this.#number(reader.field, reader.signed);
      return;
    }
    const field = reader.field;
    const end = reader.span();
    const start = reader.at;
    try {
      this.#message(reader, field, start, end);
    } catch (error) {
      if (!(error instanceof ProtobufDamage)) throw error;
      this.damagedFields++;
    }
    reader.at = end;
  }

  #message(reader: ProtobufReader, field: number, start: number, end: number): void {
    switch (field) {
      case profileField.sample:
        this.samples++;
        break;
      case profileField.string:
        this.#stringStart.push(start);
        this.#stringEnd.push(end);
        break;
      case profileField.sampleType:
        this.sampleTypes.push(valueType(reader, end));
        break;
      case profileField.periodType:
        this.periodUnit = valueType(reader, end).unit;
        break;
      case profileField.mapping:
        this.#mapping(reader, end);
        break;
      case profileField.location:
        this.#location(reader, end);
        break;
      case profileField.function:
        this.#function(reader, end);
        break;
      case profileField.comment:
        while (reader.at < end) {
          reader.varint();
          this.comments.push(reader.number);
        }
        break;
      default:
    }
  }

  #number(field: number, value: number): void {
    if (field === profileField.dropFrames) this.dropFrames = value;
    else if (field === profileField.keepFrames) this.keepFrames = value;
    else if (field === profileField.timeNanos) this.timeNanos = value;
    else if (field === profileField.durationNanos) this.durationNanos = value;
    else if (field === profileField.period) this.period = value;
    else if (field === profileField.comment) this.comments.push(value);
    else if (field === profileField.defaultSampleType) this.defaultSampleType = value;
  }

  #mapping(reader: ProtobufReader, end: number): void {
    let id = 0;
    let file = 0;
    let buildId = 0;
    while (reader.next(end)) {
      if (reader.wireType !== wire.varint) reader.skip();
      else {
        reader.varint();
        if (reader.field === 1) id = reader.number;
        else if (reader.field === 5) file = reader.number;
        else if (reader.field === 6) buildId = reader.number;
      }
    }
    this.mappings.set(id, this.mappingFile.push(file));
    this.mappingBuildId.push(buildId);
  }

  #function(reader: ProtobufReader, end: number): void {
    let id = 0;
    let name = 0;
    let systemName = 0;
    let file = 0;
    let line = -1;
    while (reader.next(end)) {
      if (reader.wireType !== wire.varint) reader.skip();
      else {
        reader.varint();
        if (reader.field === 1) id = reader.number;
        else if (reader.field === 2) name = reader.number;
        else if (reader.field === 3) systemName = reader.number;
        else if (reader.field === 4) file = reader.number;
        else if (reader.field === 5) line = reader.signed;
      }
    }
    this.functions.set(id, this.functionName.push(name));
    this.functionSystemName.push(systemName);
    this.functionFile.push(file);
    this.functionLine.push(line);
  }

  #location(reader: ProtobufReader, end: number): void {
    let id = 0;
    let mapping = 0;
    let high = 0;
    let low = 0;
    this.locationLines.push(this.lineFunction.length);
    while (reader.next(end)) {
      if (reader.wireType === wire.varint) {
        reader.varint();
        if (reader.field === 1) id = reader.number;
        else if (reader.field === 2) mapping = reader.number;
        else if (reader.field === 3) {
          high = reader.high;
          low = reader.low;
        }
      } else if (reader.field === 4 && reader.wireType === wire.bytes) this.#line(reader, reader.span());
      else reader.skip();
    }
    this.locations.set(id, this.locationMapping.push(mapping));
    this.locationHigh.push(high);
    this.locationLow.push(low);
  }

  #line(reader: ProtobufReader, end: number): void {
    let functionId = 0;
    let line = -1;
    let column = -1;
    while (reader.next(end)) {
      if (reader.wireType !== wire.varint) reader.skip();
      else {
        reader.varint();
        if (reader.field === 1) functionId = reader.number;
        else if (reader.field === 2) line = reader.signed;
        else if (reader.field === 3) column = reader.signed;
      }
    }
    this.lineFunction.push(functionId);
    this.lineLine.push(line);
    this.lineColumn.push(column);
  }
}

function valueType(reader: ProtobufReader, end: number): { readonly type: number; readonly unit: number } {
  let type = 0;
  let unit = 0;
  while (reader.next(end)) {
    if (reader.wireType !== wire.varint) reader.skip();
    else {
      reader.varint();
      if (reader.field === 1) type = reader.number;
      else if (reader.field === 2) unit = reader.number;
    }
  }
  return { type, unit };
}
