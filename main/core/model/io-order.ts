import type { DiskRow, OpenRow, ThreadIoRow } from "./waits-tables.ts";

/** Orders of the tables of I/O that are no calls: what is open, disks, threads. "name", "-rate": from the largest. */

export type Values<T> = Readonly<Record<string, (row: T) => number | string>>;

/** -1 is how the model says that nobody knows. */
const told = (value: number): number => (value < 0 ? Number.NaN : value);

export const openValues = {
  name: ({ name }) => name,
  process: ({ process, pid }) => (pid < 0 ? "" : `${process} ${pid}`.trim()),
  fd: ({ fd }) => told(fd),
  kind: ({ kind }) => kind,
  access: ({ access }) => access,
  state: ({ isOpen, state }) => (isOpen ? state : "closed"),
  queued: ({ receiveQueue }) => told(receiveQueue),
  sending: ({ sendQueue }) => told(sendQueue),
  position: ({ position }) => told(position),
  size: ({ sizeBytes = -1 }) => told(sizeBytes),
  received: ({ receivedBytes }) => told(receivedBytes),
  sent: ({ sentBytes }) => told(sentBytes),
  rate: ({ bytesPerSecond }) => bytesPerSecond,
} as const satisfies Values<OpenRow>;

export const diskValues = {
  device: ({ device }) => device,
  reads: ({ readsPerSecond }) => readsPerSecond,
  read: ({ readBytesPerSecond }) => readBytesPerSecond,
  "read-wait": ({ readWaitNs }) => readWaitNs,
  writes: ({ writesPerSecond }) => writesPerSecond,
  written: ({ writtenBytesPerSecond }) => writtenBytesPerSecond,
  "write-wait": ({ writeWaitNs }) => writeWaitNs,
  queue: ({ queue }) => queue,
  busy: ({ busyShare }) => busyShare,
  most: ({ mostBusyShare }) => mostBusyShare,
} as const satisfies Values<DiskRow>;

export const threadValues = {
  name: ({ name }) => name,
  tid: ({ tid }) => tid,
  read: ({ readBytes }) => readBytes,
  written: ({ writtenBytes }) => writtenBytes,
} as const satisfies Values<ThreadIoRow>;

/** Each of the tables that has an order of its own, "" for as it is by itself. */
export const orderedKinds = ["open", "disk", "thread"] as const;
export type OrderedKind = (typeof orderedKinds)[number];
export type IoOrders = Readonly<Record<OrderedKind, string>>;
export const noOrders: IoOrders = { open: "", disk: "", thread: "" };

export const columnsOfKind: Readonly<Record<OrderedKind, readonly string[]>> = {
  open: Object.keys(openValues),
  disk: Object.keys(diskValues),
  thread: Object.keys(threadValues),
};

const words = new Set(["name", "process", "kind", "access", "state", "device"]);
/** Words from A, numbers from the largest. */
export const firstOrder = (column: string): string => (words.has(column) ? column : `-${column}`);
export const turnedOrder = (order: string): string => (order.startsWith("-") ? order.slice(1) : `-${order}`);

/** "open=-rate" and the like, one each; null where one means nothing. */
export function readOrders(texts: readonly string[]): IoOrders | null {
  const orders = { ...noOrders };
  for (const text of texts) {
    const [, kind = "", column = ""] = /^(\w+)=-?([\w-]+)$/.exec(text) ?? [];
    const known = orderedKinds.find((each) => each === kind);
    if (known === undefined || !columnsOfKind[known].includes(column)) return null;
    orders[known] = text.slice(kind.length + 1);
  }
  return orders;
}

export const orderTexts = (orders: IoOrders): readonly string[] =>
  orderedKinds.flatMap((kind) => (orders[kind] === "" ? [] : [`${kind}=${orders[kind]}`]));

/** Does anybody say anything of a column? */
export function isKnownIn<T>(rows: readonly T[], values: Values<T>, column: string): boolean {
  const value = values[column];
  return value === undefined || rows.some((row) => !Number.isNaN(value(row)) && value(row) !== "");
}

/** In the order of a column; what is not known comes last. */
export function inOrderOf<T>(rows: readonly T[], values: Values<T>, order: string): readonly T[] {
  const value = values[order.replace(/^-/, "")];
  if (value === undefined) return rows;
  const sign = order.startsWith("-") ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (typeof left === "string" || typeof right === "string") {
      if (left === "" || right === "") return Number(left === "") - Number(right === "");
      return sign * (left < right ? -1 : left > right ? 1 : 0);
    }
    if (Number.isNaN(left) || Number.isNaN(right))
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return sign * (left - right);
  });
}
