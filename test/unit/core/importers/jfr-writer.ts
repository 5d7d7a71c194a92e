/** Writes a small recording by hand: both ways of writing numbers, and things that no JVM would write. */
export class JfrWriter {
  readonly #isCompressed: boolean;
  bytes: number[] = [];

  constructor(isCompressed: boolean) {
    this.#isCompressed = isCompressed;
  }

  byte(value: number): this {
    this.bytes.push(value & 255);
    return this;
  }

  fixed(value: number | bigint, bytes: number): this {
    const wide = BigInt.asUintN(64, BigInt(value));
    for (let i = bytes - 1; i >= 0; i--) this.bytes.push(Number((wide >> BigInt(8 * i)) & 255n));
    return this;
  }

  #number(value: number | bigint, bytes: number): this {
    if (!this.#isCompressed) return this.fixed(value, bytes);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (let i = 0; i < 8; i++) {
      if (rest < 128n) return this.byte(Number(rest));
      this.byte(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    return this.byte(Number(rest));
  }

  int(value: number): this {
    return this.#number(value, 4);
  }

  long(value: number | bigint): this {
    return this.#number(value, 8);
  }

  text(value: string): this {
    const utf8 = new TextEncoder().encode(value);
    this.byte(3).int(utf8.length);
    this.bytes.push(...utf8);
    return this;
  }

  /** An event of a type: its size stands in front of it, in four bytes of either way. */
  event(type: number, write: (into: JfrWriter) => void): this {
    const body = new JfrWriter(this.#isCompressed);
    body.long(type);
    write(body);
    const size = body.bytes.length + 4;
    if (this.#isCompressed)
      for (let i = 0; i < 4; i++) this.byte(((size >> (7 * i)) & 127) | (i < 3 ? 128 : 0));
    else this.fixed(size, 4);
    this.bytes.push(...body.bytes);
    return this;
  }
}

type Attributes = Readonly<Record<string, string>>;

export interface Element {
  readonly name: string;
  readonly attributes?: Attributes;
  readonly children?: readonly Element[];
}

const field = (
  name: string,
  type: number,
  more: Attributes = {},
  children: readonly Element[] = [],
): Element => ({
  name: "field",
  attributes: { name, class: String(type), ...more },
  children,
});

const type = (id: number, name: string, fields: readonly Element[], isEvent = false): Element => ({
  name: "class",
  attributes: { id: String(id), name, ...(isEvent && { superType: "jdk.jfr.Event" }) },
  children: fields,
});

const constant = { constantPool: "true" };
const ids = {
  long: 4,
  int: 5,
  text: 6,
  boolean: 7,
  thread: 10,
  stack: 11,
  frame: 12,
  method: 13,
  klass: 14,
  symbol: 15,
  kind: 16,
  sample: 101,
  enter: 102,
};

const classes: readonly Element[] = [
  type(ids.long, "long", []),
  type(ids.int, "int", []),
  type(ids.text, "java.lang.String", []),
  type(ids.boolean, "boolean", []),
  type(ids.thread, "java.lang.Thread", [
    field("osName", ids.text),
    field("osThreadId", ids.long),
    field("javaName", ids.text),
    field("javaThreadId", ids.long),
  ]),
  type(ids.stack, "jdk.types.StackTrace", [
    field("truncated", ids.boolean),
    field("frames", ids.frame, { dimension: "1" }),
  ]),
  type(ids.frame, "jdk.types.StackFrame", [
    field("method", ids.method, constant),
    field("lineNumber", ids.int),
    field("type", ids.kind, constant),
  ]),
  type(ids.method, "jdk.types.Method", [
    field("type", ids.klass, constant),
    field("name", ids.symbol, constant),
  ]),
  type(ids.klass, "java.lang.Class", [field("name", ids.symbol, constant)]),
  type(ids.symbol, "jdk.types.Symbol", [field("string", ids.text)]),
  type(ids.kind, "jdk.types.FrameType", [field("description", ids.text)]),
  type(
    ids.sample,
    "jdk.ExecutionSample",
    [
      field("startTime", ids.long),
      field("sampledThread", ids.thread, constant),
      field("stackTrace", ids.stack, constant),
    ],
    true,
  ),
  type(
    ids.enter,
    "jdk.JavaMonitorEnter",
    [
      field("startTime", ids.long),
      field("duration", ids.long),
      field("eventThread", ids.thread, constant),
      field("stackTrace", ids.stack, constant),
      field("monitorClass", ids.klass, constant),
      field("address", ids.long),
    ],
    true,
  ),
];

function metadata(into: JfrWriter): void {
  const texts: string[] = [];
  const key = (text: string): number => {
    if (!texts.includes(text)) texts.push(text);
    return texts.indexOf(text);
  };
  const steps: number[] = [];
  const write = ({ name, attributes = {}, children = [] }: Element): void => {
    const entries = Object.entries(attributes);
    steps.push(key(name), entries.length);
    for (const [name, value] of entries) steps.push(key(name), key(value));
    steps.push(children.length);
    for (const child of children) write(child);
  };
  write({ name: "root", children: [{ name: "metadata", children: classes }, { name: "region" }] });
  into.long(0).long(0).long(1).int(texts.length);
  for (const text of texts) into.text(text);
  for (const step of steps) into.int(step);
}

/** Symbols, one frame type each, one method a name, one stack of them all; one thread of the system, one of Java. */
function constants(into: JfrWriter, back: number, names: readonly string[], isTruncated: boolean): void {
  into.long(0).long(0).long(back).byte(1).int(7);
  into.long(ids.symbol).int(names.length + 1);
  into.long(99).text("app/Main");
  for (const [i, name] of names.entries()) into.long(i + 1).text(name);
  into.long(ids.klass).int(1).long(1).long(99);
  into.long(ids.kind).int(2).long(1).text("JIT compiled").long(2).text("Inlined");
  into.long(ids.method).int(names.length);
  for (const i of names.keys())
    into
      .long(i + 1)
      .long(1)
      .long(i + 1);
  into
    .long(ids.stack)
    .int(1)
    .long(1)
    .byte(isTruncated ? 1 : 0)
    .int(names.length);
  for (const i of names.keys())
    into
      .long(i + 1)
      .int(10 + i)
      .long(i === 0 ? 2 : 1);
  into.long(ids.thread).int(2);
  into.long(1).text("os").long(4711).text("main").long(1);
  into.long(2).byte(1).long(0).text("").long(33);
  into.long(ids.text).int(0);
}

export interface WrittenChunk {
  readonly isCompressed: boolean;
  readonly major: number;
  /** From the innermost out. */
  readonly names: readonly string[];
  readonly startNs: bigint;
  /** The header says neither how long it is nor where its tables are. */
  readonly isUnfinished?: boolean;
}

/** A chunk with two samples, one of a virtual thread, and a monitor that was waited for 2 ms: ticks of 100 ns. */
export function jfrChunk({ isCompressed, major, names, startNs, isUnfinished }: WrittenChunk): Uint8Array {
  const body = new JfrWriter(isCompressed);
  body.bytes = new Array(68).fill(0);
  body.event(ids.sample, (into) => into.long(1_000_100).long(1).long(1));
  body.event(ids.sample, (into) => into.long(1_000_050).long(2).long(1));
  body.event(ids.enter, (into) =>
    into.long(1_000_200).long(20_000).long(1).long(1).long(1).long(0x7fff_1234_5678),
  );
  const first = body.bytes.length;
  body.event(1, (into) => constants(into, 0, names, false));
  const second = body.bytes.length;
  body.event(1, (into) => constants(into, first - second, names, true));
  const metadataAt = body.bytes.length;
  body.event(0, metadata);
  const header = new JfrWriter(false);
  header.bytes.push(0x46, 0x4c, 0x52, 0);
  header.fixed(major, 2).fixed(0, 2);
  header.fixed(isUnfinished ? 0 : body.bytes.length, 8);
  header.fixed(isUnfinished ? 0 : second, 8).fixed(isUnfinished ? 0 : metadataAt, 8);
  header
    .fixed(startNs, 8)
    .fixed(1e9, 8)
    .fixed(1_000_000, 8)
    .fixed(1e7, 8)
    .fixed(isCompressed ? 1 : 0, 4);
  return Uint8Array.from([...header.bytes, ...body.bytes.slice(68)]);
}
