import { ProblemError, throwProblem } from "../base/result.ts";
import type { ByteSource } from "../bytes/source.ts";
import { HEAD_BYTES, seekable, type Unwrapped, unwrap } from "../bytes/unwrap.ts";
import { isZip, type ZipMember, zipMembers } from "../bytes/zip.ts";
import { ProfileBuilder } from "../model/builder.ts";
import type { Profile } from "../model/profile.ts";
import { austin } from "./austin.ts";
import { austinMojo } from "./austin-mojo.ts";
import { bpftrace } from "./bpftrace.ts";
import { bpftraceWaits } from "./bpftrace-waits.ts";
import { callSummary } from "./call-summary.ts";
import { callgrind } from "./callgrind.ts";
import { chromeTrace } from "./chrome-trace.ts";
import { chunks } from "./chunks.ts";
import { classHistogram } from "./class-histogram.ts";
import { collapsed } from "./collapsed.ts";
import { counters } from "./counters.ts";
import { cpuprofile } from "./cpuprofile.ts";
import { dhat } from "./dhat.ts";
import { dtrace } from "./dtrace.ts";
import { firefox } from "./firefox.ts";
import { ghc } from "./ghc.ts";
import { goContention } from "./go-contention.ts";
import { goGoroutines } from "./go-goroutines.ts";
import { gperftoolsCpu } from "./gperftools-cpu.ts";
import { gperftoolsHeap } from "./gperftools-heap.ts";
import { gperftoolsLeaks } from "./gperftools-leaks.ts";
import { gprof } from "./gprof.ts";
import { gprof2dot } from "./gprof2dot.ts";
import { heapprofile } from "./heapprofile.ts";
import { heapsnapshot } from "./heapsnapshot.ts";
import { heaptrack } from "./heaptrack.ts";
import type { ImportContext, Importer, StreamImporter } from "./importer.ts";
import { instrumentsCopy } from "./instruments-copy.ts";
import { iotop } from "./iotop.ts";
import { javaThreads } from "./java-threads.ts";
import { jemalloc } from "./jemalloc.ts";
import { jfr } from "./jfr.ts";
import { lsof } from "./lsof.ts";
import { ltrace } from "./ltrace.ts";
import { macosSample } from "./macos-sample.ts";
import { massif } from "./massif.ts";
import { memoryProfiler } from "./memory-profiler.ts";
import { memray } from "./memray.ts";
import { memrayCsv } from "./memray-csv.ts";
import { memrayStats } from "./memray-stats.ts";
import { mprof } from "./mprof.ts";
import { netstat } from "./netstat.ts";
import { papyrus } from "./papyrus.ts";
import { perfData } from "./perf-data.ts";
import { perfLock } from "./perf-lock.ts";
import { perfPipe } from "./perf-pipe.ts";
import { perfSched } from "./perf-sched.ts";
import { perfScript } from "./perf-script.ts";
import { perfStat } from "./perf-stat.ts";
import { perfTrace } from "./perf-trace.ts";
import { pmcstat } from "./pmcstat.ts";
import { pprof } from "./pprof.ts";
import { pstats } from "./pstats.ts";
import { pySpy } from "./py-spy.ts";
import { pySpyDump } from "./py-spy-dump.ts";
import { pySpyPieces } from "./py-spy-pieces.ts";
import { rbspy } from "./rbspy.ts";
import { refusalOf } from "./refusals.ts";
import { safari } from "./safari.ts";
import { sanitizer } from "./sanitizer.ts";
import { session } from "./session.ts";
import { speedscope } from "./speedscope.ts";
import { ss } from "./ss.ts";
import { stackprof } from "./stackprof.ts";
import { strace } from "./strace.ts";
import { sysstat } from "./sysstat.ts";
import { sysstatJson } from "./sysstat-json.ts";
import { tracemalloc } from "./tracemalloc.ts";
import { v8Chunks } from "./v8-chunks.ts";
import { v8Prof } from "./v8-prof.ts";
import { valgrindText } from "./valgrind-text.ts";
import { valgrindXml } from "./valgrind-xml.ts";
import { vmstat } from "./vmstat.ts";
import { xctrace } from "./xctrace.ts";

/** One line a format. */
export const importers: readonly Importer[] = [
  session,
  v8Chunks,
  pstats,
  jemalloc,
  gperftoolsCpu,
  gperftoolsHeap,
  gperftoolsLeaks,
  austinMojo,
  goGoroutines,
  goContention,
  rbspy,
  mprof,
  memoryProfiler,
  memrayCsv,
  gprof2dot,
  memrayStats,
  memray,
  pprof,
  pySpyPieces,
  pySpy,
  pySpyDump,
  speedscope,
  cpuprofile,
  heapprofile,
  heapsnapshot,
  v8Prof,
  safari,
  chromeTrace,
  chunks,
  firefox,
  massif,
  dhat,
  valgrindXml,
  valgrindText,
  sanitizer,
  perfData,
  perfPipe,
  jfr,
  perfScript,
  strace,
  ltrace,
  bpftraceWaits,
  bpftrace,
  perfTrace,
  perfLock,
  perfSched,
  perfStat,
  sysstat,
  sysstatJson,
  vmstat,
  lsof,
  ss,
  netstat,
  iotop,
  counters,
  tracemalloc,
  xctrace,
  callSummary,
  javaThreads,
  classHistogram,
  papyrus,
  austin,
  stackprof,
  ghc,
  dtrace,
  macosSample,
  instrumentsCopy,
  pmcstat,
  callgrind,
  heaptrack,
  gprof,
  collapsed,
];

const byOrder: readonly Importer[] = [...importers].sort((a, b) => a.order - b.order);

/** A format that has to seek is unpacked into memory; more than this is not. */
const MAX_SEEKABLE_BYTES = 2 ** 31;

/** More profiles than this in one archive or folder are not listed. */
export const MAX_MEMBERS = 1000;

/** The importer that knows these first bytes, or null. */
export const pickImporter = (head: Uint8Array, name: string): Importer | null =>
  byOrder.find((importer) => importer.sniff(head, name)) ?? null;

export const findImporter = (id: string): Importer | null =>
  importers.find((importer) => importer.id === id) ?? null;

/** The importer of a live recording's raw bytes. */
export function findStreamImporter(id: string): StreamImporter | null {
  const importer = findImporter(id);
  return importer?.kind === "stream" ? importer : null;
}

/**
 * Any profile file as a profile. Throws a ProblemError where nothing can be read at all; what can be read in part
 * has notes. Rows go to `out`, so that a view can watch an import; a session is not built but loaded, and leaves
 * `out` as it was.
 */
export async function importProfile(
  source: ByteSource,
  context: ImportContext,
  out = new ProfileBuilder(),
): Promise<Profile> {
  if (source.sizeBytes === 0) emptyFile();
  const unwrapped = await unwrap(source, context.limits.maxBytes, context.services?.unpackers);
  const head = await unwrapped.source.read(0, HEAD_BYTES);
  if (isZip(head)) {
    const archive = await seekable(unwrapped.source, context.signal, MAX_SEEKABLE_BYTES);
    const member = await chosenMember(archive, context);
    return importProfile(member.source, { ...context, name: member.name, member: "" }, out);
  }
  if (head.length === 0) {
    if (unwrapped.damage() === null) emptyFile();
    damagedFile(unwrapped);
  }
  const importer = pickImporter(head, context.name);
  if (!importer) return unknownFormat(head);
  const services = { ...context.services, importer: findImporter };
  return runImporter(importer, unwrapped, { ...context, services }, out, source.sizeBytes);
}

/** The importer of a file, in whatever it is wrapped; null where there is none. Damage is no failure here. */
export async function recognise(
  source: ByteSource,
  context: ImportContext,
): Promise<Importer | "zip" | null> {
  try {
    const unwrapped = await unwrap(source, context.limits.maxBytes, context.services?.unpackers);
    const head = await unwrapped.source.read(0, HEAD_BYTES);
    return isZip(head) ? "zip" : pickImporter(head, context.name);
  } catch (error) {
    if (error instanceof ProblemError) return null;
    throw error;
  }
}

/** The members of a zip that are profiles. Archives within archives are not looked into. */
export async function profileMembers(
  archive: ByteSource,
  context: ImportContext,
): Promise<readonly ZipMember[]> {
  const profiles: ZipMember[] = [];
  for (const member of await zipMembers(archive)) {
    context.signal.throwIfAborted();
    const importer = await recognise(member.source, { ...context, name: member.name });
    if (importer !== null && importer !== "zip") profiles.push(member);
    if (profiles.length === MAX_MEMBERS) break;
  }
  return profiles;
}

async function chosenMember(archive: ByteSource, context: ImportContext): Promise<ZipMember> {
  const members = await profileMembers(archive, context);
  const { member = "" } = context;
  const chosen = member === "" ? members : members.filter(({ name }) => name === member);
  const [first] = chosen;
  if (chosen.length === 1 && first) return first;
  if (members.length === 0) return refuseArchive(archive);
  return severalProfiles(members.map(({ name }) => name));
}

/** An archive or a folder that has more than one profile, where one is wanted. */
export function severalProfiles(names: readonly string[]): never {
  const listed = names.slice(0, 8).map((name) => JSON.stringify(name));
  return throwProblem(
    "several-profiles",
    `There are ${names.length} profiles in it.`,
    `Say which one: ${listed.join(", ")}${names.length > listed.length ? " ..." : ""}.`,
  );
}

async function runImporter(
  importer: Importer,
  unwrapped: Unwrapped,
  context: ImportContext,
  out: ProfileBuilder,
  sizeBytes: number,
): Promise<Profile> {
  const { signal } = context;
  const noteDamage = (): void => {
    const why = unwrapped.damage();
    if (why !== null)
      out.note(`The compressed file is damaged; what comes before the damage was read (${why}).`);
  };
  const finish = (): Profile => {
    for (const note of context.services?.symbols?.notes() ?? []) out.note(note);
    noteDamage();
    return out.build();
  };
  if (importer.kind === "stream") {
    await runStream(importer, unwrapped.source, context, out, sizeBytes);
    return finish();
  }
  const source = await seekable(
    unwrapped.source,
    signal,
    Math.min(MAX_SEEKABLE_BYTES, context.limits.maxBytes),
  );
  if (importer.kind === "load") return importer.load(source, context);
  await importer.parse(source, out, context);
  return finish();
}

async function runStream(
  importer: StreamImporter,
  source: ByteSource,
  context: ImportContext,
  out: ProfileBuilder,
  sizeBytes: number,
): Promise<void> {
  const parser = importer.open(out, context);
  let readBytes = 0;
  for await (const chunk of source.chunks(context.signal)) {
    context.signal.throwIfAborted();
    parser.push(chunk);
    await parser.settled?.();
    readBytes += chunk.length;
    if (readBytes > context.limits.maxBytes) {
      out.note(`Only the first ${context.limits.maxBytes} bytes were read.`);
      break;
    }
    // Unpacked bytes say little about how much of the packed file is left.
    context.progress(source.sizeBytes > 0 ? Math.min(1, readBytes / sizeBytes) : -1);
  }
  context.signal.throwIfAborted();
  parser.end();
  await parser.settled?.();
  context.progress(1);
}

function emptyFile(): never {
  return throwProblem(
    "empty-file",
    "The file is empty.",
    "Check that the recording that wrote it has ended well.",
  );
}

function damagedFile(unwrapped: Unwrapped): never {
  return throwProblem(
    "damaged-file",
    "Nothing of the compressed file can be read.",
    "Copy it again from where it came from.",
    unwrapped.damage() ?? undefined,
  );
}

/** An archive without profiles, with the reason where it can be said. Traces of Instruments are folders, zipped on their way. */
export async function refuseArchive(archive: ByteSource): Promise<never> {
  if ((await zipMembers(archive)).some(({ name }) => /\.trace\//.test(name)))
    return throwProblem(
      "unknown-format",
      "The archive is a trace of Instruments, which only Instruments reads.",
      "Export it: `xctrace export --input FILE.trace --xpath '/trace-toc/run/data/table[@schema=\"time-profile\"]'`; or copy the call tree (Edit, Deep Copy) into a file.",
    );
  return unknownFormat(new Uint8Array(0));
}

function unknownFormat(head: Uint8Array): never {
  const refusal = refusalOf(head);
  if (refusal) return throwProblem("unknown-format", refusal.message, refusal.fix);
  return throwProblem(
    "unknown-format",
    "The file is in no format that Flamewright knows.",
    `Open what a profiler wrote: perf, pprof, JFR, V8, heaptrack, valgrind, cProfile and more; ` +
      `\`flamewright formats\` lists all ${importers.length}.`,
  );
}
