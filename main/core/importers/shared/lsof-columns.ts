import { type LsofFile, unescaped } from "./lsof-rows.ts";

/**
 * The columns of lsof's table. Which stand where its header says, for every one but the first may be empty; numbers end
 * below the end of their title, words begin below its beginning, and a mode and a lock may follow the number of FD.
 *
 *     COMMAND   PID USER   FD      TYPE             DEVICE SIZE/OFF     NODE NAME
 *     python3 17740 root    3u      REG              254,0   200000 10093688 /tmp/with a space.db
 *     python3 17740 root NOFD                                                /proc/17740/fd (opendir: Permission denied)
 */
interface Column {
  readonly title: string;
  readonly start: number;
  readonly end: number;
}

export type LsofHeader = readonly Column[];

export interface LsofRow {
  readonly command: string;
  /** -1 where the row is of the process. */
  readonly tid: number;
  readonly task: string;
  readonly file: LsofFile;
}

export function readLsofHeader(line: string): LsofHeader | null {
  if (!/^COMMAND +PID .*\bFD +TYPE\b.* NAME\s*$/.test(line)) return null;
  return [...line.matchAll(/\S+/g)].map(({ 0: title, index }) => ({
    title,
    start: index,
    end: index + title.length,
  }));
}

/** As lsof has them by itself: where the header was cut off. */
const standard = ["COMMAND", "PID", "USER", "FD", "TYPE", "DEVICE", "SIZE/OFF", "NODE"];

export function readLsofRow(line: string, header: LsofHeader | null): LsofRow | null {
  const cells = header === null ? bareCells(line) : cellsBelow(line, header);
  if (cells === null) return null;
  const of = (title: string): string => cells.get(title) ?? "";
  const pid = of("PID");
  const form = /^(\d+|[^\d\s][^\s]*?)([rwu-])?([^\d\s])?$/.exec(of("FD"));
  if (!/^\d{1,10}$/.test(pid) || form === null) return null;
  const isNumber = /^\d/.test(of("FD"));
  const [, fd = "", access = "", lock = ""] = isNumber ? form : ["", of("FD")];
  const size = cells.get("SIZE/OFF") ?? cells.get("SIZE") ?? cells.get("OFFSET") ?? "";
  const isOffset = /^0[tx]/.test(size);
  const node = of("NODE");
  const isProtocol = /^[A-Z]/.test(node);
  const known = new Set([
    "COMMAND",
    "PID",
    "TID",
    "TASKCMD",
    "FD",
    "TYPE",
    "SIZE/OFF",
    "SIZE",
    "OFFSET",
    "NODE",
    "NAME",
  ]);
  const more = [...cells].filter(([title]) => !known.has(title));
  return {
    command: unescaped(of("COMMAND")),
    tid: /^\d{1,10}$/.test(of("TID")) ? Number(of("TID")) : -1,
    task: unescaped(of("TASKCMD")),
    file: {
      pid: Number(pid),
      fd,
      access: access.replace("-", ""),
      lock,
      type: of("TYPE"),
      protocol: isProtocol ? node : "",
      name: unescaped(of("NAME")),
      offset: isOffset ? size : "",
      size: /^\d+$/.test(size) ? size : "",
      inode: isProtocol ? "" : node,
      tcp: "",
      more: Object.fromEntries(more.map(([title, value]) => [title.toLowerCase(), value])),
    },
  };
}

function cellsBelow(line: string, header: LsofHeader): Map<string, string> | null {
  const name = header.at(-1);
  if (!name) return null;
  const cells = new Map<string, string>();
  const front = line.slice(0, name.start);
  for (const { 0: word, index } of front.matchAll(/\S+/g)) {
    const end = index + word.length;
    const columns = header.slice(0, -1);
    const column =
      columns.find((each) => each.start === index || each.end === end) ??
      columns.find((each) => index < each.end && end > each.start) ??
      columns.find((each) => index < each.end + 2 && end > each.start);
    if (!column || cells.has(column.title)) return null;
    cells.set(column.title, word);
  }
  return cells.set("NAME", line.slice(name.start));
}

function bareCells(line: string): Map<string, string> | null {
  const match =
    /^(\S+) +(\d+) +(?:(?:\d+) +\S+ +)?(\S+) +(cwd|rtd|txt|mem|DEL|NOFD|\d+[rwu -]\S?) +(\S+) +(?=\S)(.*)$/.exec(
      line,
    );
  if (!match) return null;
  const [, command = "", pid = "", user = "", fd = "", type = "", rest = ""] = match;
  const words =
    /^(?:(0x[0-9a-f]+|\d+(?:,\d+)?) +)?(?:(0[tx][0-9a-f]+|\d+) +)?(?:(\d+|[A-Z][A-Z0-9]+) +)?(.*)$/.exec(
      rest,
    );
  const [, device = "", size = "", node = "", name = ""] = words ?? [];
  // A file that is gone has no size: the one number behind the device is its inode.
  const told = node === "" && /^\d+$/.test(size) ? ["", size] : [size, node];
  const values = [command, pid, user, fd.trim(), type, device, ...told];
  return new Map([...standard.map((title, i) => [title, values[i] ?? ""] as const), ["NAME", name]]);
}

/** A row without a header, of a kind that nothing else writes. */
export const looksLikeLsofRow = (line: string): boolean =>
  /^\S+ +\d+ +(?:\d+ +\S+ +)?\S+ +(?:cwd|rtd|txt|mem|DEL|\d+[rwu -]\S?) +(?:REG|DIR|CHR|BLK|FIFO|IPv[46]|unix|sock|a_inode|netlink)\b +\S/.test(
    line,
  );
