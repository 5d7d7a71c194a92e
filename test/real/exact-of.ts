import type { Profile } from "#core/model/profile.ts";

/** What a profiler that counts says of the functions of a name, in all. */
export function exactOf(profile: Profile, name: string): { readonly calls: number; readonly share: number } {
  const series = profile.series[0];
  const functions = series?.exact?.functions;
  if (functions === undefined) throw new Error("the profile has no exact costs");
  const all = functions.self[0]?.reduce((sum, each) => sum + each, 0) ?? 0;
  let calls = 0;
  let inclusive = 0;
  for (let row = 0; row < functions.length; row++) {
    const text = profile.functions.name[functions.function[row] ?? -1] ?? -1;
    if (profile.strings[text] !== name) continue;
    calls += functions.calls[row] ?? 0;
    inclusive += functions.inclusive[0]?.[row] ?? 0;
  }
  return { calls, share: (100 * inclusive) / all };
}
