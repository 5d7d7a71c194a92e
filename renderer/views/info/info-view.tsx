import type { ReactNode } from "react";
import { formatCount, formatDuration, formatPercent, formatValue } from "#core/base/numbers.ts";
import { observerWords } from "#core/model/fact-words.ts";
import type { InfoTable } from "#core/model/tables.ts";
import type { DocumentView } from "../../app/document-view.ts";
import { seriesTitle } from "../../app/series-title.ts";
import { type ProfileDocument, slotOf } from "../../app/store/document.ts";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { Icon } from "../../widgets/icon.tsx";
import { CodeLine, ProblemBox } from "../../widgets/status.tsx";
import { fullMoment } from "../../widgets/time-words.ts";
import { Words } from "../../widgets/words.tsx";
import { endingOf } from "./info-words.ts";
import "./info.css";

export const infoDocumentView: DocumentView = {
  id: "info",
  title: "Info",
  badge: (document) => {
    const notes = slotOf(document, "info").table?.notes.length ?? 0;
    return notes > 0 ? `${notes} ${notes === 1 ? "note" : "notes"}` : undefined;
  },
  Component: InfoView,
};

/** What the profile is: where it comes from, what is in it, what could not be read. */
function InfoView({ document }: { readonly document: ProfileDocument }) {
  const { table, problem } = slotOf(document, "info");
  if (!table) {
    return problem ? <ProblemBox problem={problem} /> : <EmptyState busy title="Reading the profile…" />;
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it
    <section className="info" aria-label="Info" tabIndex={0}>
      {table.notes.length > 0 ? (
        <section className="info-notes" aria-labelledby="info-notes">
          <h2 id="info-notes">
            <Icon name="info" /> What to know about these numbers
          </h2>
          <ul>
            {table.notes.map((note) => (
              <li key={note} className="selectable">
                <Words text={note} />
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <Facts table={table} document={document} />
      {table.command ? (
        <section>
          <h2>Command</h2>
          <CodeLine text={table.command} />
        </section>
      ) : null}
      {table.read.length > 0 ? (
        <section aria-labelledby="info-read">
          <h2 id="info-read">What was read</h2>
          <ul className="info-read">
            {table.read.map((line) => (
              <li key={line} className="selectable">
                <Words text={line} />
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <SeriesTable table={table} />
      <ThreadTable table={table} />
    </section>
  );
}

function Facts({ table, document }: { readonly table: InfoTable; readonly document: ProfileDocument }) {
  const rate = table.periodNs > 0 ? `every ${formatDuration(table.periodNs)}` : "";
  const facts: readonly (readonly [string, ReactNode])[] = [
    ["Target", table.target],
    ["Recorded", fullMoment(table.startedAtMs)],
    ["Duration", table.durationNs > 0 ? formatDuration(table.durationNs) : ""],
    ["Ended", document.recording ? endingOf(document.recording) : ""],
    ["Profiler", [table.tool, table.toolVersion].filter(Boolean).join(" ")],
    ["Stacks", table.stackMethod],
    ["Sampled", rate],
    ["Cost of recording", table.observer ? `${observerWords(table.observer)}, on average` : ""],
    ["Lost samples", formatCount(table.lostSamples)],
    ["Host", table.host],
    ["Kernel", table.kernel],
    ["Format", table.format],
    ["File", document.path],
    ["Functions", formatCount(table.functions)],
    ["Distinct stacks", formatCount(table.stacks)],
    ["Processes", table.processes.map((each) => `${each.name} ${each.pid}`).join(", ")],
    ["Remarks", document.recording?.remarks.join(" ") ?? ""],
  ];
  return (
    <section>
      <h2>Recording</h2>
      <dl className="info-facts">
        {facts
          .filter(([, value]) => value !== "")
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="selectable">{typeof value === "string" ? <Words text={value} /> : value}</dd>
            </div>
          ))}
      </dl>
    </section>
  );
}

function SeriesTable({ table }: { readonly table: InfoTable }) {
  return (
    <section>
      <h2>What was measured</h2>
      <table className="info-table">
        <thead>
          <tr>
            <th scope="col">Series</th>
            <th scope="col">Kind</th>
            <th scope="col" className="end">
              Samples
            </th>
            <th scope="col" className="end">
              Total
            </th>
          </tr>
        </thead>
        <tbody>
          {table.series.map((series) => (
            <tr key={series.id}>
              <td>
                {seriesTitle(series, table.series)}{" "}
                {series.name === series.id ? null : <span className="faint mono">{series.id}</span>}
              </td>
              <td>{series.kind}</td>
              <td className="end">{formatCount(series.samples)}</td>
              <td className="end">{formatValue(series.total, series.unit)}</td>
            </tr>
          ))}
          {table.counters.map((counter) => (
            <tr key={counter.id}>
              <td>{counter.name}</td>
              <td>counter</td>
              <td className="end">{formatCount(counter.points)} points</td>
              <td className="end">{counter.unit}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** More than anybody reads; the timeline has the busiest ones. */
const MOST_THREADS = 200;

function ThreadTable({ table }: { readonly table: InfoTable }) {
  const threads = [...table.threads].sort((a, b) => b.samples - a.samples);
  const all = threads.reduce((sum, thread) => sum + thread.samples, 0);
  if (threads.length === 0) return null;
  return (
    <section>
      <h2>Threads</h2>
      <table className="info-table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" className="end">
              PID
            </th>
            <th scope="col" className="end">
              TID
            </th>
            <th scope="col" className="end">
              Samples
            </th>
            <th scope="col" className="end">
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          {threads.slice(0, MOST_THREADS).map((thread) => (
            <tr key={thread.index}>
              <td>{thread.name || <span className="faint">unnamed</span>}</td>
              <td className="end">{thread.pid}</td>
              <td className="end">{thread.tid}</td>
              <td className="end">{formatCount(thread.samples)}</td>
              <td className="end">{formatPercent(thread.samples, all)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {threads.length > MOST_THREADS ? (
        <p className="faint">and {formatCount(threads.length - MOST_THREADS)} more</p>
      ) : null}
    </section>
  );
}
