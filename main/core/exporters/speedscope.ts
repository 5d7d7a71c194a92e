import { NONE } from "../model/builder.ts";
import type { Profile, Series, SeriesValue } from "../model/profile.ts";
import type { Exporter } from "./exporter.ts";
import { jsonList } from "./shared/json-text.ts";
import { selectedProfile } from "./shared/selected-profile.ts";
import { threadNames, threadRows } from "./shared/thread-rows.ts";
import { textChunks } from "./text-chunks.ts";

/**
 * speedscope's JSON: a profile for every thread of every value of every series, as samples with weights. The format has
 * no time of a sample but the sum of the weights before it. https://www.speedscope.app/file-format-schema.json
 */
export const speedscope: Exporter = {
  id: "speedscope",
  title: "speedscope",
  purpose: "For speedscope.app: a profile a thread and value, in the order of time.",
  extension: "speedscope.json",
  mimeType: "application/json",
  write: (request) => textChunks(file(selectedProfile(request), request.title)),
};

const units: readonly string[] = ["nanoseconds", "microseconds", "milliseconds", "seconds", "bytes"];

/** How many stacks are kept as texts: most samples are of few of them. */
const MAX_STACK_TEXTS = 1 << 14;

function* file(profile: Profile, title: string): Iterable<string> {
  const { meta } = profile;
  const head = {
    $schema: "https://www.speedscope.app/file-format-schema.json",
    exporter: "flamewright",
    name: title || meta.target,
    activeProfileIndex: 0,
  };
  yield `${JSON.stringify(head).slice(0, -1)},"shared":{"frames":[`;
  yield* frames(profile);
  yield `]},"profiles":[`;
  const stackText = stackTexts(profile);
  let isFirst = true;
  const isOnly = profile.series.length === 1 && profile.series[0].values.length === 1;
  for (const series of profile.series) {
    const rows = threadRows(series.thread, profile.threads.length);
    for (const value of series.values)
      for (const thread of rows.threads) {
        yield isFirst ? "\n" : ",\n";
        isFirst = false;
        const name = profileName(profile, thread, isOnly ? "" : measureName(series, value));
        yield* samples(series, value, rows.of(thread), name, stackText);
      }
  }
  yield "\n]}\n";
}

function* frames({ strings, frames: table, functions }: Profile): Iterable<string> {
  for (let row = 0; row < table.length; row++) {
    const fn = table.function[row];
    const file = strings[functions.file[fn]];
    const line = table.line[row] >= 0 ? table.line[row] : functions.line[fn];
    const frame = {
      name: strings[functions.name[fn]] ?? "",
      ...(file !== undefined && { file }),
      ...(line >= 0 && { line }),
      ...(table.column[row] >= 0 && { col: table.column[row] }),
    };
    yield `${row === 0 ? "" : ","}\n${JSON.stringify(frame)}`;
  }
}

/** Processes and threads as py-spy writes them, then what was measured where there is more than one thing. */
function profileName(profile: Profile, thread: number, measure: string): string {
  const { pid, tid, name } = threadNames(profile, thread);
  const place = thread === NONE ? "All" : `${pid === NONE ? "" : `Process ${pid} `}Thread ${tid} "${name}"`;
  return measure === "" ? place : `${place} · ${measure}`;
}

/** The format has no name for most units. */
const measureName = ({ id }: Series, { name, unit }: SeriesValue): string =>
  `${id}/${name}${units.includes(unit) ? "" : ` (${unit})`}`;

function* samples(
  series: Series,
  { unit, data }: SeriesValue,
  rows: Int32Array,
  name: string,
  stackText: (stack: number) => string,
): Iterable<string> {
  let total = 0;
  for (const row of rows) total += data === null ? 1 : data[row];
  const head = {
    type: "sampled",
    name,
    unit: units.includes(unit) ? unit : "none",
    startValue: 0,
    endValue: total,
  };
  yield `${JSON.stringify(head).slice(0, -1)},"samples":[`;
  for (let i = 0; i < rows.length; i++) yield `${i === 0 ? "" : ","}[${stackText(series.stack[rows[i]])}]`;
  yield `],"weights":`;
  yield* jsonList(rows.length, (i) => (data === null ? 1 : data[rows[i]]));
  yield "}";
}

/** Frames of a stack, outermost first, as the inside of a JSON list. */
function stackTexts({ stacks }: Profile): (stack: number) => string {
  const known = new Map<number, string>();
  return (stack) => {
    if (stack === NONE) return "";
    let text = known.get(stack);
    if (text === undefined) {
      const path: number[] = [];
      for (let at = stack; at !== NONE; at = stacks.prefix[at]) path.push(stacks.frame[at]);
      text = path.reverse().join(",");
      if (known.size >= MAX_STACK_TEXTS) known.clear();
      known.set(stack, text);
    }
    return text;
  };
}
