/** The start of a line of `perf trace`: when, how long, who, what. */
export interface PerfTraceLine {
  /** ns on the recording's clock; NaN for "?": it began before. */
  readonly timeNs: number;
  /** NaN where it is not said: the call goes on. */
  readonly durationNs: number;
  readonly comm: string;
  /** -1 where only one thread is traced. */
  readonly tid: number;
  readonly kind: "call" | "unfinished" | "continued" | "event";
  /** Of the call, or of the event: "minfault", "sched:sched_switch". */
  readonly name: string;
  readonly args: string;
  readonly result: string;
}

const start = /^ *(\?|\d{1,15}\.\d{3}) \( *(?:(\d{1,15}\.\d{3}) ms)? *\): (.*)$/s;
/** A command may have blanks and slashes in it: "kworker/0:1H/44". */
const owner =
  /^(.{0,64}?)\/(\d{1,10}) +(?=\.\.\. \[continued\]|[a-z_]\w*\(|(?:min|maj)fault |[\w-]+:[\w-]+[(:])/;

export const isPerfTraceLine = (text: string): boolean => start.test(text);

/** Null for what is no line of an event. */
export function readPerfTraceLine(text: string): PerfTraceLine | null {
  const match = start.exec(text);
  if (!match) return null;
  const [, time = "?", duration, said = ""] = match;
  const who = owner.exec(said);
  const rest = (who ? said.slice(who[0].length) : said).trim();
  const base = {
    timeNs: time === "?" ? Number.NaN : nanos(time),
    durationNs: duration === undefined ? Number.NaN : nanos(duration),
    comm: who?.[1]?.trim() ?? "",
    tid: who ? Number(who[2]) : -1,
  };
  const continued = /^\.\.\. \[continued\]: (\w+)\(\)\) *(?:= (.*))?$/s.exec(rest);
  if (continued)
    return { ...base, kind: "continued", name: continued[1] ?? "", args: "", result: continued[2] ?? "" };
  const call = /^([a-z_]\w*)\((.*)$/s.exec(rest);
  if (!call) {
    const event = /^([\w-]+(?::[\w-]+)?)([:(]?) *(.*)$/s.exec(rest);
    if (!event) return null;
    return {
      ...base,
      kind: "event",
      name: event[1] ?? "",
      args: event[2] === "(" ? (event[3] ?? "").replace(/\)$/, "") : (event[3] ?? ""),
      result: "",
    };
  }
  const name = call[1] ?? "";
  const after = call[2] ?? "";
  const unfinished = /^(.*?)\)? +\.\.\.$/s.exec(after);
  if (unfinished) return { ...base, kind: "unfinished", name, args: unfinished[1] ?? "", result: "" };
  const close = after.lastIndexOf(") ");
  const equals = /^\) *= (.*)$/s.exec(
    close === -1 ? "" : after.slice(after.lastIndexOf(")", resultAt(after))),
  );
  return {
    ...base,
    kind: "call",
    name,
    args: close === -1 ? after : after.slice(0, after.lastIndexOf(")", resultAt(after))),
    result: equals?.[1] ?? "",
  };
}

/** Where the " = result" is: the arguments may have that in them, the result has not. */
const resultAt = (text: string): number => {
  const at = text.lastIndexOf(" = ");
  return at === -1 ? text.length : at;
};

const nanos = (milliseconds: string): number => Math.round(Number(milliseconds) * 1e6);
