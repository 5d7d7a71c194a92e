import { textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import type { ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { type HeapHeader, heapCounts, LegacyHeap } from "./shared/legacy-heap.ts";
import { GoMemStats } from "./shared/legacy-heap-memstats.ts";
import { isMapHeader } from "./shared/legacy-maps.ts";

/**
 * Heap profiles as text: of gperftools (tcmalloc), and of Go's `/debug/pprof/heap?debug=1`, which has names in comments.
 * https://gperftools.github.io/gperftools/heapprofile.html
 *
 *     heap profile:   1502: 11036096 [201502: 36636096] @ heapprofile
 *          1: 10000000 [     1: 10000000] @ 0x55eb5312323c 0x55eb531232c0
 *     heap profile: 18: 164496 [22: 2269840] @ heap/1048576
 */
export const gperftoolsHeap: StreamImporter = {
  id: "gperftools-heap",
  title: "Heap profile as text (gperftools, Go)",
  extensions: ["heap", "hprof", "txt"],
  order: 44,
  kind: "stream",
  sniff: (head) => headerPattern.test(textOf(head.subarray(0, 256)).split(/\r?\n/, 1)[0] ?? ""),
  open: createParser,
};

const headerPattern =
  /^heap profile: *(\d+): *(-?\d+) *\[ *(\d+): *(\d+) *\] *@ *(heap[_a-z0-9]*|growthz?|fragmentationz?)(?:\/(\d+))?\s*$/;
const AT = 64;
const HASH = 35;

/** In the ways of parseHeapHeader of pprof. */
function headerOf(line: string): HeapHeader | null {
  const match = headerPattern.exec(line);
  if (!match) return null;
  const [, liveObjects, liveBytes, objects, bytes, type = "", rate = "0"] = match;
  const isHeap = type.startsWith("heap");
  const hasAllocated =
    isHeap && ((objects !== liveObjects && objects !== "0") || (bytes !== liveBytes && bytes !== "0"));
  let rateBytes = 1;
  // Go writes twice the rate.
  if (type === "heap") rateBytes = Math.floor(Number(rate) / 2);
  else if (type === "heap_v2" || type === "heapz_v2") rateBytes = Number(rate);
  return { rateBytes, hasAllocated, plainNames: !isHeap };
}

function createParser(out: ProfileBuilder, context: ImportContext): StreamParser {
  let heap: LegacyHeap | null = null;
  let section: "samples" | "maps" = "samples";
  const stats = new GoMemStats();
  let malformed = 0;

  const sample = (into: LegacyHeap, bytes: Uint8Array, start: number, end: number): void => {
    const at = bytes.subarray(start, end).indexOf(AT);
    const counts =
      at === -1
        ? null
        : /^\s*(-?\d+): *(-?\d+) *\[ *(\d+): *(\d+) *\] *$/.exec(textOf(bytes, start, start + at));
    if (!counts) malformed++;
    else into.add(into.stacks.read(bytes, start + at + 1, end), heapCounts(counts.slice(1)));
  };

  const lines = new LineSplitter((bytes, start, end) => {
    if (start === end) return;
    if (!heap) {
      const header = headerOf(textOf(bytes, start, Math.min(end, start + 400)));
      if (header) heap = new LegacyHeap(out, context, header);
      else malformed++;
      return;
    }
    if (section === "samples" && bytes[start] !== HASH && bytes.subarray(start, end).includes(AT)) {
      sample(heap, bytes, start, end);
      return;
    }
    const text = textOf(bytes, start, end);
    if (isMapHeader(text)) section = "maps";
    else if (section === "maps") heap.stacks.maps.line(text);
    else if (bytes[start] === HASH) {
      if (!heap.stacks.comment(text)) stats.line(text);
    } else if (text.trim() !== "") malformed++;
  }, 8 << 20);

  out.meta({ format: gperftoolsHeap.id });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      out.meta({ tool: heap?.stacks.kind === "go" ? "runtime/pprof" : "gperftools" });
      stats.write(out);
      heap?.finish();
      if (malformed > 0) out.note(`${malformed} lines could not be read.`);
    },
  };
}
