import { textOf } from "../../bytes/ascii.ts";

export interface PerfStatRow {
  /** Since the start; -1 for a whole run. */
  readonly seconds: number;
  /** "CPU0", "S0", "bash-7757"; "" for all. */
  readonly part: string;
  readonly event: string;
  readonly unit: string;
  /** NaN where it was not counted. */
  readonly value: number;
  readonly metrics: readonly { readonly value: number; readonly unit: string }[];
}

const count = /^(?:<not (?:supported|counted)>|-?\d[\d,.']*)$/;
const isCount = (text: string | undefined): boolean => text !== undefined && count.test(text);

/** Separators of thousands go, where the locale has them: "1,234,567". */
function numberOf(text: string): number {
  if (text.startsWith("<")) return Number.NaN;
  return Number(/^-?\d{1,3}([,']\d{3})+(\.\d+)?$/.test(text) ? text.replace(/[,']/g, "") : text);
}

/** perf prints times in milliseconds; the model has nanoseconds. */
const scales: Readonly<Record<string, readonly [number, string]>> = {
  sec: [1e9, "nanoseconds"],
  msec: [1e6, "nanoseconds"],
  usec: [1e3, "nanoseconds"],
  nsec: [1, "nanoseconds"],
  ns: [1, "nanoseconds"],
  Bytes: [1, "bytes"],
  KiB: [1024, "bytes"],
  MiB: [2 ** 20, "bytes"],
  GiB: [2 ** 30, "bytes"],
};

function rowOf(
  seconds: number,
  part: string,
  text: string,
  unit: string,
  event: string,
  metrics: PerfStatRow["metrics"],
): PerfStatRow {
  const [factor, name] = scales[unit] ?? [1, unit === "" ? "count" : unit];
  return { seconds, part, event, unit: name, value: numberOf(text) * factor, metrics };
}

/** One line of any of the three forms; null for what is no count. */
export function readPerfStatLine(line: string, isInterval: boolean): PerfStatRow | null {
  if (line.startsWith("{")) return readJson(line);
  if (line.startsWith("#") || line.includes("Performance counter stats for")) return null;
  return readCsv(line) ?? readText(line, isInterval);
}

/** "     1.000859798     CPU0     1000.85 msec task-clock      #    1.001 CPUs utilized      ( +- 11.77% )  (83.3%)" */
function readText(line: string, isInterval: boolean): PerfStatRow | null {
  const bare = line.replace(/\s*\( ?\+-.*?%\s*\)/, "").replace(/\s*[([]\s*\d+\.\d+%\s*[)\]]\s*$/, "");
  const hash = bare.search(/ #\s/);
  const metric = hash === -1 ? null : /^\s*([\d.]+)\s*(\S.*?)\s*$/.exec(bare.slice(hash + 2));
  const left = (hash === -1 ? bare : bare.slice(0, hash)).replace(/<not (\w+)>/, "<not_$1>");
  const words = left
    .trim()
    .split(/\s+/)
    .map((word) => word.replace("<not_", "<not "));
  let at = 0;
  let seconds = -1;
  if (isInterval) {
    if (!/^\d+\.\d+$/.test(words[0] ?? "")) return null;
    seconds = Number(words[at++]);
  }
  const partFrom = at;
  while (at < words.length && !isCount(words[at])) at++;
  const part = words.slice(partFrom, at).join(" ");
  // Sockets, dies, cores and nodes say how many processors they have.
  if (/^[SNDC]\d/.test(part) && isCount(words[at + 1])) at++;
  const rest = words.slice(at + 1);
  const text = words[at];
  if (text === undefined || rest.length === 0 || rest.length > 4 || /^seconds$/.test(rest[0] ?? ""))
    return null;
  const hasUnit = rest.length > 1;
  return rowOf(
    seconds,
    part,
    text,
    hasUnit ? (rest[0] ?? "") : "",
    rest.slice(hasUnit ? 1 : 0).join(" "),
    metric ? [{ value: Number(metric[1]), unit: metric[2] ?? "" }] : [],
  );
}

/** "     0.100315524,CPU0,100.58,msec,cpu-clock,100581381,100.00,1.006,CPUs utilized"; any separator. */
function readCsv(line: string): PerfStatRow | null {
  for (const separator of [",", ";", "\t", "|", ":"]) {
    if (!line.includes(separator)) continue;
    const fields = line.split(separator);
    if (fields.length < 5) continue;
    const isTimed = /^\s+\d+\.\d+$/.test(fields[0] ?? "");
    for (let at = isTimed ? 1 : 0; at < Math.min(4, fields.length - 4); at++) {
      const [text = "", unit = "", event = ""] = fields.slice(at, at + 3);
      if (!isCount(text) || isCount(unit) || event === "" || isCount(event)) continue;
      // With -r there is a variance in front of the time that the event was counted.
      const isRepeated = /^\d+\.\d+%$/.test(fields[at + 3] ?? "");
      const [run = "", share = "", value = "", name = ""] = fields.slice(at + (isRepeated ? 4 : 3));
      if (!/^\d+$/.test(run) || !/^\d+(\.\d+)?$/.test(share)) continue;
      return rowOf(
        isTimed ? Number(fields[0]) : -1,
        fields[isTimed ? 1 : 0] === text && at === (isTimed ? 1 : 0) ? "" : (fields[isTimed ? 1 : 0] ?? ""),
        text,
        unit,
        event,
        value !== "" && name !== "" && Number.isFinite(Number(value))
          ? [{ value: Number(value), unit: name.trim() }]
          : [],
      );
    }
  }
  return null;
}

function readJson(line: string): PerfStatRow | null {
  const fields = jsonFields(line);
  if (!fields) return null;
  const text = (key: string): string => {
    const value = fields[key];
    return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
  };
  const event = text("event");
  if (event === "" || !("counter-value" in fields)) return null;
  const part = ["cpu", "core", "die", "socket", "node", "thread", "cluster", "cache"]
    .filter((key) => text(key) !== "")
    .map((key) => (key === "cpu" ? `CPU${text(key)}` : text(key)))
    .join(" ");
  const metric = text("metric-unit");
  const value = Number(text("metric-value"));
  const seconds = "interval" in fields ? Number(text("interval")) : -1;
  return rowOf(
    Number.isFinite(seconds) ? seconds : -1,
    part,
    text("counter-value"),
    text("unit"),
    event,
    metric !== "" && metric !== "(null)" && Number.isFinite(value) ? [{ value, unit: metric }] : [],
  );
}

function jsonFields(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

export function looksLikePerfStat(head: Uint8Array): boolean {
  if (head.subarray(0, 4096).includes(0)) return false;
  const text = textOf(head.subarray(0, 8192));
  if (/^\s*Performance counter stats for /m.test(text)) return true;
  if (/^#\s+time\s+(?:\w+\s+(?:cpus|ctrs)?\s*)?counts unit events\s*$/m.test(text)) return true;
  if (/^\{(?:"[\w-]+" ?: ?"?[^",]*"?, ){0,3}"counter-value" ?: ?"/m.test(text)) return true;
  const lines = text
    .split("\n")
    .slice(0, 6)
    .filter((line) => line.trim() !== "" && !line.startsWith("#"));
  if (lines.length > 1) lines.pop();
  return lines.length > 0 && lines.every((line) => readCsv(line) !== null);
}
