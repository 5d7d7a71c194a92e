import * as v from "valibot";

/** Files and sockets that a process has open, as the workbench reads them of /proc, and as a profile keeps them. */

/** Category of the intervals that say what a descriptor is from their time on. */
export const descriptorCategory = "descriptor";

/** Series of what threads read and write, where that alone is known of them. */
export const movedId = "io-moved";

export const descriptorSchema = v.object({
  pid: v.number(),
  fd: v.number(),
  /** What it is; "closed" from when it is not there any more. */
  kind: v.picklist(["file", "folder", "device", "pipe", "socket", "other", "closed"]),
  /** Path, "TCP 127.0.0.1:5000 → 127.0.0.1:80", "pipe:[4711]". */
  name: v.string(),
  /** "r", "w", "rw". */
  access: v.string(),
  /** Where in the file it stands, bytes; -1 where that says nothing. */
  position: v.number(),
  /** Of a socket: its other end, "" where it has none or nobody says. */
  peer: v.string(),
  /** Of a socket: "ESTABLISHED", "LISTEN" ...; "" of others. */
  state: v.string(),
  /** Bytes that wait to be read by the process and to be taken by the peer; -1 where nobody says. */
  receiveQueue: v.number(),
  sendQueue: v.number(),
  /** Bytes in all since it was opened, and the smoothed round trip: of TCP, where ss is there; -1. */
  receivedBytes: v.number(),
  sentBytes: v.number(),
  roundTripNs: v.number(),
  /** "cwd", "txt", "mem" ...: what it is to the process, where it has no number (`fd` is -1). */
  slot: v.optional(v.string()),
  sizeBytes: v.optional(v.number()),
  /** What else a tool says of it, in the tool's own words: device, inode, user ... */
  more: v.optional(v.record(v.string(), v.string())),
});
export type Descriptor = v.InferOutput<typeof descriptorSchema>;

/** Of which nothing is told but what it is. */
export const untold: Omit<Descriptor, "pid" | "fd" | "kind" | "name"> = {
  access: "",
  position: -1,
  peer: "",
  state: "",
  receiveQueue: -1,
  sendQueue: -1,
  receivedBytes: -1,
  sentBytes: -1,
  roundTripNs: -1,
};

/** Counter of how many are open, where a tool told of all of them at once. */
export const openId = "open-descriptors";

/** What it takes to tell two states of a descriptor apart, as the args of an interval. */
export const descriptorArgs = (descriptor: Descriptor): string => JSON.stringify(descriptor);

export function descriptorOf(args: string): Descriptor | null {
  try {
    const parsed = v.safeParse(descriptorSchema, JSON.parse(args));
    return parsed.success ? parsed.output : null;
  } catch {
    // A session of another version may have written something else.
    return null;
  }
}

/** Which of all descriptors it is: by its number, and by what it is where it has none. */
export const descriptorKey = ({ pid, fd, slot = "", name, more = {} }: Descriptor): string =>
  fd >= 0 ? `${pid} ${fd}` : `${pid} ${slot} ${name} ${more.inode ?? ""} ${more.again ?? ""}`;

/** Calls `changed` for what differs from the last time; what is gone is "closed". */
export function changesOf(
  changed: (descriptor: Descriptor) => void,
  identity: (descriptor: Descriptor) => string = descriptorArgs,
): (now: Iterable<Descriptor>) => void {
  let known = new Map<string, { readonly is: string; readonly descriptor: Descriptor }>();
  return (now) => {
    const next: typeof known = new Map();
    for (const descriptor of now) {
      const is = identity(descriptor);
      const key = descriptorKey(descriptor);
      next.set(key, { is, descriptor });
      if (known.get(key)?.is !== is) changed(descriptor);
    }
    for (const [key, { descriptor }] of known)
      if (!next.has(key)) changed({ ...descriptor, kind: "closed", state: "" });
    known = next;
  };
}
