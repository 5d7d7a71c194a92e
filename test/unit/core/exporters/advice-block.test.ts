import { expect, it } from "vitest";
import { adviceHtml, adviceSvg } from "#core/exporters/report/advice.ts";
import type { Finding } from "#core/model/tables.ts";

const finding = (part: Partial<Finding> = {}): Finding => ({
  id: "idle",
  severity: "warn",
  title: "The target was nearly idle",
  evidence: "10 ms of CPU in 10 s.",
  fix: "Put load on it.",
  ...part,
});

it("names of a profile are text", () => {
  const hostile = [finding({ evidence: "In </style><script>alert(1)</script>." })];
  expect([...adviceHtml(hostile)].join("")).toContain("In &lt;/style&gt;&lt;script&gt;");
  expect(adviceSvg(hostile, 100, 1000).text).toContain("In &lt;/style&gt;&lt;script&gt;");
});

it("long findings are broken into lines, and what is left out is counted", () => {
  const words = Array.from({ length: 60 }, (_, i) => `word${i}`).join(" ");
  const many = [finding({ evidence: words }), ...Array.from({ length: 8 }, () => finding())];
  const { text, bottom } = adviceSvg(many, 100, 500);
  const lines = text.match(/<text x=/g)?.length ?? 0;
  expect(lines).toBeGreaterThan(8);
  expect(bottom).toBeGreaterThan(100 + 8 * 18);
  for (const [, line] of text.matchAll(/<text x="114"[^>]*>([^<]*)</g)) expect(line?.length).toBeLessThan(62);
  expect(text).toContain("and 3 more");
  expect([...adviceHtml(many)].join("")).toContain("and 3 more");
});

it("says nothing where there is nothing", () => {
  expect([...adviceHtml([])]).toEqual([]);
  expect(adviceSvg([], 100, 1000)).toEqual({ text: "", bottom: 100 });
});
