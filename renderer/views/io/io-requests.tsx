import { formatBytes, formatCount, formatDuration } from "#core/base/numbers.ts";
import type { IoTable, RequestRow } from "#core/model/tables.ts";

const MOST_ISSUERS = 3;

const time = (ns: number): string => (Number.isNaN(ns) ? "–" : formatDuration(ns));

/** Requests to disks by what was asked for, how long they took, and who asked for them or issued them. */
export function Requests({ table }: { readonly table: IoTable }) {
  const { requests, bucketLimitsNs, askers, askersAre } = table;
  const isQueued = requests.some(({ queuedMeanNs }) => !Number.isNaN(queuedMeanNs));
  const by = askersAre === "asked" ? "Asked by" : "Issued by";
  const used = bucketLimitsNs
    .map((_, i) => i)
    .concat(bucketLimitsNs.length)
    .filter((i) => requests.some(({ histogram }) => (histogram[i] ?? 0) > 0));
  const first = used[0] ?? 0;
  const last = used.at(-1) ?? first;
  const buckets = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it
    <section className="io-requests" aria-label="Requests to disks" tabIndex={0}>
      <table>
        <caption>Requests to disks</caption>
        <thead>
          <tr>
            <th scope="col">Disk</th>
            <th scope="col">Asked</th>
            {[
              "Requests",
              "Failed",
              "Mean",
              "p99",
              "Longest",
              ...(isQueued ? ["Queued before"] : []),
              "Bytes",
            ].map((title) => (
              <th scope="col" className="end" key={title}>
                {title}
              </th>
            ))}
            <th scope="col">{by}</th>
          </tr>
        </thead>
        <tbody>
          {requests.map((row) => (
            <tr key={`${row.device} ${row.operation}`}>
              <th scope="row">{row.device}</th>
              <td>{row.operation}</td>
              <td className="end">{formatCount(row.requests)}</td>
              <td className="end">{row.errors === 0 ? "–" : formatCount(row.errors)}</td>
              <td className="end">{formatDuration(row.meanNs)}</td>
              <td className="end">{formatDuration(row.p99Ns)}</td>
              <td className="end">{formatDuration(row.maxNs)}</td>
              {isQueued ? <td className="end">{time(row.queuedMeanNs)}</td> : null}
              <td className="end">{row.bytes === 0 ? "–" : formatBytes(row.bytes)}</td>
              <td>{issuersOf(row)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <table>
        <caption>How long they took</caption>
        <thead>
          <tr>
            <th scope="col">Asked</th>
            {buckets.map((i) => (
              <th scope="col" className="end" key={i}>
                {i < bucketLimitsNs.length ? `under ${formatDuration(bucketLimitsNs[i] ?? 0)}` : "longer"}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {requests.map((row) => (
            <tr key={`${row.device} ${row.operation}`}>
              <th scope="row">
                {row.device} {row.operation}
              </th>
              {buckets.map((i) => (
                <td className="end" key={i}>
                  {row.histogram[i] === 0 ? "–" : formatCount(row.histogram[i] ?? 0)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {askers.length > 0 ? (
        <table>
          <caption>Who {askersAre === "asked" ? "asked for them" : "issued them"}</caption>
          <thead>
            <tr>
              {["In all", "Requests", "Mean", "p99", ...(isQueued ? ["Queued before"] : []), "Bytes"].map(
                (title) => (
                  <th scope="col" className="end" key={title}>
                    {title}
                  </th>
                ),
              )}
              <th scope="col">{by}</th>
              <th scope="col">From</th>
            </tr>
          </thead>
          <tbody>
            {askers.map((row) => (
              <tr key={`${row.pid} ${row.name} ${row.site}`}>
                <td className="end">{formatDuration(row.totalNs)}</td>
                <td className="end">{formatCount(row.requests)}</td>
                <td className="end">{formatDuration(row.meanNs)}</td>
                <td className="end">{formatDuration(row.p99Ns)}</td>
                {isQueued ? <td className="end">{time(row.queuedMeanNs)}</td> : null}
                <td className="end">{row.bytes === 0 ? "–" : formatBytes(row.bytes)}</td>
                <th scope="row">{row.pid > 0 ? `${row.name} ${row.pid}` : row.name}</th>
                <td>{row.site || "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </section>
  );
}

function issuersOf({ issuers }: RequestRow): string {
  const named = issuers
    .slice(0, MOST_ISSUERS)
    .map(({ name, requests }) => `${name} (${formatCount(requests)})`);
  const more = issuers.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join(", ");
}
