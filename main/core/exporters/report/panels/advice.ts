import type { Finding } from "../../../model/tables.ts";
import { adviceHtml, adviceSvg } from "../advice.ts";
import type { ReportPanel, ReportParts } from "./report-panel.ts";

export const advice: ReportPanel = {
  id: "advice",
  title: "What may mislead",
  isDefault: true,
  isInPicture: true,
  write: (parts) => adviceHtml(findingsOf(parts)),
  draw(parts) {
    const findings = findingsOf(parts);
    if (findings.length === 0) return null;
    const { text, bottom } = adviceSvg(findings, LETTERS_PX, parts.inner);
    return { height: bottom - LETTERS_PX, markup: () => [text] };
  },
};

/** From the top of a line to where its letters stand. */
const LETTERS_PX = 13;

const findingsOf = ({ answer, selection }: ReportParts): readonly Finding[] =>
  answer({ view: "advice", series: selection.series }).findings;
