import type { OpenedProfile } from "#core/contract.ts";
import { parseDurationNs } from "#core/model/label-filter.ts";
import type { Selection } from "#core/model/query.ts";
import { type Parsed, type Terminal, textFlag, UsageError } from "./command.ts";
import { ask, type EngineClient, openFile } from "./engine-client.ts";
import { noTimes, selectionOf } from "./selection-flags.ts";

export interface AskedFile {
  readonly profileId: string;
  readonly title: string;
  readonly selection: Partial<Selection>;
}

/** Opens the file of a command and works out what its flags select. */
export async function openSelected(
  client: EngineClient,
  file: string,
  parsed: Parsed,
  terminal: Terminal,
): Promise<AskedFile> {
  return selectOpened(client, await openFile(client, file, terminal, textFlag(parsed, "member")), parsed);
}

/** What the flags select of a profile that is read. */
export async function selectOpened(
  client: EngineClient,
  { profileId, title }: OpenedProfile,
  parsed: Parsed,
): Promise<AskedFile> {
  const info = await ask(client, profileId, { view: "info" });
  const selection = { ...selectionOf(parsed, info), ...lastOf(parsed), search: textFlag(parsed, "search") };
  if (selection.rangeNs) {
    const whole = { series: selection.series ?? "" };
    const timeline = await ask(client, profileId, { view: "timeline", selection: whole, bins: 1 });
    if (timeline.lanes.length === 0) throw new UsageError(noTimes);
  }
  return { profileId, title, selection };
}

/** Of a view that was copied: only the last so much of the time. */
function lastOf(parsed: Parsed): Partial<Selection> {
  const text = textFlag(parsed, "last");
  if (text === "") return {};
  const lastNs = parseDurationNs(text);
  if (lastNs === null) throw new UsageError(`--last takes a time like 10s, not ${text}`);
  return { lastNs };
}

/** All rows, where a table has a limit. */
export const everyRow = Number.MAX_SAFE_INTEGER;
