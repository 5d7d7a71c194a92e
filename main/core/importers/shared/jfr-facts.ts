import { NONE } from "../../model/builder.ts";
import type { JfrChunk } from "./jfr-chunk.ts";
import type { JfrConstants } from "./jfr-constants.ts";
import type { JfrTotals } from "./jfr-events.ts";
import { type JfrClass, readNumber, skipField } from "./jfr-metadata.ts";

/** Events that say what was recorded, and how. */
const isFact: ReadonlySet<string> = new Set(["jdk.ActiveSetting", "jdk.JVMInformation"]);

/**
 * Reads what a chunk says about its own recording: before its samples, whose weights depend on it. Gives the names of the
 * events that there are.
 */
export function readJvmFacts(
  chunk: JfrChunk,
  constants: JfrConstants,
  totals: JfrTotals,
): ReadonlySet<string> {
  const { out } = totals;
  const isAsync = [...chunk.classes.values()].some(({ name }) => name.startsWith("profiler."));
  if (isAsync) out.meta({ tool: "async-profiler" });
  const seen = new Set<string>();
  let pid = NONE;
  let target = "";
  chunk.events((type) => {
    seen.add(type.name);
    if (!isFact.has(type.name)) return;
    const fields = fieldsOf(chunk, constants, type);
    const text = (name: string): string => String(fields.get(name) ?? "");
    if (type.name === "jdk.ActiveSetting") {
      const event = chunk.classes.get(Number(fields.get("id")));
      setting(totals, isAsync, event?.name ?? "", text("name"), text("value"));
    } else {
      target = text("javaArguments").split(" ")[0] ?? "";
      pid = Number(fields.get("pid") ?? NONE);
      out.meta({
        toolVersion: /^.*\((\d[^)]*)\)/.exec(text("jvmVersion"))?.[1] ?? text("jvmVersion"),
        command: ["java", text("jvmArguments"), text("javaArguments")]
          .filter((part) => part !== "")
          .join(" "),
        target,
      });
    }
  });
  if (totals.process === NONE) totals.process = out.process(pid | 0, target || "java");
  return seen;
}

function fieldsOf(chunk: JfrChunk, constants: JfrConstants, type: JfrClass): Map<string, string | number> {
  const values = new Map<string, string | number>();
  const { reader } = chunk;
  for (const field of type.fields) {
    if (field.isArray) skipField(reader, field);
    else if (field.isConstant) reader.long();
    else if (field.type?.name === "java.lang.String") values.set(field.name, constants.text());
    else {
      const value = readNumber(reader, field.type?.name ?? "");
      if (value === null) skipField(reader, field);
      else values.set(field.name, value);
    }
  }
  return values;
}

function setting(totals: JfrTotals, isAsync: boolean, event: string, name: string, value: string): void {
  const { out, periods } = totals;
  if (name === "period") {
    const ns = durationNs(value);
    if (ns > 0) periods.set(event, ns);
    if (ns > 0 && event === "jdk.ExecutionSample") out.meta({ periodNs: ns });
  } else if (isAsync && (name === "interval" || name === "wall") && Number(value) > 0) {
    // async-profiler says it in ns, for the whole recording.
    const sampled = name === "wall" ? "profiler.WallClockSample" : "jdk.ExecutionSample";
    periods.set(sampled, Number(value));
    if (name === "interval") out.meta({ periodNs: Number(value) });
  } else if (isAsync && name === "version") out.meta({ toolVersion: value });
}

/** "20 ms" as ns; 0 for "everyChunk" and the like. */
function durationNs(text: string): number {
  const match = /^(\d{1,12}) ?(ns|us|ms|s|m|h)$/.exec(text);
  const factors: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
  return match ? Number(match[1]) * (factors[match[2] ?? ""] ?? 0) : 0;
}
