import { throwProblem } from "#core/base/result.ts";
import { defaultLimits, type ImportContext, type StreamParser } from "#core/importers/importer.ts";
import { findImporter, pickImporter } from "#core/importers/index.ts";
import { NONE, ProfileBuilder } from "#core/model/builder.ts";
import type { Profile, ProfileMeta } from "#core/model/profile.ts";
import type { CounterRow, HappeningKind, LiveCounts } from "./parts.ts";
import type { LiveMeta } from "./profile-contract.ts";
import { findSourceMap } from "./source-maps.ts";
import { findSymbols } from "./symbols/index.ts";
import { symbolPlaces } from "./symbols/places.ts";
import { findUnpackers } from "./unpackers.ts";

/** A profile that is fed with a tool's bytes: a running recording, or the recovery of one. */
export interface Fed {
  push(bytes: Uint8Array): void;
  /** Nothing came for a while. */
  idle(): void;
  counters(rows: readonly CounterRow[]): void;
  mark(timeNs: number, name: string, kind?: HappeningKind): void;
  note(text: string): void;
  meta(part: Partial<Pick<ProfileMeta, "lostSamples" | "target" | "command" | "recorded">>): void;
  end(): void;
  /** Resolves once everything that was given is in the snapshot. */
  settled(): Promise<void>;
  counts(): LiveCounts;
  snapshot(): Profile;
}

/** Debug information that is read at once while something is recorded: some 10 ms. */
const LIVE_STEP_BYTES = 1 << 20;
/** Enough for any sniff; an importer that is named needs none. */
const SNIFF_BYTES = 64 << 10;

export function createFed(importer: string, name: string, meta: LiveMeta): Fed {
  const builder = new ProfileBuilder();
  const symbols = findSymbols(symbolPlaces(), { debugStepBytes: LIVE_STEP_BYTES, isLive: true });
  const context: ImportContext = {
    signal: new AbortController().signal,
    limits: defaultLimits,
    name,
    services: { sourceMap: findSourceMap, importer: findImporter, symbols, unpackers: findUnpackers() },
    progress: () => undefined,
  };
  let parser: StreamParser | null = null;
  /** Bytes that wait until the format is known. */
  let head = new Uint8Array(0);
  let lost = 0;
  let ended = false;
  /** What the recorder knows better than the tool's bytes; it may learn more on the way. */
  let known = knownMeta(meta);
  builder.meta(known);

  const open = (id: string): StreamParser => {
    const found = findImporter(id);
    if (found?.kind !== "stream")
      return throwProblem(
        "unknown-format",
        `The format ${JSON.stringify(id)} cannot be read as it comes.`,
        "Use a version of Flamewright that knows it; the bytes are kept.",
      );
    builder.meta({ format: found.id });
    return found.open(builder, context);
  };
  if (importer !== "") parser = open(importer);

  const choose = (): void => {
    const found = pickImporter(head, name);
    if (!found)
      throwProblem(
        "unknown-format",
        "What was recorded is in a format that Flamewright does not know.",
        "The bytes are kept in the session's folder.",
      );
    parser = open(found.id);
    parser.push(head);
    head = new Uint8Array(0);
  };

  return {
    push: (bytes) => {
      if (parser) return parser.push(bytes);
      const joined = new Uint8Array(head.length + bytes.length);
      joined.set(head);
      joined.set(bytes, head.length);
      head = joined;
      if (head.length >= SNIFF_BYTES) choose();
    },
    idle: () => {
      if (!ended) parser?.idle?.();
    },
    counters: (rows) => {
      for (const row of rows) builder.counter(row.id, row.name, row.unit, row.timeNs, row.value);
    },
    mark: (timeNs, text, kind) =>
      builder.interval({
        start: timeNs,
        end: kind?.endNs ?? timeNs,
        thread: NONE,
        category: builder.string(kind?.category ?? "mark"),
        name: builder.string(text),
        ...(kind === undefined || kind.args === "" ? {} : { args: builder.string(kind.args) }),
      }),
    note: (text) => builder.note(text),
    meta: ({ lostSamples, ...part }) => {
      known = { ...known, ...part };
      builder.meta(part);
      if (lostSamples !== undefined) lost = lostSamples;
    },
    end: () => {
      if (ended) return;
      ended = true;
      if (!parser && head.length > 0) choose();
      parser?.end();
      for (const text of symbols.notes()) builder.note(text);
      builder.meta(known);
    },
    settled: async () => parser?.settled?.(),
    counts: () => ({
      samples: builder.sampleCount,
      lostSamples: Math.max(lost, builder.lostSamples),
      lastTimeNs: builder.lastTimeNs,
    }),
    snapshot: () => {
      const now = builder.snapshot();
      return { ...now, meta: { ...now.meta, lostSamples: Math.max(lost, now.meta.lostSamples) } };
    },
  };
}

/** Without what the recorder does not know, so that the tool's own word stands there. */
function knownMeta(meta: LiveMeta): Partial<LiveMeta> {
  return Object.fromEntries(Object.entries(meta).filter(([, value]) => value !== "" && value !== -1));
}
