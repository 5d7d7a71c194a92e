/**
 * Numbers as people read them. Everything here takes a raw value in a unit of the model (nanoseconds, bytes,
 * count) and gives a short text with its unit; the non-breaking space keeps both on one line.
 */
export const NBSP = "\u00a0";

/** Three significant digits, no exponent: 0.0123, 1.23, 12.3, 123. */
function significant(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || size >= 99.95 || size < 1e-6) return value.toFixed(0);
  if (size >= 9.995) return value.toFixed(1);
  if (size >= 0.9995) return value.toFixed(2);
  return value.toPrecision(2);
}

export interface NumberUnits {
  readonly bytes: "binary" | "decimal";
  readonly time: "auto" | "seconds" | "milliseconds";
}

let units: NumberUnits = { bytes: "binary", time: "auto" };

/** What the person chose, for this thread: see `model/look.ts`. Data (JSON, CSV, collapsed stacks) has raw values. */
export function chooseUnits(chosen: NumberUnits): void {
  units = chosen;
}

/** The limits are where rounding would show 1000 of the smaller unit. */
export function formatDuration(durationNs: number): string {
  if (units.time !== "auto" && Number.isFinite(durationNs)) return inOneUnit(durationNs, units.time);
  const size = Math.abs(durationNs);
  if (size < 999.5) return `${significant(durationNs)}${NBSP}ns`;
  if (size < 999.5e3) return `${significant(durationNs / 1e3)}${NBSP}µs`;
  if (size < 999.5e6) return `${significant(durationNs / 1e6)}${NBSP}ms`;
  if (size < 59.95e9) return `${significant(durationNs / 1e9)}${NBSP}s`;
  if (!Number.isFinite(durationNs)) return `${durationNs}${NBSP}s`;
  const sign = durationNs < 0 ? "-" : "";
  const seconds = Math.round(size / 1e9);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = String(seconds % 60).padStart(2, "0");
  return hours > 0
    ? `${sign}${hours}${NBSP}h${NBSP}${String(minutes).padStart(2, "0")}${NBSP}min`
    : `${sign}${minutes}${NBSP}min${NBSP}${rest}${NBSP}s`;
}

/** Grouped and with three decimals at most, so that a column of them can be compared at a glance. */
function inOneUnit(durationNs: number, unit: "seconds" | "milliseconds"): string {
  const value = durationNs / (unit === "seconds" ? 1e9 : 1e6);
  const [whole = "0", fraction] = value.toFixed(3).split(".");
  return `${whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",")}.${fraction}${NBSP}${unit === "seconds" ? "s" : "ms"}`;
}

/** Binary prefixes, as the kernel and top(1) count memory, unless the person wants decimal ones. */
export function formatBytes(sizeBytes: number): string {
  const isBinary = units.bytes === "binary";
  const names = isBinary ? ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] : ["B", "kB", "MB", "GB", "TB", "PB"];
  const step = isBinary ? 1024 : 1000;
  let value = sizeBytes;
  let unit = 0;
  while (Math.abs(value) >= step - 0.5 && unit < names.length - 1) {
    value /= step;
    unit++;
  }
  return `${unit === 0 ? value.toFixed(0) : significant(value)}${NBSP}${names[unit]}`;
}

/** 1,188: grouped by comma whatever the locale, so that screens, files and tests agree. */
export function formatCount(count: number): string {
  const [whole = "0", fraction] = (Number.isInteger(count) ? count.toFixed(0) : significant(count)).split(
    ".",
  );
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** "1 sample", "1,188 samples". */
export const formatCountOf = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

/** A share of a whole: "31.0 %", "0.04 %", "<0.01 %". */
export function formatPercent(part: number, whole: number): string {
  if (!(whole > 0)) return `0${NBSP}%`;
  const percent = (100 * part) / whole;
  if (percent !== 0 && Math.abs(percent) < 0.01) return `<0.01${NBSP}%`;
  return `${percent.toFixed(Math.abs(percent) < 0.1 && percent !== 0 ? 2 : 1)}${NBSP}%`;
}

/** A value of the model in its own unit; units the model does not know are printed as they are. */
export function formatValue(value: number, unit: string): string {
  switch (unit) {
    case "nanoseconds":
      return formatDuration(value);
    case "microseconds":
      return formatDuration(value * 1e3);
    case "milliseconds":
      return formatDuration(value * 1e6);
    case "seconds":
      return formatDuration(value * 1e9);
    case "bytes":
      return formatBytes(value);
    case "percent":
      return formatPercent(value, 100);
    case "samples":
    case "count":
      return formatCount(value);
    default:
      return `${formatCount(value)}${NBSP}${unit}`;
  }
}
