import { startsWith, textOf } from "../bytes/ascii.ts";
import { LineSplitter } from "../bytes/lines.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { type HeapCounts, heapCounts, LegacyHeap } from "./shared/legacy-heap.ts";
import { isMapHeader } from "./shared/legacy-maps.ts";

/**
 * Heap profiles of jemalloc: the sums of each thread (t3) and of all (t*), first of everything, then of every stack.
 * https://github.com/jemalloc/jemalloc/blob/dev/src/prof_data.c
 *
 *     heap_v2/524288
 *       t*: 28106: 56637512 [0: 0]
 *       t3: 352: 16777344 [0: 0] worker
 *     @ 0x5f86da8 0x5f5a1dc
 *       t*: 13: 6688 [0: 0]
 *       t3: 12: 6496 [0: 0]
 */
export const jemalloc: StreamImporter = {
  id: "jemalloc",
  title: "jemalloc heap profile",
  extensions: ["heap", "txt"],
  order: 42,
  kind: "stream",
  sniff: (head) => /^heap_v2\/\d+\r?\n\s+t\*: \d+: \d+ \[\d+: \d+\]/.test(textOf(head.subarray(0, 256))),
  open: createParser,
};

const AT = 64;
const counted = /^\s*t(\*|\d+): (\d+): (\d+) \[(\d+): (\d+)\](?: (.*))?$/;

function createParser(out: ProfileBuilder, context: ImportContext): StreamParser {
  let rateBytes: number | null = null;
  let heap: LegacyHeap | null = null;
  let section: "samples" | "maps" = "samples";
  let node = NONE;
  let isStack = false;
  let all: HeapCounts | null = null;
  /** What no thread has said of the stack's sums. */
  let left: HeapCounts | null = null;
  let process = NONE;
  let malformed = 0;

  const close = (): void => {
    if (!heap || !all || !left || !isStack) return;
    // Threads that have ended are in the sums only.
    if (left.liveObjects > 0 || left.allocatedObjects > 0) heap.add(node, left, all);
    all = null;
    left = null;
  };

  const threadOf = (id: string, name: string): number => {
    if (process === NONE) process = out.process(NONE);
    return out.thread(process, Number(id) % 2 ** 31, name || `t${id}`);
  };

  const counts = (text: string): void => {
    const match = counted.exec(text);
    if (!match) {
      malformed++;
      return;
    }
    const [, id = "*", ...texts] = match;
    const said = heapCounts(texts.slice(0, 4));
    const name = match[6] ?? "";
    if (id === "*") {
      heap ??= new LegacyHeap(out, context, {
        rateBytes: rateBytes ?? 1,
        hasAllocated: said.allocatedObjects > 0 || said.allocatedBytes > 0,
        plainNames: false,
      });
      all = said;
      left = said;
      return;
    }
    const thread = threadOf(id, name);
    if (!isStack) return;
    if (!heap || !all || !left) {
      malformed++;
      return;
    }
    heap.add(node, said, all, thread);
    left = {
      liveObjects: left.liveObjects - said.liveObjects,
      liveBytes: left.liveBytes - said.liveBytes,
      allocatedObjects: left.allocatedObjects - said.allocatedObjects,
      allocatedBytes: left.allocatedBytes - said.allocatedBytes,
    };
  };

  const lines = new LineSplitter((bytes, start, end) => {
    if (start === end) return;
    if (section === "samples" && bytes[start] === AT) {
      close();
      isStack = true;
      if (heap) node = heap.stacks.read(bytes, start + 1, end);
      else malformed++;
      return;
    }
    const text = textOf(bytes, start, end);
    if (isMapHeader(text)) {
      close();
      section = "maps";
    } else if (section === "maps") heap?.stacks.maps.line(text);
    else if (startsWith(bytes, start, end, "heap_v2/"))
      rateBytes = Number(/\d+/.exec(text.slice(8))?.[0] ?? 1);
    else if (text.trim() !== "") counts(text);
  }, 8 << 20);

  out.meta({ format: jemalloc.id, tool: "jemalloc" });
  return {
    push: (chunk) => lines.push(chunk),
    end: () => {
      lines.end();
      close();
      heap?.finish();
      if (malformed > 0) out.note(`${malformed} lines could not be read.`);
    },
  };
}
