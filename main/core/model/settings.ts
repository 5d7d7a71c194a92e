import * as v from "valibot";
import { splitWords } from "../base/shell-words.ts";

/** What the person chose, kept between starts. */

/** Files of a profile that begin with `from` are at `to` on this machine. "" as `from` is where relative paths are. */
export interface SourceMapping {
  readonly from: string;
  readonly to: string;
}

const isAbsolute = (path: string): boolean => path.startsWith("/") && !path.includes("\0");
const absolute = v.pipe(v.string(), v.maxLength(4096), v.check(isAbsolute, "must be an absolute path"));
const address = v.pipe(
  v.string(),
  v.maxLength(2048),
  v.check((text) => /^https?:\/\/[^\s/]+/.test(text), "must begin with http:// or https://"),
);

/** The words of a command with {file} somewhere among them; "" for none. */
export function editorProblem(line: string): string {
  if (line.trim() === "") return "";
  const words = splitWords(line);
  if (!words.ok) return words.problem.message;
  if (words.value[0]?.includes("{")) return "must begin with a program";
  return words.value.some((word) => word.includes("{file}")) ? "" : "must have {file} where the file goes";
}

const entries = {
  theme: v.picklist(["system", "dark", "light"]),
  /** false until the first-start offer was answered. */
  welcomed: v.boolean(),
  fontSizePx: v.pipe(v.number(), v.integer(), v.minValue(11), v.maxValue(18)),
  /** "safe": told apart by people who see red and green alike. */
  colours: v.picklist(["standard", "safe"]),
  /** KiB or kB. */
  byteUnits: v.picklist(["binary", "decimal"]),
  /** "auto": what is short to read. */
  timeUnits: v.picklist(["auto", "seconds", "milliseconds"]),
  /** The command that opens a file at a line, as words: "code --goto {file}:{line}". No shell sees it. */
  editor: v.pipe(
    v.string(),
    v.maxLength(1000),
    v.check(
      (line) => editorProblem(line) === "",
      (issue) => editorProblem(issue.input),
    ),
  ),
  /** Folders with binaries and debug files of other machines. */
  symbolPaths: v.pipe(v.array(absolute), v.maxLength(50)),
  sourceMaps: v.pipe(
    v.array(v.object({ from: v.pipe(v.string(), v.maxLength(4096)), to: absolute })),
    v.maxLength(50),
  ),
  /** Ask servers for debug files that this machine lacks. */
  debuginfod: v.boolean(),
  debuginfodUrls: v.pipe(v.array(address), v.maxLength(10)),
  /** Where sessions are kept; "" for the folder of the workbench. */
  sessionFolder: v.union([v.literal(""), absolute]),
  /** Sessions may take so much disk, 0 for any. */
  sessionLimitBytes: v.pipe(v.number(), v.integer(), v.minValue(0)),
};

export const defaultSettings = {
  theme: "system",
  welcomed: false,
  fontSizePx: 13,
  colours: "standard",
  byteUnits: "binary",
  timeUnits: "auto",
  editor: "",
  symbolPaths: [],
  sourceMaps: [],
  debuginfod: false,
  debuginfodUrls: ["https://debuginfod.debian.net"],
  sessionFolder: "",
  sessionLimitBytes: 0,
} as const satisfies Settings;

const settingsSchema = v.object(entries);
export type Settings = Readonly<v.InferOutput<typeof settingsSchema>>;
export type SettingName = keyof Settings;
export const settingNames = Object.keys(entries) as readonly SettingName[];
export const isSettingName = (name: string): name is SettingName => name in entries;

/** Types alone: what is wrong with a value is said by `settingProblem`, in words for people. */
export const settingsPatchSchema = v.partial(
  v.object({
    theme: v.string(),
    welcomed: v.boolean(),
    fontSizePx: v.number(),
    colours: v.string(),
    byteUnits: v.string(),
    timeUnits: v.string(),
    editor: v.string(),
    symbolPaths: v.array(v.string()),
    sourceMaps: v.array(v.object({ from: v.string(), to: v.string() })),
    debuginfod: v.boolean(),
    debuginfodUrls: v.array(v.string()),
    sessionFolder: v.string(),
    sessionLimitBytes: v.number(),
  }),
);
export type SettingsPatch = v.InferInput<typeof settingsPatchSchema>;

/** What is wrong with a value; "" for nothing. */
export function settingProblem(name: SettingName, value: unknown): string {
  const result = v.safeParse(entries[name], value);
  return result.success ? "" : (result.issues[0]?.message ?? "is not a value of this setting");
}

/** Settings as a file has them: what is missing or wrong is as it is by default, and named. */
export function readSettings(value: unknown): {
  readonly settings: Settings;
  readonly wrong: readonly string[];
} {
  const given: Record<string, unknown> = typeof value === "object" && value !== null ? { ...value } : {};
  const wrong = settingNames.filter((name) => name in given && settingProblem(name, given[name]) !== "");
  for (const name of wrong) delete given[name];
  return { settings: v.parse(settingsSchema, { ...defaultSettings, ...given }), wrong };
}

/** Where a file of a profile may be on this machine, the best first. Relative paths need a mapping. */
export function mappedPaths(file: string, mappings: readonly SourceMapping[]): readonly string[] {
  const path = plainPath(file);
  const mapped = mappings
    .filter(({ from }) => (from === "" ? !path.startsWith("/") : isUnder(path, from)))
    .sort((a, b) => b.from.length - a.from.length)
    .map(({ from, to }) => joined(to, path.slice(from.length)));
  return [...new Set([...mapped, ...(path.startsWith("/") ? [path] : [])])];
}

/** Names of files come as addresses too. */
function plainPath(file: string): string {
  if (!file.startsWith("file://")) return file;
  try {
    return decodeURIComponent(file.replace(/^file:\/\/[^/]*/, "").replace(/[?#].*$/s, ""));
  } catch {
    return file;
  }
}

const isUnder = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);

const joined = (folder: string, rest: string): string =>
  `${folder.replace(/\/+$/, "")}/${rest.replace(/^\/+/, "")}`;
