import type { EndianReader } from "#core/bytes/endian.ts";
import type { ElfSections } from "./elf-sections.ts";

/** What Go's linker writes into every program. https://pkg.go.dev/debug/buildinfo */
export interface GoBuild {
  /** "1.26.8", or the words of a build between releases. */
  readonly version: string;
  /** "path example.com/shop", "mod example.com/shop v1.4.0", "-gcflags=-N", "vcs.revision=1a2b". */
  readonly build: readonly string[];
  /** Built for a debugger: -gcflags with -N. */
  readonly optimised: boolean;
}

const magic = "\xff Go buildinf:";
const mostTextBytes = 1 << 16;
/** The text of the modules stands between two marks of 16 bytes each. */
const markBytes = 16;

export function readGoBuild(elf: ElfSections): GoBuild | null {
  const section = elf.section(".go.buildinfo");
  if (section === null) return null;
  const reader = elf.read(section, 0, mostTextBytes);
  const { bytes } = reader;
  if (bytes.length < 32 || Buffer.from(bytes.subarray(0, magic.length)).toString("latin1") !== magic)
    return { version: "", build: [], optimised: true };
  const flags = bytes[15] ?? 0;
  const pointerBytes = bytes[14] === 4 ? 4 : 8;
  // Since Go 1.18 the texts follow the head; before, it has pointers to them.
  const texts =
    (flags & 2) !== 0
      ? inlineTexts(bytes)
      : [0, 1].map((i) => pointedText(elf, reader, 16 + i * pointerBytes, pointerBytes));
  const [version = "", modules = ""] = texts;
  const plain = modules.length > 2 * markBytes ? modules.slice(markBytes, -markBytes) : "";
  const gcflags = /^build\t-gcflags=(.*)$/m.exec(plain)?.[1] ?? "";
  return {
    version: version.replace(/^go/, "").slice(0, 64),
    build: buildLines(plain),
    optimised: !/(^|[\s="'])-N\b/.test(gcflags),
  };
}

const mostLines = 64;

/** The program itself and how it was built; what it depends on is left out. */
function buildLines(text: string): readonly string[] {
  const lines = Buffer.from(text, "latin1").toString("utf8").split("\n");
  return lines
    .filter((line) => /^(?:path|mod|build)\t/.test(line))
    .slice(0, mostLines)
    .map((line) =>
      line
        .replace(/^build\t/, "")
        .replaceAll("\t", " ")
        .trim()
        .slice(0, 512),
    );
}

function inlineTexts(bytes: Uint8Array): readonly string[] {
  const texts: string[] = [];
  let at = 32;
  while (texts.length < 2) {
    let length = 0;
    let scale = 1;
    for (;;) {
      const byte = bytes[at++];
      if (byte === undefined || scale > 2 ** 35) return texts;
      length += (byte & 127) * scale;
      if (byte < 128) break;
      scale *= 128;
    }
    if (at + length > bytes.length) return texts;
    texts.push(Buffer.from(bytes.subarray(at, at + length)).toString("latin1"));
    at += length;
  }
  return texts;
}

/** A pointer to a Go string, which is itself a pointer and a length. */
function pointedText(elf: ElfSections, reader: EndianReader, at: number, pointerBytes: 4 | 8): string {
  const word = (from: EndianReader, where: number): number =>
    pointerBytes === 8 ? from.u64(where) : from.u32(where);
  const header = elf.readAddress(word(reader, at), 2 * pointerBytes);
  if (header === null || header.bytes.length < 2 * pointerBytes) return "";
  const length = Math.min(word(header, pointerBytes), mostTextBytes);
  const text = elf.readAddress(word(header, 0), length);
  return text === null ? "" : Buffer.from(text.bytes).toString("latin1");
}
