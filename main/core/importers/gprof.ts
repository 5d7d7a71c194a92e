import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { GprofCosts } from "./shared/gprof-costs.ts";

/**
 * What gprof prints: the flat profile, the call graph, or both. Times are rounded to what a sample counts, mostly
 * 0.01 s; calls are exact. https://sourceware.org/binutils/docs/gprof/Output.html
 *
 *      58.62      1.13     1.13     1324     0.00     0.00  burn_a
 *
 *                     0.00    1.71    1324/1324        worker [1]
 *     [3]     88.6    0.00    1.71    1324         phase_ab [3]
 *                     1.13    0.00    1324/1324        burn_a [4]
 */
export const gprof: StreamImporter = {
  id: "gprof",
  title: "gprof",
  extensions: ["txt", "gprof"],
  order: 164,
  kind: "stream",
  sniff: (head) => {
    const text = textOf(head.subarray(0, 1 << 15)).replaceAll("\r", "");
    return (
      /^Flat profile:\n\n?(Each sample counts as|[^\n]*no time accumulated)/m.test(text) ||
      /^index +% time +self +children +called +name *$/m.test(text)
    );
  },
  open: createParser,
};

const NS_PER_SECOND = 1e9;
const flatRow = /^ *\d+\.\d+ +\d+\.\d+ +(\d+\.\d+)(?: +(\d+) +\d+\.\d+ +\d+\.\d+)? {2}(\S.*)$/;
const primaryRow = /^\[(\d+)\] +\d+\.\d+ +(\d+\.\d+) +(\d+\.\d+)(?: +(\d+)(?:\+(\d+))?)? +(\S.*)$/;
const arcRow = /^ {4,}(?:(\d+\.\d+) +(\d+\.\d+) +)?(\d+)(?:\/(\d+))? +(\S.*)$/;
const indexed = /^(.*?)(?: <cycle \d+>)? \[(\d+)\]$/;

function createParser(out: ProfileBuilder, { limits }: ImportContext): StreamParser {
  const costs = new GprofCosts(out);
  let section: "none" | "flat" | "graph" = "none";
  let primary = NONE;
  let malformed = 0;
  let tooMany = 0;

  const ns = (seconds: string | undefined): number => Math.round(Number(seconds ?? 0) * NS_PER_SECOND);

  const flat = (line: string): void => {
    const match = flatRow.exec(line);
    if (!match) {
      if (/^ *\d/.test(line)) malformed++;
      return;
    }
    const [, self, calls, name = ""] = match;
    costs.flat(name, ns(self), calls === undefined ? Number.NaN : Number(calls));
  };

  const graph = (line: string): void => {
    if (/^-{5,}$/.test(line)) {
      primary = NONE;
      return;
    }
    const main = primaryRow.exec(line);
    if (main) {
      const [, id, self, children, calls, recursive, text = ""] = main;
      const [, name = text] = indexed.exec(text) ?? [];
      // The members of a cycle have entries of their own.
      if (/^<cycle \d+ as a whole>/.test(name)) {
        primary = NONE;
        return;
      }
      primary = costs.entry(Number(id), name, ns(self), ns(self) + ns(children), calls, recursive);
      return;
    }
    // Rows above the entry are its callers: they say what the callers' own entries say.
    if (primary === NONE) return;
    const arc = arcRow.exec(line);
    const [, name = "", id] = indexed.exec(arc?.[5] ?? "") ?? [];
    if (!arc || id === undefined) {
      malformed++;
      return;
    }
    if (/^<cycle \d+ as a whole>/.test(name)) return;
    if (costs.arcCount >= limits.maxSamples) tooMany++;
    else costs.arc(primary, Number(id), name, Number(arc[3]), ns(arc[1]) + ns(arc[2]));
  };

  const lines = new LineSplitter((bytes, start, end) => {
    const line = textOf(bytes, start, end).trimEnd();
    if (line.trim() === "") return;
    if (/^Flat profile:$/.test(line)) section = "flat";
    else if (/^\s*Call graph\b/.test(line) || /^index +% time/.test(line)) section = "graph";
    else if (/^Index by function name/.test(line)) section = "none";
    else if (/^\s*(%|time|granularity:|index %|Each sample|no time)/.test(line)) {
      const period = /^Each sample counts as ([\d.e-]+) seconds/.exec(line);
      if (period) costs.precisionNs = ns(period[1]);
    } else if (section === "flat" && /^ *(%|\d)/.test(line)) flat(line);
    // Between the tables gprof explains them in prose.
    else if (section === "graph" && /^( {4}|\[|-{5})/.test(line)) graph(line);
  }, 1 << 20);

  out.meta({ format: gprof.id, tool: "gprof" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      costs.write();
      if (costs.precisionNs > 0) out.meta({ periodNs: costs.precisionNs });
      if (tooMany > 0) out.note(`${tooMany} calls more than the limit were left out.`);
      if (malformed > 0) out.note(`${malformed} rows could not be read.`);
    },
  };
}
