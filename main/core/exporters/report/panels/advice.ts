import { adviceHtml } from "../advice.ts";
import type { ReportPanel } from "./report-panel.ts";

export const advice: ReportPanel = {
  id: "advice",
  title: "What may mislead",
  isDefault: true,
  write: ({ answer, selection }) => adviceHtml(answer({ view: "advice", series: selection.series }).findings),
};
