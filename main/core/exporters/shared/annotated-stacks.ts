import { NONE } from "../../model/builder.ts";
import { float64, int32 } from "../../model/growable.ts";
import { kindAt, type Profile, type Series } from "../../model/profile.ts";
import { RowInterner } from "../../model/row-interner.ts";
import type { ExportOption, ExportRequest } from "../exporter.ts";
import { selectedProfile } from "./selected-profile.ts";
import { threadNames } from "./thread-rows.ts";

/** What stackcollapse-perf.pl can add to collapsed stacks, by the names of its flags where it has them. */
export const collapsedOptions: readonly ExportOption[] = [
  { id: "comm", title: "the command's name as the outermost frame" },
  { id: "pid", title: "the command's name with its process number as the outermost frame" },
  { id: "tid", title: "the command's name with its process and thread number as the outermost frame" },
  { id: "no-pid", title: "? as process number, for recordings that know threads only" },
  { id: "kernel", title: "_[k] behind the names of kernel functions" },
  { id: "jit", title: "_[j] behind the names of just-in-time compiled functions" },
  { id: "inline", title: "_[i] behind the names of inlined functions" },
  { id: "all", title: "kernel, jit and inline" },
  { id: "addrs", title: "addresses of frames without a symbol" },
  { id: "context", title: "file and line behind names, where they are known" },
  {
    id: "flamegraph",
    title: "names, order and the command as outermost frame exactly as stackcollapse-perf.pl writes them",
  },
];

type Wanted = (option: string) => boolean;

/** The first value of the selection's first series, a line a distinct text. */
export function* annotatedLines(request: ExportRequest): Iterable<string> {
  const options = new Set(request.options);
  const wants: Wanted = (option) =>
    options.has(option) || (option !== "flamegraph" && isImplied(option, options));
  const profile = selectedProfile(request);
  const series = profile.series[0];
  if (!series) return;
  const sums = new PathSums(profile, wants);
  sums.add(series);
  const lines = sums.lines();
  // By character, not by the language's rules: as sort(1) in the C locale, and Perl, do it.
  if (wants("flamegraph")) yield* [...lines].sort((a, b) => (a.path < b.path ? -1 : 1)).map(textOfLine);
  else for (const line of lines) yield textOfLine(line);
}

interface Line {
  readonly path: string;
  readonly weight: number;
}

const textOfLine = ({ path, weight }: Line): string => `${path} ${weight}\n`;

function isImplied(option: string, options: ReadonlySet<string>): boolean {
  if (option === "comm") return options.has("pid") || options.has("tid") || options.has("flamegraph");
  return options.has("all") && (option === "kernel" || option === "jit" || option === "inline");
}

/** Weights by the texts that stacks become: many frames, and many stacks, have the same. */
class PathSums {
  readonly #profile: Profile;
  readonly #wants: Wanted;
  /** A root text with the text of each frame on the path, one node each. */
  readonly #nodes = new RowInterner(2);
  readonly #above = int32();
  readonly #text = int32();
  readonly #weight = float64();
  readonly #texts: string[] = [];
  readonly #textIndex = new Map<string, number>();
  readonly #roots: string[] = [];
  readonly #rootIndex = new Map<string, number>();
  /** Pairs of a thread and the name that it had then. */
  readonly #owners = new RowInterner(2);
  readonly #rootOfOwner = int32();
  readonly #nameOfSet: ReadonlyMap<number, number>;

  constructor(profile: Profile, wants: Wanted) {
    this.#profile = profile;
    this.#wants = wants;
    this.#nameOfSet = wants("comm") ? namesInLabels(profile) : new Map();
  }

  #root(thread: number, labels: number): number {
    if (!this.#wants("comm")) return this.#rootNumber("");
    const name = labels === NONE ? NONE : (this.#nameOfSet.get(labels) ?? NONE);
    const owner = this.#owners.internPair(thread, name);
    if (owner === this.#rootOfOwner.length)
      this.#rootOfOwner.push(this.#rootNumber(rootText(this.#profile, thread, name, this.#wants)));
    return this.#rootOfOwner.at(owner);
  }

  #rootNumber(text: string): number {
    let root = this.#rootIndex.get(text);
    if (root === undefined) {
      root = this.#roots.push(text) - 1;
      this.#rootIndex.set(text, root);
    }
    return root;
  }

  add(series: Series): void {
    const rows = new RowInterner(2);
    const sums = float64();
    const stacks = int32();
    const roots = int32();
    const weights = series.values[0]?.data ?? null;
    for (let i = 0; i < series.length; i++) {
      const root = this.#root(series.thread[i], series.labels === null ? NONE : series.labels[i]);
      const row = rows.internPair(series.stack[i], root);
      if (row === sums.length) {
        sums.push(0);
        stacks.push(series.stack[i]);
        roots.push(root);
      }
      sums.set(row, sums.at(row) + (weights === null ? 1 : weights[i]));
    }
    const { prefix, frame } = this.#profile.stacks;
    /** By root: a name may be written in another way under another one. */
    const textOfFrame = this.#roots.map(() => new Int32Array(this.#profile.frames.length).fill(NONE));
    const path: number[] = [];
    for (let row = 0; row < sums.length; row++) {
      const root = roots.at(row);
      const texts = textOfFrame[root];
      path.length = 0;
      for (let at = stacks.at(row); at !== NONE; at = prefix[at]) path.push(frame[at]);
      let node = this.#node(NONE, this.#string(this.#roots[root]));
      for (let i = path.length - 1; i >= 0; i--) {
        const at = path[i];
        if (texts[at] === NONE)
          texts[at] = this.#string(frameText(this.#profile, at, this.#roots[root], this.#wants));
        node = this.#node(node, texts[at]);
      }
      this.#weight.set(node, this.#weight.at(node) + sums.at(row));
    }
  }

  *lines(): Iterable<Line> {
    const path: string[] = [];
    for (let node = 0; node < this.#weight.length; node++) {
      const weight = this.#weight.at(node);
      if (weight === 0) continue;
      path.length = 0;
      for (let at = node; at !== NONE; at = this.#above.at(at)) path.push(this.#texts[this.#text.at(at)]);
      if (path[path.length - 1] === "") path.pop();
      if (path.length > 0) yield { path: path.reverse().join(";"), weight };
    }
  }

  #string(text: string): number {
    let index = this.#textIndex.get(text);
    if (index === undefined) {
      index = this.#texts.push(text) - 1;
      this.#textIndex.set(text, index);
    }
    return index;
  }

  #node(above: number, text: number): number {
    const node = this.#nodes.internPair(above, text);
    if (node === this.#weight.length) {
      this.#above.push(above);
      this.#text.push(text);
      this.#weight.push(0);
    }
    return node;
  }
}

/** By label set: the name that a thread with several names had. */
function namesInLabels({ labels, strings }: Profile): ReadonlyMap<number, number> {
  const names = new Map<number, number>();
  const key = strings.indexOf("comm");
  for (let row = 0; row < labels.length; row++)
    if (labels.key[row] === key && labels.text[row] !== NONE) names.set(labels.set[row], labels.text[row]);
  return names;
}

function rootText(profile: Profile, thread: number, nameThen: number, wants: Wanted): string {
  const { name, process, pid, tid } = threadNames(profile, thread);
  const comm = clean((profile.strings[nameThen] ?? name) || process).replaceAll(" ", "_");
  const number = wants("no-pid") || pid === NONE ? "?" : `${pid}`;
  if (wants("tid")) return `${comm}-${number}/${tid}`;
  return wants("pid") ? `${comm}-${number}` : comm;
}

const clean = (text: string): string => text.replaceAll(";", ":").replace(/[\r\n\u2028\u2029]+/g, " ");

function frameText(profile: Profile, frame: number, root: string, wants: Wanted): string {
  const { frames, functions, strings, binaries } = profile;
  const fn = frames.function[frame];
  const path = strings[binaries.path[functions.binary[fn]]] ?? "";
  const symbol = frames.symbol?.[frame] ?? NONE;
  const isExact = wants("flamegraph");
  const whole = isExact ? strings[symbol] : undefined;
  // A symbol without a name is the blank that stands for it in the text of perf.
  let text = whole === "" ? " " : (whole ?? strings[functions.name[fn]]) || "[unnamed]";
  if (text === "[unknown]") text = unknownName(path, wants("addrs") ? addressOf(profile, frame) : "");
  text = clean(text);
  if (isExact) text = tidyName(text, root);
  const annotation = annotationOf(profile, frame, path, wants);
  if (annotation !== "" && !text.endsWith(annotation)) text += annotation;
  return wants("context") ? text + placeOf(profile, frame) : text;
}

function unknownName(path: string, address: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1) || "unknown";
  return address === "" ? `[${name}]` : `[${name} <${address}>]`;
}

function addressOf({ frames }: Profile, frame: number): string {
  const high = frames.addressHigh[frame];
  const low = frames.addressLow[frame];
  if (high === 0xffffffff && low === 0xffffffff) return "";
  return high === 0 ? low.toString(16) : high.toString(16) + low.toString(16).padStart(8, "0");
}

/**
 * "tidy_generic" and "tidy_java" of stackcollapse-perf.pl: arguments go, unless it looks like a method of Go
 * ("net/http.(*Client).Do"); quotes go; the L of a class of Java goes, in the process "java" alone.
 */
function tidyName(name: string, root: string): string {
  const bare = /\.\(.*\)\./.test(name) ? name : name.replace(/\((?!anonymous namespace\)).*/, "");
  const text = bare.replace(/["']/g, "");
  return root === "java" && text.includes("/") ? text.replace(/^L/, "") : text;
}

/** An inlined function is nothing else; kernel code by what the model knows, or by the path as the script goes by it. */
function annotationOf(profile: Profile, frame: number, path: string, wants: Wanted): string {
  const { frames, functions } = profile;
  const kind = kindAt(functions.kind[frames.function[frame]]);
  if (wants("inline") && frames.inlineDepth[frame] > 0) return "_[i]";
  const isBracketed = /^\[|vmlinux$/.test(path) && !path.includes("unknown");
  if (wants("kernel") && (wants("flamegraph") ? isBracketed : kind === "kernel")) return "_[k]";
  const isMapped = /\/tmp\/perf-\d+\.map/.test(path);
  if (wants("jit") && (isMapped || (kind === "jit" && !wants("flamegraph")))) return "_[j]";
  return "";
}

function placeOf({ frames, functions, strings }: Profile, frame: number): string {
  const fn = frames.function[frame];
  const file = functions.file[fn];
  if (file === NONE) return "";
  const line = frames.line[frame] >= 0 ? frames.line[frame] : functions.line[fn];
  return clean(line >= 0 ? `:${strings[file]}:${line}` : `:${strings[file]}`);
}
