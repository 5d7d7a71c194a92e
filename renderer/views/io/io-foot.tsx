import { formatCount, formatDuration, formatPercent } from "#core/base/numbers.ts";
import type { IoTable } from "#core/model/tables.ts";
import { Button } from "../../widgets/button.tsx";

/** How long calls took, and the slowest of them. */
export function Foot({
  table,
  zoom,
}: {
  readonly table: IoTable;
  readonly zoom: (rangeNs: readonly [number, number]) => void;
}) {
  const most = Math.max(...table.histogram, 1);
  const whole = table.histogram.reduce((sum, each) => sum + each, 0);
  const buckets = Array.from(table.histogram, (calls, i) => ({
    calls,
    title:
      i < table.bucketLimitsNs.length ? `under ${formatDuration(table.bucketLimitsNs[i] ?? 0)}` : "longer",
  }));
  const first = buckets.findIndex(({ calls }) => calls > 0);
  const last = buckets.findLastIndex(({ calls }) => calls > 0);
  if (!table.isTimed || first === -1) return null;
  return (
    <div className="io-foot">
      <table className="io-histogram">
        <caption>How long calls took</caption>
        <tbody>
          {buckets.slice(first, last + 1).map(({ calls, title }) => (
            <tr key={title}>
              <th scope="row">{title}</th>
              <td className="io-bar-cell">
                <span style={{ width: `${((100 * calls) / most).toFixed(1)}%` }} />
              </td>
              <td className="end">{formatCount(calls)}</td>
              <td className="end muted">{formatPercent(calls, whole)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <section className="io-slowest" aria-label="The slowest calls">
        <h3>The slowest calls</h3>
        <ol>
          {table.slowest.slice(0, 8).map(({ call, file, startNs, durationNs, thread }) => (
            <li key={`${startNs} ${thread} ${call}`}>
              <Button
                small
                look="quiet"
                title="Show this time on the timeline"
                onClick={() => zoom([startNs, startNs + Math.max(durationNs, 1e6)])}
              >
                {formatDuration(durationNs)}
              </Button>
              <span className="truncate">
                {call} {file}
              </span>
              <span className="muted">at {formatDuration(startNs)}</span>
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}
