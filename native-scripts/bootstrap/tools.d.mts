export type ToolName =
  | "perf"
  | "bpftrace"
  | "ps"
  | "heaptrack"
  | "gdb"
  | "valgrind"
  | "strace"
  | "ltrace"
  | "ss"
  | "liblsan"
  | "libtcmalloc"
  | "libjemalloc"
  | "cc"
  | "g++"
  | "git"
  | "java"
  | "async-profiler"
  | "node-pty"
  | "xvfb"
  | "chromium"
  | "zstd"
  | "xz"
  | "bzip2"
  | "c++filt"
  | "objdump"
  | "go"
  | "callgrind_annotate"
  | "python3"
  | "py-spy"
  | "austin"
  | "memray"
  | "ruby"
  | "rbspy"
  | "rsvg-convert"
  | "root"
  | "sudo"
  | "electron";

export interface Tool {
  readonly problem: () => string;
  readonly group: "profilers" | "formats" | "ruby" | "build" | "electron" | "browser";
  readonly enable: string;
}

export const tools: Readonly<Record<ToolName, Tool>>;
/** "" where the tool can be used. */
export function problemOfTool(name: ToolName): string;
/** Where an Electron to test with lies; "" for none. */
export function testElectronFolder(): string;
