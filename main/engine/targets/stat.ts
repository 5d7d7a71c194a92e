/** One line of /proc/PID/stat, as far as it matters here. */
export interface StatLine {
  /** Raw bytes of comm: spaces, parentheses, newlines and half a UTF-8 character are all possible. */
  readonly comm: string;
  /** One letter: R running, S sleeping, T stopped, Z zombie ... */
  readonly state: string;
  readonly ppid: number;
  /** User and system time of all threads, in clock ticks. */
  readonly cpuTicks: number;
  /** The same of children that it has waited for, and of theirs. */
  readonly childTicks: number;
  readonly threads: number;
  /** Page faults since it started: answered from memory, and by reading a disk. */
  readonly minorFaults: number;
  readonly majorFaults: number;
  /** Clock ticks since boot. With the pid it names a process for good. */
  readonly startTicks: number;
  readonly rssPages: number;
  readonly kernelThread: boolean;
}

const kernelThreadFlag = 0x00200000;
const closingParenthesis = 0x29;

/** Fields are counted from the last ")": everything before it may be part of the name. */
export function parseStat(line: Buffer): StatLine | null {
  const open = line.indexOf(0x28);
  const close = line.lastIndexOf(closingParenthesis);
  if (open < 0 || close < open) return null;
  const fields = line.toString("latin1", close + 2).split(" ");
  if (fields.length < 22) return null;
  const number = (index: number): number => Number(fields[index]);
  return {
    comm: line.toString("utf8", open + 1, close),
    state: fields[0] ?? "",
    ppid: number(1),
    cpuTicks: number(11) + number(12),
    childTicks: number(13) + number(14),
    threads: number(17),
    minorFaults: number(7),
    majorFaults: number(9),
    startTicks: number(19),
    rssPages: number(21),
    kernelThread: (number(6) & kernelThreadFlag) !== 0,
  };
}

/** A zombie; but a leader that ended before its threads is one too, while the process goes on. */
export const isGone = (stat: StatLine): boolean =>
  stat.state === "X" || (stat.state === "Z" && stat.threads <= 1);
