import { deviceCategory, requestsId } from "../../model/block-requests.ts";
import { float64, type Growable } from "../../model/growable.ts";
import type { Profile } from "../../model/profile.ts";
import type { AskerRow, DiskRow, RequestRow } from "../../model/tables.ts";
import { threadLabel } from "../lanes.ts";
import { Askers } from "./askers.ts";
import { unknownDisk } from "./disks.ts";
import { IoTotals } from "./io-totals.ts";

const MOST_ISSUERS = 20;

interface Issuer {
  readonly name: string;
  readonly pid: number;
  requests: number;
  bytes: number;
}

interface Sums {
  readonly device: string;
  readonly operation: string;
  readonly totals: IoTotals;
  readonly histogram: Float64Array;
  readonly issuers: Map<string, Issuer>;
  queuedNs: number;
  queuedMaxNs: number;
}

interface Device {
  readonly starts: Growable<Float64Array>;
  readonly ends: Growable<Float64Array>;
}

interface Asked {
  readonly bucketOf: (durationNs: number) => number;
  readonly buckets: number;
  /** Calls back for every sample that is selected, with its duration. */
  readonly each: (take: (sample: number, durationNs: number) => void) => void;
  readonly spanNs: number;
}

/** Requests to disks: one row a device and operation; and of each device what iostat would have said. */
export function requestsOf(
  profile: Profile,
  { bucketOf, buckets, each, spanNs }: Asked,
): {
  readonly requests: readonly RequestRow[];
  readonly disks: readonly DiskRow[];
  readonly askers: readonly AskerRow[];
  readonly askersAre: "asked" | "issued";
} {
  const series = profile.series.find(({ id }) => id === requestsId);
  if (!series) return { requests: [], disks: [], askers: [], askersAre: "issued" };
  const sizes = series.values[2]?.data;
  const queued = series.values[3]?.data ?? null;
  const askers = new Askers(profile);
  const names = deviceNames(profile);
  const wordsOf = labelWords(profile);
  const rows = new Map<string, Sums>();
  const devices = new Map<string, Device>();
  each((sample, durationNs) => {
    const words = wordsOf.get(series.labels?.[sample] ?? -1);
    const number = words?.device ?? "";
    const device = names.get(number) ?? number;
    const operation = words?.operation ?? "other";
    const key = `${device}\0${operation}`;
    let sums = rows.get(key);
    if (!sums) {
      sums = {
        device,
        operation,
        totals: new IoTotals(device, operation, true),
        histogram: new Float64Array(buckets),
        issuers: new Map(),
        queuedNs: queued ? 0 : Number.NaN,
        queuedMaxNs: queued ? 0 : Number.NaN,
      };
      rows.set(key, sums);
    }
    const bytes = sizes?.[sample] ?? 0;
    sums.totals.add(durationNs, 1, words?.isError === true ? 1 : 0, bytes);
    sums.histogram[bucketOf(durationNs)] += 1;
    const queuedNs = queued?.[sample] ?? Number.NaN;
    sums.queuedNs += queuedNs;
    sums.queuedMaxNs = Math.max(sums.queuedMaxNs, queuedNs);
    const thread = series.thread[sample] ?? -1;
    issued(sums.issuers, threadLabel(profile, thread), bytes);
    askers.add(thread, series.stack[sample] ?? -1, { durationNs, queuedNs, bytes });
    const known = devices.get(device) ?? { starts: float64(), ends: float64() };
    devices.set(device, known);
    const startNs = series.time?.[sample] ?? 0;
    known.starts.push(startNs);
    known.ends.push(startNs + durationNs);
  });
  const requests = [...rows.values()].map(rowOf).sort((a, b) => b.totalNs - a.totalNs);
  return {
    requests,
    disks: [...devices].map(([device, times]) => diskOf(device, requests, times, spanNs)),
    askers: askers.rows(),
    askersAre: queued ? "asked" : "issued",
  };
}

function issued(
  issuers: Map<string, Issuer>,
  { name, pid }: { readonly name: string; readonly pid: number },
  bytes: number,
): void {
  const key = `${pid} ${name}`;
  const issuer = issuers.get(key) ?? { name, pid, requests: 0, bytes: 0 };
  issuers.set(key, issuer);
  issuer.requests++;
  issuer.bytes += bytes;
}

function rowOf({ device, operation, totals, histogram, issuers, queuedNs, queuedMaxNs }: Sums): RequestRow {
  const { calls, errors, totalNs, meanNs, p50Ns, p99Ns, maxNs, bytes } = totals.row();
  return {
    device,
    operation,
    requests: calls,
    errors,
    totalNs,
    meanNs,
    p50Ns,
    p99Ns,
    maxNs,
    bytes,
    queuedMeanNs: queuedNs / calls,
    queuedMaxNs,
    histogram,
    issuers: [...issuers.values()]
      .sort((a, b) => b.requests - a.requests || b.bytes - a.bytes)
      .slice(0, MOST_ISSUERS),
  };
}

function diskOf(
  device: string,
  requests: readonly RequestRow[],
  { starts, ends }: Device,
  spanNs: number,
): DiskRow {
  const seconds = spanNs / 1e9;
  const of = (operation: string) =>
    requests.find((row) => row.device === device && row.operation === operation);
  const [read, write] = [of("read"), of("write")];
  const inFlightNs = requests.reduce((sum, row) => sum + (row.device === device ? row.totalNs : 0), 0);
  return {
    ...unknownDisk,
    device,
    readsPerSecond: (read?.requests ?? 0) / seconds,
    writesPerSecond: (write?.requests ?? 0) / seconds,
    readBytesPerSecond: (read?.bytes ?? 0) / seconds,
    writtenBytesPerSecond: (write?.bytes ?? 0) / seconds,
    readWaitNs: read?.meanNs ?? Number.NaN,
    writeWaitNs: write?.meanNs ?? Number.NaN,
    queue: inFlightNs / spanNs,
    busyShare: Math.min(1, coveredNs(starts.view(), ends.view()) / spanNs),
  };
}

/** ns in which at least one was on its way. */
function coveredNs(starts: Float64Array, ends: Float64Array): number {
  const order = Array.from(starts, (_, i) => i).sort((a, b) => (starts[a] as number) - (starts[b] as number));
  let covered = 0;
  let until = 0;
  for (const i of order) {
    const end = ends[i] as number;
    covered += Math.max(0, end - Math.max(until, starts[i] as number));
    until = Math.max(until, end);
  }
  return covered;
}

function deviceNames({ intervals, strings }: Profile): ReadonlyMap<string, string> {
  const category = strings.indexOf(deviceCategory);
  const names = new Map<string, string>();
  if (category === -1) return names;
  for (let row = 0; row < intervals.length; row++)
    if (intervals.category[row] === category)
      names.set(strings[intervals.args[row]] ?? "", strings[intervals.name[row]] ?? "");
  return names;
}

interface LabelWords {
  device: string;
  operation: string;
  isError: boolean;
}

function labelWords({ labels, strings }: Profile): ReadonlyMap<number, LabelWords> {
  const words = new Map<number, LabelWords>();
  for (let row = 0; row < labels.length; row++) {
    const key = strings[labels.key[row]];
    if (key !== "device" && key !== "operation" && key !== "error") continue;
    const set = labels.set[row];
    const known = words.get(set) ?? { device: "", operation: "other", isError: false };
    words.set(set, known);
    if (key === "error") known.isError = true;
    else known[key] = strings[labels.text[row]] ?? "";
  }
  return words;
}
