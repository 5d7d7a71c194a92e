import { EndianReader } from "#core/bytes/endian.ts";
import { bytesFrom, withGrowingFile } from "./growing-file.ts";
import type { ReadRows, Row } from "./text-map.ts";

/**
 * jitdump, which runtimes write for `perf inject` (Python's `-X perf_jit`, Node's `--perf-prof`): a header, then records of
 * code that was loaded or moved, each with the code itself, which is passed over here. Runtimes write through a buffer (Python's of 4 KB, V8's
 * of 2 MB): the newest names come late, the last ones at the program's end.
 * https://github.com/torvalds/linux/blob/master/tools/perf/Documentation/jitdump-specification.txt
 */

const headerBytes = 40;
const recordHeaderBytes = 16;
const record = { load: 0, move: 1 } as const;
/** Up to its name; a move has no name. */
const loadBytes = 56;
const moveBytes = 64;
const maxRecordBytes = 2 ** 26;
const maxDumpBytes = 2 ** 32;
const maxRows = 2e6;
/** Read at a time; the rest comes with the next look. Any record fits into it. */
const stepBytes = maxRecordBytes;

/** Where a header says 0x4A695444, in the order of the machine that wrote it. */
function isLittleOf(head: Uint8Array): boolean | null {
  const magic = String.fromCharCode(...head.subarray(0, 4));
  return magic === "DTiJ" ? true : magic === "JiTD" ? false : null;
}

/** It may come later, grow, or be begun anew: its header says when it was begun. */
export function dumpReader(path: string): ReadRows {
  const nothing: ReturnType<ReadRows> = { rows: [], bytes: 0, isAnew: false };
  const codes = new Map<number, Pick<Row, "name" | "sizeBytes">>();
  let header = "";
  let seen = "";
  let rowCount = 0;
  let isOver = false;
  return (offset) =>
    withGrowingFile(path, maxDumpBytes, nothing, (file, facts) => {
      const now = `${facts.ino} ${facts.size} ${offset}`;
      if (facts.size < headerBytes || now === seen) return nothing;
      seen = now;
      const head = bytesFrom(file, 0, headerBytes);
      const isLittle = isLittleOf(head);
      if (isLittle === null) return nothing;
      const begun = head.toString("latin1");
      const isAnew = header !== "" && begun !== header;
      header = begun;
      if (isAnew) {
        codes.clear();
        isOver = false;
        rowCount = 0;
      }
      if (isOver) return { ...nothing, isAnew };
      const from = isAnew ? 0 : offset;
      const bytes = bytesFrom(file, from, Math.min(facts.size - from, stepBytes));
      const read = readRecords(new EndianReader(bytes, isLittle), from === 0, codes);
      rowCount += read.rows.length;
      isOver = read.isBroken || rowCount > maxRows;
      return { rows: read.rows, bytes: read.bytes, isAnew };
    });
}

function readRecords(
  reader: EndianReader,
  isStart: boolean,
  codes: Map<number, Pick<Row, "name" | "sizeBytes">>,
): { readonly rows: Row[]; readonly bytes: number; readonly isBroken: boolean } {
  const rows: Row[] = [];
  const { length } = reader.bytes;
  let at = isStart ? Math.max(headerBytes, reader.u32(8)) : 0;
  let isBroken = false;
  while (at + recordHeaderBytes <= length) {
    const kind = reader.u32(at);
    const sizeBytes = reader.u32(at + 4);
    isBroken = sizeBytes < recordHeaderBytes || sizeBytes > maxRecordBytes;
    // The last one may be in the midst of being written.
    if (isBroken || at + sizeBytes > length) break;
    if (kind === record.load && sizeBytes > loadBytes) {
      const code = {
        name: reader.cString(at + loadBytes, at + sizeBytes),
        sizeBytes: reader.u64(at + 40),
      };
      codes.set(reader.u64(at + 48), code);
      rows.push({ high: reader.high(at + 32), low: reader.low(at + 32), ...code });
    } else if (kind === record.move && sizeBytes >= moveBytes) {
      const code = codes.get(reader.u64(at + 56));
      if (code) rows.push({ high: reader.high(at + 40), low: reader.low(at + 40), ...code });
    }
    at += sizeBytes;
  }
  return { rows, bytes: Math.min(at, length), isBroken };
}
