import type { ProfileBuilder } from "../../model/builder.ts";

export interface SysstatTable {
  readonly columns: readonly string[];
  /** Columns that say whose row it is. */
  readonly isName: readonly boolean[];
  readonly isTimed: boolean;
  readonly hasCommand: boolean;
  /** What rows without a name of their own are of. */
  readonly about: string;
}

/** In pidstat these stand anywhere; what else names a row is the first column. */
const identity = /^(UID|USER|PID|TGID|TID|Command)$/;
const firstNames =
  /^(Device:?|DEV|IFACE|CPU|INTR|TTY|BUS|NODE|FILESYSTEM|MOUNTPOINT|FAN|TEMP|IN|BAT|USB|Filesystem:?|tps:?)$/;
const known =
  /[%/]|^(VSZ|RSS|tps|runq-sz|kb\w+|proc\/s|totsck|dentunusd|MHz|aqu-sz|rpm|StkSize|StkRef|threads|fd-nr|iodelay)$/;

const clock = /^(\d\d:\d\d:\d\d)$/;

/** A line of column names, or null. The time in front of it is that of the line, and not a column. */
export function readHeader(line: string): SysstatTable | null {
  const cpu = /^avg-cpu:\s+(\S.*)$/.exec(line);
  if (cpu) return tableOf((cpu[1] ?? "").trim().split(/\s+/), false, "CPU");
  const words = line.replace(/^#\s*/, "").trim().split(/\s+/);
  let at = 0;
  if (words[0] === "Time" || clock.test(words[0] ?? "")) at = words[1] === "AM" || words[1] === "PM" ? 2 : 1;
  const columns = words.slice(at);
  if (columns.length < 2 || columns.some((word) => /^-?\d/.test(word))) return null;
  if (!columns.some((word) => known.test(word))) return null;
  return tableOf(columns, at > 0, "");
}

function tableOf(columns: readonly string[], isTimed: boolean, about: string): SysstatTable {
  const isPids = columns.some((column) => column === "PID" || column === "TGID");
  return {
    columns,
    isName: columns.map((column, i) =>
      isPids ? identity.test(column) : about === "" && i === 0 && (!isTimed || firstNames.test(column)),
    ),
    isTimed,
    hasCommand: columns.at(-1) === "Command",
    about,
  };
}

/** "vda", "all", "io/13392": whose numbers they are. Processes and threads become those of the profile. */
export function rowName(out: ProfileBuilder, table: SysstatTable, values: readonly string[]): string {
  const { columns, isName, about } = table;
  const of = (column: string): string => values[columns.indexOf(column)] ?? "";
  if (!columns.includes("PID") && !columns.includes("TGID"))
    return isName[0] ? (columns[0] === "CPU" ? `CPU ${values[0]}` : (values[0] ?? "")) : about;
  const pid = idOf(of("PID")) ?? idOf(of("TGID"));
  const tid = idOf(of("TID"));
  const command = of("Command").replace(/^\|__/, "");
  if (tid === null && pid !== null) out.process(pid, command);
  return `${command}/${tid ?? pid ?? "?"}`;
}

const idOf = (text: string): number | null => (/^\d{1,10}$/.test(text) ? Number(text) : null);

/** "%usr" in %, "kB_rd/s" in kB/s, "kbmemfree" and "RSS" in kB. */
export function unitOfColumn(column: string): string {
  if (column.startsWith("%")) return "%";
  const rate = /^(?:r|w|d|rx|tx|bread|bwrtn)?(kB|MB)(?:_\w+)?\/s$/.exec(column);
  if (rate) return `${rate[1]}/s`;
  if (/\/s$/.test(column)) return "/s";
  if (/^kb|^(VSZ|RSS|StkSize|StkRef)$|^kB/.test(column)) return "kB";
  return /await$|^svctm$/.test(column) ? "milliseconds" : "count";
}
