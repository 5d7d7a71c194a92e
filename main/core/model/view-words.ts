/**
 * What is on the screen of a profile beside the selection, as flags of the command line: `flamewright open` shows it again, and
 * every command about a file takes the same line, of which it uses what it has a meaning for.
 */
export interface ViewFlag {
  readonly name: string;
  readonly hasValue: boolean;
  readonly isMany: boolean;
  readonly help: string;
}

const value = (name: string, help: string): ViewFlag => ({ name, hasValue: true, isMany: false, help });
const each = (name: string, help: string): ViewFlag => ({ name, hasValue: true, isMany: true, help });
const plain = (name: string, help: string): ViewFlag => ({ name, hasValue: false, isMany: false, help });

export const viewFlags: readonly ViewFlag[] = [
  value("view", "flame, top, tree, sandwich, chart, heatmap, info ..."),
  value("function", "select this function"),
  value("search", "mark what matches; in tables of locks, calls and memory only what matches is shown"),
  value("last", "only the last so much of the time, like 10s"),
  plain("flip", "flame, tree: from what burns to its callers"),
  value("order", "flame: name, or weight: the heaviest first"),
  value("root", "flame: top or bottom"),
  plain("no-map", "flame: without the whole in small"),
  value("zoom", "flame, memory: the call node that fills the picture"),
  value("zoom-callers", "sandwich: the same of its upper half"),
  value("zoom-callees", "sandwich: the same of its lower half"),
  value("zoom-time", "chart: the time that is shown, like 3s..3.4s"),
  value("sort", "tables: the column"),
  plain("reverse", "tables: the other way round"),
  value("open", "tree, memory: the call nodes that are open, or none"),
  value("mode", "source: source, assembly, both; memory: sites, flame, tree, objects"),
  value("count", "memory: live, allocated, peak"),
  value("suppressions", "memory: rules of what is left out"),
  value("kind", "memory: the kind of objects that is listed"),
  value("object", "memory: the object of which is told who holds it"),
  value("since", "memory: the heap snapshot that came before this one, by its path"),
  each("curve", "memory: a curve that is drawn over time, like live or rss"),
  value("threshold", "graph: the least share of the whole, like 0.5%"),
  plain("table", "graph: as a table"),
  value("camera", "graph: what is in view: all, or as it is copied, like 0.7@-120,30/800x500"),
  value("call", "graph: the row of the table of calls that is selected, from 0 on"),
  value("file", "source: of the files that the function is in"),
  value("line", "source: the line that is chosen"),
  value("by", "io: call, file, peer, stack"),
  each("table-order", "io, memory: the order of what is open, disks, threads or changes, like open=-rate"),
  plain("waiting", "io: also calls that only wait"),
  plain("idle", "locks: also waiting for work"),
  value("row", "locks, io, memory: the row that is selected"),
  value("shown-time", "timeline: the time that is in view, like 3s..3.4s"),
  each("into", "timeline: a range that was gone into, the outer ones first"),
  each("fold", "timeline: the process whose threads are put away, by its pid"),
  each("hide-lane", "timeline: a lane that is not shown"),
  each("lane-order", "timeline: counters that come first"),
  value("lanes", "timeline: threads that have a lane at most"),
  value("timeline", "timeline: as a table, or lanes: the list of what has a lane"),
];

/** Of a comparison, beside those that it has in common with other views. */
export const compareFlags: readonly ViewFlag[] = [
  value("confidence", "compare: how sure an interval is, in per cent"),
  value("tab", "compare: flame, functions, overweight"),
  value("weight", "compare: self or total"),
  value("column", "compare: by which the table is sorted"),
  value("only", "compare: all, changed, grown, shrunk, new, gone"),
];
