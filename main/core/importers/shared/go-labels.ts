import type { LabelSpec, ProfileBuilder } from "../../model/builder.ts";

const pair = /"((?:[^"\\]|\\.)*)": ?"((?:[^"\\]|\\.)*)"(?:, ?)?/y;

/** Text in quotes as Go writes it; nearly that of JSON. */
function unquoted(text: string): string {
  if (!text.includes("\\")) return text;
  try {
    const value: unknown = JSON.parse(
      `"${text.replace(/\\x([0-9a-f]{2})/g, "\\u00$1").replace(/\\([av'])/g, "$1")}"`,
    );
    return typeof value === "string" ? value : text;
  } catch {
    // What JSON does not know (\U0001f600) stays as it is written.
    return text;
  }
}

/** The pairs in `{"request":"GET /", "shard":"7"}`, in any braces. */
export function goLabels(out: ProfileBuilder, text: string): LabelSpec[] {
  const labels: LabelSpec[] = [];
  pair.lastIndex = Math.max(0, text.indexOf('"'));
  for (let match = pair.exec(text); match; match = pair.exec(text)) {
    const [, key = "", value = ""] = match;
    labels.push({ key: out.string(unquoted(key)), text: out.string(unquoted(value)) });
  }
  return labels;
}
