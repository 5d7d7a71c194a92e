import { formatBytes, formatDuration } from "#core/base/numbers.ts";
import { openValues } from "#core/model/io-order.ts";
import type { OpenRow } from "#core/model/tables.ts";
import { accessWords } from "./io-columns.tsx";

const bytes = (value: number, unit = ""): string =>
  Number.isFinite(value) ? `${formatBytes(value)}${unit}` : "";

/** What is known of a file or socket, by its name; what a tool tells and no column has by the tool's own. */
export function factsOf(row: OpenRow): readonly (readonly [name: string, text: string])[] {
  const { process, pid, fd, slot = "", access, sinceNs, more = {} } = row;
  const facts = [
    ["Process", [process, pid > 0 ? String(pid) : ""].filter(Boolean).join(" ")],
    ["Number", fd < 0 ? slot : String(fd)],
    ["Kind", openValues.kind(row)],
    ["Open to", accessWords[access] ?? ""],
    ["State", openValues.state(row)],
    ["To be read", bytes(openValues.queued(row))],
    ["To be sent", bytes(openValues.sending(row))],
    ["Stands at", bytes(openValues.position(row))],
    ["Size", bytes(openValues.size(row))],
    ["Received", bytes(openValues.received(row))],
    ["Sent", bytes(openValues.sent(row))],
    ["Rate", bytes(openValues.rate(row), "/s")],
    ["First seen", sinceNs > 0 ? `at ${formatDuration(sinceNs)}` : ""],
    ...Object.entries(more),
  ] as const;
  return facts.filter(([, text]) => text !== "");
}

/** All of the row that is selected: the table has no room for everything. */
export function OpenFacts({ row }: { readonly row: OpenRow }) {
  return (
    <section className="io-facts" aria-label="What is selected">
      <h3 className="truncate" title={row.name}>
        {row.name}
      </h3>
      <dl>
        {factsOf(row).map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="selectable">{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
