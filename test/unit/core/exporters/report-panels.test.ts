import { describe, expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { ProblemError } from "#core/base/result.ts";
import type { Exporter } from "#core/exporters/exporter.ts";
import { html } from "#core/exporters/html.ts";
import { svg } from "#core/exporters/svg.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import { everything, type Selection } from "#core/model/query.ts";
import { addStacks } from "../stacks-profile.ts";
import { parseXml } from "../strict-xml.ts";

const profile = (() => {
  const builder = new ProfileBuilder();
  addStacks(builder, [
    { stack: "main;parse<script>", weight: 3e8, timeNs: 0 },
    { stack: "main;render", weight: 1e8, timeNs: 5e8 },
    { stack: "main;render", weight: 1e8, timeNs: 9e8 },
  ]);
  builder.meta({ command: "perf record -F 999 -- ./slow '<b>'" });
  return builder.build();
})();

function written(
  exporter: Exporter,
  panels: readonly string[] | null,
  notes = "",
  selection: Selection = everything,
): string {
  const analyst = createAnalyst();
  const chunks = exporter.write({
    profile,
    selection,
    answer: (query) => analyst.answer(profile, query),
    title: "A <title>",
    widthPx: 1200,
    notes,
    panels,
  });
  return [...chunks].map((chunk) => new TextDecoder().decode(chunk)).join("");
}

/** Advice depends on the profile, and has tests of its own. */
const idsOf = (text: string): string[] =>
  [...text.matchAll(/<section id="(\w+)"/g)].map((match) => match[1] ?? "").filter((id) => id !== "advice");

describe("the page of a report", () => {
  it("has the panels that are chosen, in the order of the page, and a link to each", () => {
    expect(idsOf(written(html, ["tree", "inverted", "top"]))).toEqual(["inverted", "top", "tree"]);
    const all = written(
      html,
      (html.panels ?? []).map(({ id }) => id),
    );
    expect(idsOf(all)).toEqual([
      "metadata",
      "timeline",
      "heatmap",
      "flame",
      "inverted",
      "top",
      "callers",
      "tree",
      "callgraph",
      "stacks",
    ]);
    for (const id of idsOf(all)) expect(all).toContain(`href="#${id}"`);
    expect(() => parseXml(all.replace("<!DOCTYPE html>\n", ""))).not.toThrow();
  });

  it("has those that it has by itself where none are chosen", () => {
    expect(idsOf(written(html, null))).toEqual(["metadata", "timeline", "flame", "top", "stacks"]);
    expect(() => written(html, ["sculpture"])).toThrow(ProblemError);
  });

  it("tells the exact command, and the filters in words", () => {
    const text = written(html, ["metadata"], "", {
      ...everything,
      rangeNs: [0, 1e9],
      transforms: [{ type: "ignore", pattern: "gc" }],
    });
    expect(text).toContain("perf record -F 999 -- ./slow &#39;&lt;b&gt;&#39;");
    expect(text).toMatch(/from 0.ns to 1\.00.s; without stacks with gc/);
  });

  it("has what the person says, as text", () => {
    const text = written(html, ["top"], "First.\n\n<img src=x onerror=alert(1)>");
    expect(text).toContain("<p>First.</p>");
    expect(text).toContain("<p>&lt;img src=x onerror=alert(1)&gt;</p>");
    expect(text).not.toContain("<script>alert");
  });
});

describe("the picture of a report", () => {
  it("has the panels that are chosen, and what the person says", () => {
    const flame = written(svg, ["flame"], "One.\nTwo <b>.");
    expect(() => parseXml(flame)).not.toThrow();
    expect(flame).toContain(">One.</text>");
    expect(flame).toContain(">Two &lt;b&gt;.</text>");
    expect(flame).not.toContain("Top functions by self");
    expect(written(svg, ["top"])).not.toContain('id="graph"');
    expect(written(svg, null)).toContain("perf record");
  });
});
