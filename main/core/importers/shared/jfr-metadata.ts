import { JfrDamage, type JfrReader } from "./jfr-reader.ts";

/** A field of an event or of a constant, as the metadata of its chunk say. */
export interface JfrField {
  readonly name: string;
  readonly type: JfrClass | null;
  readonly typeId: number;
  /** A key into the constants of its type, not the value itself. */
  readonly isConstant: boolean;
  readonly isArray: boolean;
  /** "TICKS", "BYTES" ...; "" where it is a plain number. */
  readonly unit: string;
}

export interface JfrClass {
  readonly id: number;
  readonly name: string;
  readonly isEvent: boolean;
  /** As people read it: "Java Monitor Blocked". */
  readonly label: string;
  readonly fields: readonly JfrField[];
}

interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: Element[];
}

const MAX_DEPTH = 64;

/**
 * The metadata event of a chunk: the classes of everything in it.
 * https://github.com/openjdk/jdk/blob/master/src/jdk.jfr/share/classes/jdk/jfr/internal/MetadataReader.java
 */
export function readMetadata(reader: JfrReader): Map<number, JfrClass> {
  // Time, duration and number of the metadata event.
  for (let i = 0; i < 3; i++) reader.long();
  const texts = Array.from({ length: reader.count() }, () => reader.text() ?? "");
  const root = readElement(reader, texts, 0);
  const elements = root.children.flatMap((child) => (child.name === "metadata" ? child.children : []));
  return classesOf(elements.filter(({ name }) => name === "class"));
}

function readElement(reader: JfrReader, texts: readonly string[], depth: number): Element {
  if (depth > MAX_DEPTH) throw new JfrDamage("its metadata are nested too deep");
  const text = (): string => texts[reader.int()] ?? "";
  const name = text();
  const attributes = new Map<string, string>();
  for (let count = reader.count(); count > 0; count--) {
    const key = text();
    attributes.set(key, text());
  }
  const children: Element[] = [];
  for (let count = reader.count(); count > 0; count--) children.push(readElement(reader, texts, depth + 1));
  return { name, attributes, children };
}

function classesOf(elements: readonly Element[]): Map<number, JfrClass> {
  const id = (element: Element, key: string): number => Number(element.attributes.get(key) ?? -1);
  const names = new Map(elements.map((element) => [id(element, "id"), element.attributes.get("name") ?? ""]));
  const annotation = (element: Element, wanted: string): string => {
    const found = element.children.find(
      (child) => child.name === "annotation" && names.get(id(child, "class")) === wanted,
    );
    return found?.attributes.get("value") ?? (found ? wanted : "");
  };
  const classes = new Map<number, JfrClass & { fields: JfrField[] }>();
  for (const element of elements)
    classes.set(id(element, "id"), {
      id: id(element, "id"),
      name: element.attributes.get("name") ?? "",
      isEvent: element.attributes.get("superType") === "jdk.jfr.Event",
      label: annotation(element, "jdk.jfr.Label"),
      fields: [],
    });
  for (const element of elements) {
    const fields = classes.get(id(element, "id"))?.fields;
    for (const field of element.children) {
      if (field.name !== "field") continue;
      const typeId = id(field, "class");
      fields?.push({
        name: field.attributes.get("name") ?? "",
        type: classes.get(typeId) ?? null,
        typeId,
        isConstant: field.attributes.get("constantPool") === "true",
        isArray: field.attributes.get("dimension") === "1",
        unit: unitOf(
          annotation(field, "jdk.jfr.Timespan"),
          annotation(field, "jdk.jfr.DataAmount"),
          annotation(field, "jdk.jfr.Percentage"),
        ),
      });
    }
  }
  return classes;
}

function unitOf(time: string, data: string, percentage: string): string {
  if (time !== "") return time === "jdk.jfr.Timespan" ? "NANOSECONDS" : time;
  return data !== "" ? "BYTES" : percentage !== "" ? "PERCENTAGE" : "";
}

/** Reads or passes over one value of a class, which may hold others: no deeper than types can be nested. */
export function skipValue(reader: JfrReader, type: JfrClass | null, depth = 0): void {
  if (!type || depth > MAX_DEPTH) throw new JfrDamage("a type is not described");
  if (skipPrimitive(reader, type.name)) return;
  for (const field of type.fields) skipField(reader, field, depth + 1);
}

export function skipField(reader: JfrReader, field: JfrField, depth = 0): void {
  for (let count = field.isArray ? reader.count() : 1; count > 0; count--) {
    if (field.isConstant) reader.long();
    else skipValue(reader, field.type, depth);
  }
}

function skipPrimitive(reader: JfrReader, name: string): boolean {
  if (name === "java.lang.String") reader.text();
  else return readNumber(reader, name) !== null;
  return true;
}

/** The value of a primitive type; null where the type is none. */
export function readNumber(reader: JfrReader, name: string): number | null {
  switch (name) {
    case "long":
      return reader.long();
    case "int":
      return reader.int();
    case "short":
    case "char":
      return reader.short();
    case "byte":
    case "boolean":
      return reader.byte();
    case "float":
      return reader.float();
    case "double":
      return reader.double();
    default:
      return null;
  }
}
