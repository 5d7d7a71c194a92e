import { textOf } from "../bytes/ascii.ts";
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  jsonArray,
  jsonObject,
  jsonText,
} from "../bytes/json-value.ts";
import type { ProfileBuilder } from "../model/builder.ts";
import type { StreamImporter } from "./importer.ts";
import { jsonParser } from "./shared/json-import.ts";
import { LimitedCounters } from "./shared/limited-counters.ts";
import { ReportClock } from "./shared/report-clock.ts";
import { unitOfColumn } from "./shared/sysstat-tables.ts";

/** JSON of sysstat's tools: `iostat -o JSON`, `mpstat -o JSON`, `sadf -j`. https://github.com/sysstat/sysstat */
export const sysstatJson: StreamImporter = {
  id: "sysstat-json",
  title: "iostat, mpstat, sadf (JSON)",
  extensions: ["json"],
  order: 218,
  kind: "stream",
  sniff: (head) => /^\ufeff?\s*\{\s*"sysstat"\s*:\s*\{/.test(textOf(head.subarray(0, 4096))),
  open: (out) => {
    out.meta({ format: sysstatJson.id, tool: "sysstat" });
    return jsonParser(out, (root) => readRoot(out, root));
  },
};

/** sadf nests its groups twice: "network": {"net-dev": [...]}. */
const MAX_DEPTH = 6;

function readRoot(out: ProfileBuilder, root: JsonValue): void {
  const hosts = jsonArray(jsonObject(jsonObject(root).sysstat).hosts);
  const counters = new LimitedCounters(out);
  let reports = 0;
  for (const entry of hosts) {
    const host = jsonObject(entry);
    const prefix = hosts.length > 1 ? `${jsonText(host.nodename)} ` : "";
    out.meta({ host: jsonText(host.nodename), kernel: jsonText(host.release) });
    const clock = new ReportClock(out);
    for (const report of jsonArray(host.statistics)) {
      const statistics = jsonObject(report);
      if (!readTime(clock, statistics.timestamp)) clock.report("report");
      reports++;
      for (const [group, value] of Object.entries(statistics))
        if (group !== "timestamp" && value !== undefined)
          readGroup(counters, `${prefix}${group === "avg-cpu" ? "CPU" : ""}`, value, clock.timeNs, 0);
    }
    clock.finish();
  }
  if (reports === 0) out.note("There are no reports in it.");
}

/** "11/22/26 11:35:13", "11:35:13", or of sadf {"date": "2026-11-22", "time": "11:35:13", "utc": 1}. */
function readTime(clock: ReportClock, value: JsonValue | undefined): boolean {
  if (typeof value === "string") return clock.line(value) || clock.row(value.trim().split(/\s+/)) > 0;
  const { date, time, utc } = jsonObject(value);
  const isUtc = utc === 1 || utc === true;
  return clock.line(`${jsonText(date)} ${jsonText(time)}${isUtc ? "Z" : ""}`);
}

function readGroup(
  counters: LimitedCounters,
  name: string,
  value: JsonValue,
  timeNs: number,
  depth: number,
): void {
  if (depth > MAX_DEPTH) return;
  if (Array.isArray(value)) for (const each of value) readGroup(counters, name, each, timeNs, depth + 1);
  if (!isJsonObject(value)) return;
  const own = `${name} ${nameOf(value)}`.trim();
  for (const [column, number] of Object.entries(value)) {
    if (typeof number === "number") {
      const id = own === "" ? column : `${own} ${column}`;
      counters.add(id, unitOf(column), timeNs, number);
    } else if (number !== undefined && typeof number === "object" && number !== null)
      readGroup(counters, own, number, timeNs, depth + 1);
  }
}

/** Whose numbers they are: the texts among them ("disk_device": "vda", "cpu": "all"). */
const nameOf = (value: JsonObject): string =>
  Object.entries(value)
    .flatMap(([key, text]) => (typeof text === "string" ? [key === "cpu" ? `CPU ${text}` : text] : []))
    .join(" ");

/** The names of JSON have no percent signs: these are shares. */
const shares =
  /^(user|nice|system|iowait|steal|idle|usr|sys|irq|soft|guest|gnice|util|rrqm|wrqm|drqm|\w+-percent|percent-\w+)$/;

const unitOf = (column: string): string => (shares.test(column) ? "%" : unitOfColumn(column));
