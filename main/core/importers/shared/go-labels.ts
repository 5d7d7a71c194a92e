import type { LabelSpec, ProfileBuilder } from "../../model/builder.ts";

const pair = /"((?:[^"\\]|\\.)*)": ?"((?:[^"\\]|\\.)*)"/g;

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

/** `{"request":"GET /", "shard":"7"}`, in any braces. */
export function goLabels(out: ProfileBuilder, text: string): LabelSpec[] {
  const labels: LabelSpec[] = [];
  for (const [, key = "", value = ""] of text.matchAll(pair))
    labels.push({ key: out.string(unquoted(key)), text: out.string(unquoted(value)) });
  return labels;
}
