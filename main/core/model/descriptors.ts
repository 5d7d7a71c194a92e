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
});
export type Descriptor = v.InferOutput<typeof descriptorSchema>;

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
