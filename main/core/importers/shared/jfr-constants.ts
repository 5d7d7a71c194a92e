import { NONE, type ProfileBuilder } from "../../model/builder.ts";
import type { FunctionKind } from "../../model/profile.ts";
import type { JfrChunk } from "./jfr-chunk.ts";
import type { JfrTotals } from "./jfr-events.ts";
import { type JfrClass, type JfrField, readNumber, skipField } from "./jfr-metadata.ts";

const MAX_DEPTH = 16;
const MAX_SHOWN = 8;
/** Longer chains of references are cut; the JVM itself gives at most 200. */
const MAX_CHAIN = 32;

/** The fields of a constant that are asked for by name: numbers, texts, keys of other constants. */
type Values = Map<string, number | string>;

/** Threads, stacks, classes and all other constants of one chunk, each looked up once. */
export class JfrConstants {
  readonly #out: ProfileBuilder;
  readonly #chunk: JfrChunk;
  readonly #totals: JfrTotals;
  readonly #types = new Map<string, JfrClass>();
  readonly #texts = new Map<string, string>();
  readonly #stacks = new Map<number, number>();
  readonly #threads = new Map<number, number>();
  readonly #methods = new Map<number, { name: string; isNative: boolean }>();
  truncated = 0;

  constructor(totals: JfrTotals, chunk: JfrChunk) {
    this.#out = totals.out;
    this.#totals = totals;
    this.#chunk = chunk;
    for (const type of chunk.classes.values()) this.#types.set(type.name, type);
  }

  /** A text that may be kept as a constant. */
  text(): string {
    const text = this.#chunk.reader.text();
    return text ?? this.#stringOf(this.#chunk.reader.textKey);
  }

  /** The stack of a key; NONE where there is none. */
  stack(key: number): number {
    if (key === 0) return NONE;
    let stack = this.#stacks.get(key);
    if (stack === undefined) {
      stack = this.#readStack(key);
      this.#stacks.set(key, stack);
    }
    return stack;
  }

  /** The thread of a key; NONE where there is none. */
  thread(key: number): number {
    if (key === 0) return NONE;
    let thread = this.#threads.get(key);
    if (thread === undefined) {
      thread = this.#readThread(key);
      this.#threads.set(key, thread);
    }
    return thread;
  }

  /** A constant as people read it: a class by its name, a thread by its own, anything else by what is in it. */
  shown(type: JfrClass | null, key: number, depth = 0): string {
    if (!type || key === 0 || depth > MAX_DEPTH) return "";
    const name = `${type.id} ${key}`;
    const known = this.#texts.get(name);
    if (known !== undefined) return known;
    // Constants may refer to each other in a circle.
    this.#texts.set(name, "");
    const text = this.#show(type, key, depth);
    this.#texts.set(name, text);
    return text;
  }

  #show(type: JfrClass, key: number, depth: number): string {
    if (type.name === "java.lang.Class") return this.#className(key);
    if (type.name === "jdk.types.Method") return this.#method(key).name;
    const values = this.#values(type, key, depth + 1);
    if (type.name === "java.lang.Thread") return String(values.get("javaName") || values.get("osName") || "");
    const parts = [...values].filter(([, value]) => value !== "").slice(0, MAX_SHOWN);
    const [first] = parts;
    if (parts.length === 1 && first) return String(first[1]);
    return parts.map(([field, value]) => `${field} ${value}`).join(", ");
  }

  /** The class of an object, and what refers to it, from the nearest outwards; "" where the JVM did not look. */
  oldObject(key: number): { readonly type: string; readonly keptBy: string } {
    const objects = this.#types.get("jdk.types.OldObject");
    const references = this.#types.get("jdk.types.Reference");
    if (!objects || key === 0) return { type: "", keptBy: "" };
    const first = this.#raw(objects, key);
    const type = this.#className(Number(first.get("type") ?? 0));
    const path: string[] = [];
    const seen = new Set<number>();
    let reference = Number(first.get("referrer") ?? 0);
    while (references && reference !== 0 && !seen.has(reference) && path.length < MAX_CHAIN) {
      seen.add(reference);
      const values = this.#raw(references, reference);
      const owner = this.#raw(objects, Number(values.get("object") ?? 0));
      const ownerType = this.#className(Number(owner.get("type") ?? 0));
      const field = this.#types.get("jdk.types.OldObjectField");
      const named = field && this.#raw(field, Number(values.get("field") ?? 0)).get("name");
      // Of a static field the owner is a class, which says in words which one.
      const said = /^Class Name: (.+)$/.exec(String(owner.get("description") ?? ""))?.[1];
      const holder = said === undefined ? ownerType : `static ${said}`;
      if (holder !== "")
        path.push(named === undefined || named === "" ? holder.replace("[]", "[…]") : `${holder}.${named}`);
      reference = Number(owner.get("referrer") ?? 0);
    }
    return { type, keptBy: path.join(" ← ") };
  }

  /** Where a chain of references begins: "Threads, Stack Variable, Thread Name: main". */
  root(type: JfrClass, key: number): string {
    if (key === 0) return "";
    const values = this.#values(type, key, 1);
    return ["system", "type", "description"]
      .map((name) => String(values.get(name) ?? ""))
      .filter((part) => part !== "")
      .join(", ");
  }

  #stringOf(key: number): string {
    const type = this.#types.get("java.lang.String");
    return type ? this.#at(type, key, "", () => this.#chunk.reader.text() ?? "") : "";
  }

  /** Reads a constant where it lies, and goes back to where the reader was. */
  #at<T>(type: JfrClass, key: number, missing: T, read: () => T): T {
    const place = this.#chunk.constants.get(type.id)?.get(key);
    if (place === undefined) return missing;
    const { reader } = this.#chunk;
    const { at, end } = reader;
    reader.at = place;
    reader.end = reader.bytes.length;
    const value = read();
    reader.at = at;
    reader.end = end;
    return value;
  }

  /** All fields of a constant; what it refers to as people read it. */
  #values(type: JfrClass, key: number, depth: number): Values {
    const keys = this.#raw(type, key);
    const values: Values = new Map();
    for (const field of type.fields) {
      const value = keys.get(field.name);
      if (value === undefined) continue;
      const isKey = field.isConstant && typeof value === "number";
      values.set(field.name, isKey ? this.shown(field.type, value, depth) : value);
    }
    return values;
  }

  /** All fields of a constant, keys of others as they are. */
  #raw(type: JfrClass, key: number): Values {
    return this.#at(type, key, new Map(), () => {
      const values: Values = new Map();
      if (type.name === "java.lang.String") values.set("string", this.text());
      else for (const field of type.fields) this.#field(field, values);
      return values;
    });
  }

  #field(field: JfrField, into: Values): void {
    const { reader } = this.#chunk;
    if (field.isArray) skipField(reader, field);
    else if (field.isConstant) into.set(field.name, reader.long());
    else if (field.type?.name === "java.lang.String") into.set(field.name, this.text());
    else {
      const value = readNumber(reader, field.type?.name ?? "");
      if (value === null) skipField(reader, field);
      else into.set(field.name, value);
    }
  }

  #className(key: number): string {
    const type = this.#types.get("java.lang.Class");
    if (!type) return "";
    const name = this.#raw(type, key).get("name");
    return typeof name === "number" ? readable(this.#symbol(name)) : readable(String(name ?? ""));
  }

  #symbol(key: number): string {
    const type = this.#types.get("jdk.types.Symbol");
    return type ? String(this.#raw(type, key).get("string") ?? "") : "";
  }

  #method(key: number): { name: string; isNative: boolean } {
    const known = this.#methods.get(key);
    if (known) return known;
    const type = this.#types.get("jdk.types.Method");
    const values: Values = type ? this.#raw(type, key) : new Map();
    const owner = typeof values.get("type") === "number" ? this.#className(Number(values.get("type"))) : "";
    const own = values.get("name");
    const name = typeof own === "number" ? this.#symbol(own) : String(own ?? "");
    const method = {
      name: owner === "" ? name || "[unknown]" : `${owner}.${name}`,
      // Native code that async-profiler sees has no class.
      isNative: owner === "",
    };
    this.#methods.set(key, method);
    return method;
  }

  #readThread(key: number): number {
    const type = this.#types.get("java.lang.Thread");
    if (!type) return NONE;
    const values = this.#raw(type, key);
    const number = (name: string): number => Number(values.get(name) ?? 0);
    const name = String(values.get("javaName") || values.get("osName") || "");
    // A virtual thread has no number of the system's: its own, out of the way of those.
    const tid = number("osThreadId") || VIRTUAL + (number("javaThreadId") || key);
    return this.#out.thread(this.#totals.process, tid | 0, name);
  }

  #readStack(key: number): number {
    const type = this.#types.get("jdk.types.StackTrace");
    const frameType = this.#types.get("jdk.types.StackFrame");
    if (!type || !frameType) return NONE;
    return this.#at(type, key, NONE, () => {
      let stack = NONE;
      for (const field of type.fields) {
        const { reader } = this.#chunk;
        if (field.name === "frames") stack = this.#frames(frameType, reader.count());
        else if (field.name === "truncated") {
          if (reader.byte() !== 0) this.truncated++;
        } else skipField(reader, field);
      }
      return stack;
    });
  }

  /** Frames from the innermost out. */
  #frames(type: JfrClass, count: number): number {
    const out = this.#out;
    const { reader } = this.#chunk;
    const kinds: string[] = [];
    const methods: number[] = [];
    const lines: number[] = [];
    for (let i = 0; i < count; i++) {
      let method = 0;
      let line = NONE;
      let kind = "";
      for (const field of type.fields) {
        if (field.name === "method" && field.isConstant) method = reader.long();
        else if (field.name === "lineNumber") line = reader.int();
        else if (field.name === "type" && field.isConstant) kind = this.shown(field.type, reader.long());
        else skipField(reader, field);
      }
      if (methods.length === this.#totals.limits.maxStackDepth) continue;
      methods.push(method);
      lines.push(line);
      kinds.push(kind);
    }
    let stack = NONE;
    let inlineDepth = 0;
    for (let i = methods.length - 1; i >= 0; i--) {
      const { name, isNative } = this.#method(methods[i] as number);
      const kind = kinds[i] as string;
      inlineDepth = kind === "Inlined" ? inlineDepth + 1 : 0;
      const index = out.function({ name: out.string(name), kind: kindOf(kind, isNative) });
      const line = lines[i] as number;
      stack = out.stack(stack, out.frame({ function: index, line: line > 0 ? line : NONE, inlineDepth }));
    }
    return stack;
  }
}

/** Above every number that a system gives to its threads. */
const VIRTUAL = 2 ** 30;

/** "java/util/HashMap" as "java.util.HashMap", "[Ljava/lang/String;" as "java.lang.String[]". */
function readable(name: string): string {
  const dimensions = /^\[+/.exec(name)?.[0].length ?? 0;
  const element = name.slice(dimensions);
  const plain = dimensions === 0 ? element : (/^L(.+);$/.exec(element)?.[1] ?? elements[element] ?? element);
  return plain.replaceAll("/", ".") + "[]".repeat(dimensions);
}

const elements: Readonly<Record<string, string>> = {
  B: "byte",
  C: "char",
  D: "double",
  F: "float",
  I: "int",
  J: "long",
  S: "short",
  Z: "boolean",
};

function kindOf(kind: string, isNative: boolean): FunctionKind {
  if (kind === "Kernel") return "kernel";
  if (kind === "Native" || kind === "C++") return isNative ? "native" : "java";
  return isNative ? "native" : "java";
}
