import { expect, it } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { html } from "#core/exporters/html.ts";
import { everything } from "#core/model/query.ts";
import { pictureOfPage } from "../../../renderer/widgets/export/report-picture.ts";
import { hostileNames } from "../core/hostile-names.ts";
import { profileOf } from "../core/stacks-profile.ts";
import { parseXml } from "../core/strict-xml.ts";

it("a report as a picture is well formed, runs nothing, and draws its graphs", () => {
  const profile = profileOf(hostileNames.map((name, i) => ({ stack: `main;${name}`, weight: i + 1 })));
  const analyst = createAnalyst();
  const chunks = html.write({
    profile,
    selection: everything,
    answer: (query) => analyst.answer(profile, query),
    title: "A </body> & more",
    widthPx: 1200,
    notes: "<script>alert(1)</script>",
  });
  const page = [...chunks].map((chunk) => new TextDecoder().decode(chunk)).join("");
  const elements = parseXml(pictureOfPage(page, 1288, 2000));
  expect(elements.filter(({ name }) => name === "script")).toEqual([]);
  for (const { attributes } of elements.filter(({ name }) => name === "svg"))
    expect(attributes.xmlns).toBe("http://www.w3.org/2000/svg");
  expect(elements.find(({ name }) => name === "h1")?.text).toBe("A </body> & more");
  expect(elements.find(({ name }) => name === "style")?.text).toContain(":root{");
});
