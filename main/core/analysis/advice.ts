import type { Profile } from "../model/profile.ts";
import type { AdviceQuery } from "../model/query.ts";
import type { AdviceTable } from "../model/tables.ts";
import { profileFacts } from "./advice/facts.ts";
import { rules } from "./advice/rules.ts";
import { chooseSeries } from "./series.ts";
import type { Steps } from "./steps.ts";

/** What may mislead whoever reads this profile, the worst first. Of the whole profile, whatever is selected. */
export function* advice(profile: Profile, query: AdviceQuery): Steps<AdviceTable> {
  const chosen = chooseSeries(profile, query.series);
  if (chosen === null || chosen.series.length === 0) return { view: "advice", findings: [] };
  const facts = yield* profileFacts(profile, chosen.series);
  const findings = rules.flatMap((rule) => rule(facts) ?? []);
  return {
    view: "advice",
    findings: [
      ...findings.filter(({ severity }) => severity === "warn"),
      ...findings.filter(({ severity }) => severity === "info"),
    ],
  };
}
