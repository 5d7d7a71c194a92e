import { textOf } from "../bytes/ascii.ts";
import { EndianReader } from "../bytes/endian.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import { float64, int32 } from "../model/growable.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { LegacyStacks } from "./shared/legacy-stacks.ts";

/**
 * CPU profiles of gperftools (and of what links its libprofiler): words of 4 or 8 bytes of either order. A header of 0, 3, 0,
 * microseconds between samples, 0; then records of count, depth, addresses from the innermost; the last is 0, 1, 0. The
 * text of /proc/self/maps follows. https://gperftools.github.io/gperftools/cpuprofile-fileformat.html
 */
export const gperftoolsCpu: StreamImporter = {
  id: "gperftools-cpu",
  title: "gperftools CPU profile",
  extensions: ["prof"],
  order: 46,
  kind: "stream",
  sniff: (head) => layoutOf(head) !== null,
  open: createParser,
};

interface Layout {
  readonly wordBytes: 4 | 8;
  readonly isLittle: boolean;
  readonly periodUs: number;
  readonly isJava: boolean;
}

const HEADER_WORDS = 5;
/** Deeper than any profiler of this kind goes. */
const MAX_DEPTH = 2 ** 20;
const MAX_PERIOD_US = 3600e6;

function layoutOf(head: Uint8Array): Layout | null {
  for (const wordBytes of [4, 8] as const) {
    if (head.length < HEADER_WORDS * wordBytes) return null;
    for (const isLittle of [true, false]) {
      const reader = new EndianReader(head, isLittle);
      const word = (at: number): number => (wordBytes === 4 ? reader.u32(at * 4) : reader.u64(at * 8));
      const [zero, slots, version, periodUs, padding] = [0, 1, 2, 3, 4].map(word);
      if (zero !== 0 || slots !== 3 || padding !== 0 || version === undefined || version > 1) continue;
      if (periodUs === undefined || periodUs === 0 || periodUs > MAX_PERIOD_US) continue;
      if (head.length >= 7 * wordBytes && word(6) > MAX_DEPTH) continue;
      return { wordBytes, isLittle, periodUs, isJava: version === 1 };
    }
  }
  return null;
}

function createParser(out: ProfileBuilder, context: ImportContext): StreamParser {
  const stacks = new LegacyStacks(out, context, false);
  const nodes = int32();
  const counts = float64();
  let pending = new Uint8Array(0);
  let layout: Layout | null = null;
  let isText = false;
  let isEnded = false;
  let tooMany = 0;

  const lines = new LineSplitter((bytes, start, end) => {
    if (!layout?.isJava) stacks.maps.line(textOf(bytes, start, end));
  }, 1 << 16);

  /** Reads whole records; gives how many bytes they took. */
  const records = (bytes: Uint8Array, { wordBytes, isLittle }: Layout): number => {
    const reader = new EndianReader(bytes, isLittle);
    let at = 0;
    while (!isText && !isEnded && at + 2 * wordBytes <= bytes.length) {
      const count = wordBytes === 4 ? reader.u32(at) : reader.u64(at);
      const depth = wordBytes === 4 ? reader.u32(at + 4) : reader.u64(at + 8);
      if (depth > MAX_DEPTH) {
        out.note(`The file is damaged: a stack of ${depth} frames. What comes before was read.`);
        isEnded = true;
        return at;
      }
      const first = at + 2 * wordBytes;
      const next = first + depth * wordBytes;
      if (next > bytes.length) return at;
      stacks.begin();
      for (let word = first; word < next; word += wordBytes) {
        if (wordBytes === 4) stacks.address(0, reader.u32(word));
        else stacks.address(reader.high(word), reader.low(word));
      }
      const isZero =
        depth === 1 && reader.u32(first) === 0 && (wordBytes === 4 || reader.u32(first + 4) === 0);
      at = next;
      if (count === 0 && isZero) isText = true;
      else if (nodes.length >= context.limits.maxSamples) tooMany++;
      else {
        stacks.dropSecondIfDoubled();
        nodes.push(stacks.end());
        counts.push(count);
      }
    }
    return at;
  };

  const push = (chunk: Uint8Array): void => {
    if (isEnded) return;
    if (isText) {
      lines.push(chunk);
      return;
    }
    const bytes = new Uint8Array(pending.length + chunk.length);
    bytes.set(pending);
    bytes.set(chunk, pending.length);
    let at = 0;
    if (!layout) {
      // Only the head can tell how long words are: 5 of 8 bytes and the first record's two.
      if (bytes.length < 7 * 8) {
        pending = bytes;
        return;
      }
      begin(bytes);
      at = layout === null ? 0 : HEADER_WORDS * (layout as Layout).wordBytes;
    }
    if (!layout) return;
    at += records(bytes.subarray(at), layout);
    if (isText) lines.push(bytes.subarray(at));
    else pending = bytes.slice(at);
  };

  const begin = (bytes: Uint8Array): void => {
    layout = layoutOf(bytes);
    if (layout) out.meta({ periodNs: layout.periodUs * 1000 });
    else {
      isEnded = true;
      out.note("The head of the file is damaged: nothing in it can be read.");
    }
  };

  const write = (): void => {
    const periodNs = (layout?.periodUs ?? 0) * 1000;
    const made = stacks.finish();
    const series = out.series({
      id: "cpu",
      kind: "cpu",
      timed: false,
      values: [
        { name: "cpu", unit: "nanoseconds" },
        { name: "samples", unit: "count" },
      ],
    });
    for (let row = 0; row < nodes.length; row++) {
      const node = nodes.at(row);
      const count = counts.at(row);
      series.add(0, NONE, node === NONE ? NONE : (made[node] as number), count * periodNs, count);
    }
  };

  out.meta({ format: gperftoolsCpu.id, tool: "gperftools" });
  return {
    push,
    end: () => {
      if (!layout && !isEnded) {
        begin(pending);
        const at = HEADER_WORDS * ((layout as Layout | null)?.wordBytes ?? 8);
        if (layout) records(pending.subarray(at), layout);
      }
      if (!isText && !isEnded) out.note("The file ends in the middle: memory mappings are missing.");
      lines.end();
      write();
      if (layout?.isJava) out.note("Addresses are of a Java program; names of its methods were not read.");
      if (tooMany > 0) out.note(`${tooMany} stacks more than the limit were left out.`);
    },
  };
}
