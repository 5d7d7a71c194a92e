import { scratchFolder } from "#core/profilers/profiler.ts";

/** Plain data with the folder in place of its name, wherever it stands. Functions stay as they are. */
export function inFolder<T>(value: T, folder: string): T {
  if (typeof value === "string") return value.replaceAll(scratchFolder, folder) as T;
  if (Array.isArray(value)) return value.map((each) => inFolder(each, folder)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]: [string, unknown]) => [key, inFolder(part, folder)]),
  ) as T;
}
