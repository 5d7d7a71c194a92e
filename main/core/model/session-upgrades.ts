const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Version 1 had neither exact costs of call graphs nor heap snapshots. */
function fromVersion1(profile: unknown): unknown {
  if (!isRecord(profile) || !Array.isArray(profile.series)) return profile;
  const series = profile.series.map((each: unknown) => (isRecord(each) ? { ...each, exact: null } : each));
  return { ...profile, series, heap: null };
}

/** A profile as session format `version` wrote it, in the form of the next one. Faults are found by its check. */
export function upgradeFrom(version: number, profile: unknown): unknown {
  return version === 1 ? fromVersion1(profile) : profile;
}
