import { formatPercent } from "../../base/numbers.ts";
import type { Finding } from "../../model/tables.ts";
import { isSampled as isSampledSeries } from "../sample-size.ts";
import type { ProfileFacts } from "./facts.ts";

/** One thing that goes wrong with profiles: the finding, or null where it did not happen. Pure. */
export type Rule = (facts: ProfileFacts) => Finding | null;

export const share = (part: number, whole: number): string =>
  formatPercent(part, whole).replace("\u00a0", " ");

export const isSampled = ({ series, profile }: ProfileFacts): boolean => isSampledSeries(profile, series);
