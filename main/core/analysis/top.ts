import { compilePattern } from "../model/pattern.ts";
import type { Profile } from "../model/profile.ts";
import type { TopQuery } from "../model/query.ts";
import type { TopTable } from "../model/tables.ts";
import { exactFor } from "./exact.ts";
import { ShownFunctions } from "./shown-functions.ts";
import { UsedStrings } from "./used-strings.ts";
import type { Weigher } from "./weigh.ts";

/** Functions by what they cost. In recursion a function's total counts its outermost call only. */
export function top(weigher: Weigher, profile: Profile, query: TopQuery): TopTable {
  const weighed = weigher.weigh(profile, query.selection);
  const { tree } = weighed;
  const exact = exactFor(profile, query.selection, weighed.chosen);
  const { length, binary, kind } = profile.functions;
  const shown = new ShownFunctions(profile, weighed.renamed);
  const functions = tree.function;
  const { recursive } = tree;
  const self = new Float64Array(length);
  const total = new Float64Array(length);
  const selfSamples = new Float64Array(length);
  const totalSamples = new Float64Array(length);
  for (let node = 0; node < tree.length; node++) {
    const func = functions[node];
    self[func] = self[func] + weighed.self[node];
    selfSamples[func] = selfSamples[func] + weighed.selfSamples[node];
    if (recursive[node] === 1) continue;
    total[func] = total[func] + weighed.total[node];
    totalSamples[func] = totalSamples[func] + weighed.samples[node];
  }

  const calls = exact ? new Float64Array(length).fill(Number.NaN) : null;
  const primitiveCalls = exact ? new Float64Array(length).fill(Number.NaN) : null;
  const isCounted = exact ? new Uint8Array(length) : null;
  if (exact) {
    self.fill(0);
    total.fill(0);
    const { functions: counted, value } = exact;
    for (let row = 0; row < counted.length; row++) {
      const func = counted.function[row];
      self[func] = self[func] + counted.self[value][row];
      total[func] = total[func] + counted.inclusive[value][row];
      if (calls) calls[func] = counted.calls[row];
      if (primitiveCalls) primitiveCalls[func] = counted.primitiveCalls[row];
      if (isCounted) isCounted[func] = 1;
    }
  }

  const text = (index: number): string => (index < 0 ? "" : (profile.strings[index] ?? ""));
  const filter = query.filter === "" ? null : compilePattern(query.filter);
  const rows: number[] = [];
  for (let func = 0; func < length; func++) {
    if (isCounted ? isCounted[func] === 0 : totalSamples[func] === 0) continue;
    if (filter) {
      const path = binary[func] === -1 ? -1 : profile.binaries.path[binary[func]];
      const matches = [shown.name(func), shown.file(func), path].some((index) => filter.test(text(index)));
      if (!matches) continue;
    }
    rows.push(func);
  }
  const sign = query.descending ? -1 : 1;
  const byName = (a: number, b: number): number => {
    const left = text(shown.name(a));
    const right = text(shown.name(b));
    return left < right ? -1 : left > right ? 1 : a - b;
  };
  const main = query.sort === "total" ? total : self;
  const other = query.sort === "total" ? self : total;
  rows.sort(
    query.sort === "name"
      ? (a, b) => sign * byName(a, b)
      : (a, b) => sign * (main[a] - main[b]) || sign * (other[a] - other[b]) || byName(a, b),
  );
  const firstRow = Math.max(0, Math.min(query.offset, rows.length - query.limit));
  const limited = rows.slice(firstRow, firstRow + query.limit);
  const used = new UsedStrings(profile);
  const flags =
    query.selection.search === ""
      ? null
      : weigher.shownFlags(profile, query.selection.search, weighed.renamed);
  const pick = (column: Float64Array): Float64Array => Float64Array.from(limited, (func) => column[func]);
  return {
    view: "top",
    series: weighed.chosen?.id ?? "",
    unit: weighed.chosen?.unit ?? "samples",
    totalValue: weighed.totalValue,
    totalSamples: weighed.totalSamples,
    firstRow,
    sampleSize: exact === null ? weighed.sampleSize : 0,
    length: limited.length,
    function: Int32Array.from(limited),
    name: Int32Array.from(limited, (func) => used.of(shown.name(func))),
    file: Int32Array.from(limited, (func) => used.of(shown.file(func))),
    line: Int32Array.from(limited, (func) => shown.line(func)),
    binary: Int32Array.from(limited, (func) => used.binary(binary[func])),
    kind: Uint8Array.from(limited, (func) => kind[func]),
    self: pick(self),
    total: pick(total),
    selfSamples: pick(selfSamples),
    totalSamplesOf: pick(totalSamples),
    matched: Uint8Array.from(limited, (func) => (flags?.[func] === 1 ? 1 : 0)),
    rowsInAll: rows.length,
    isExact: exact !== null,
    calls: calls && pick(calls),
    primitiveCalls: primitiveCalls && pick(primitiveCalls),
    strings: used.strings,
  };
}
