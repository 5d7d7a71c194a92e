import { formatCount, formatDuration, formatPercent, formatValue } from "#core/base/numbers.ts";
import type { TimelineCounter, TimelineLane, TimelineTable } from "#core/model/tables.ts";
import { plainName } from "../../widgets/function-text.ts";
import { laneKey, threadWord } from "./lane-labels.tsx";
import { lastOf } from "./timeline-values.ts";

/** The same as the picture, in numbers. */
export function TimelineTwin({ table }: { readonly table: TimelineTable }) {
  const hasBeside = table.lanes.some((lane) => besideOf(lane) !== null);
  return (
    <div className="timeline-twin">
      <table>
        <caption>Threads</caption>
        <thead>
          <tr>
            <th scope="col">Thread</th>
            <th scope="col" className="timeline-end">
              Process
            </th>
            <th scope="col" className="timeline-end">
              Id
            </th>
            <th scope="col" className="timeline-end">
              Share
            </th>
            <th scope="col" className="timeline-end">
              In all
            </th>
            {hasBeside ? (
              <th scope="col" className="timeline-end">
                {table.showsWaits ? "Runs" : "Waits"}
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {table.lanes.map((lane) => (
            <tr key={laneKey(lane)}>
              <th scope="row">{plainName(lane.name)}</th>
              <td className="timeline-end">{lane.pid >= 0 ? lane.pid : ""}</td>
              <td className="timeline-end">{lane.tid >= 0 ? lane.tid : ""}</td>
              <td className="timeline-end">{formatPercent(lane.totalValue, table.totalValue)}</td>
              <td className="timeline-end">{formatValue(lane.totalValue, table.unit)}</td>
              {hasBeside ? <td className="timeline-end">{formatDuration(besideNs(lane, table))}</td> : null}
            </tr>
          ))}
        </tbody>
      </table>
      {table.counters.length === 0 ? null : (
        <table>
          <caption>Counters</caption>
          <thead>
            <tr>
              <th scope="col">Counter</th>
              <th scope="col" className="timeline-end">
                First
              </th>
              <th scope="col" className="timeline-end">
                Least
              </th>
              <th scope="col" className="timeline-end">
                Most
              </th>
              <th scope="col" className="timeline-end">
                Last
              </th>
            </tr>
          </thead>
          <tbody>
            {table.counters.map((counter) => (
              <CounterLine key={counter.id} counter={counter} />
            ))}
          </tbody>
        </table>
      )}
      {table.intervalLanes.length === 0 ? null : (
        <table>
          <caption>What threads did</caption>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Kind</th>
              <th scope="col">Thread</th>
              <th scope="col" className="timeline-end">
                Times
              </th>
              <th scope="col" className="timeline-end">
                In all
              </th>
              <th scope="col" className="timeline-end">
                Longest
              </th>
            </tr>
          </thead>
          <tbody>
            {table.intervalLanes.flatMap((lane) =>
              lane.names.map((each) => (
                <tr key={`${lane.category} ${lane.thread} ${each.name}`}>
                  <th scope="row">{plainName(each.name)}</th>
                  <td>{plainName(lane.category)}</td>
                  <td>{lane.thread < 0 ? "" : `${threadWord(lane.threadName)} ${lane.tid}`}</td>
                  <td className="timeline-end">{formatCount(each.count)}</td>
                  <td className="timeline-end">{formatDuration(each.totalNs)}</td>
                  <td className="timeline-end">{formatDuration(each.longestNs)}</td>
                </tr>
              )),
            )}
          </tbody>
        </table>
      )}
      {table.marks.length === 0 ? null : (
        <table>
          <caption>Marks</caption>
          <tbody>
            {table.marks.map((mark) => (
              <tr key={`${mark.timeNs} ${mark.name}`}>
                <th scope="row">{plainName(mark.name)}</th>
                <td className="timeline-end">{formatDuration(mark.timeNs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

const besideOf = ({ waiting, running }: TimelineLane): Float32Array | null => waiting ?? running;

function besideNs(lane: TimelineLane, { startNs, endNs }: TimelineTable): number {
  const shares = besideOf(lane) ?? new Float32Array();
  const binNs = (endNs - startNs) / Math.max(1, shares.length);
  return shares.reduce((all, share) => all + share * binNs, 0);
}

function CounterLine({ counter }: { readonly counter: TimelineCounter }) {
  const text = (value: number | undefined): string =>
    value === undefined ? "" : formatValue(value, counter.unit);
  let least: number | undefined;
  let most: number | undefined;
  for (const value of counter.value) {
    if (least === undefined || value < least) least = value;
    if (most === undefined || value > most) most = value;
  }
  return (
    <tr>
      <th scope="row">{plainName(counter.name)}</th>
      <td className="timeline-end">{text(counter.value[0])}</td>
      <td className="timeline-end">{text(least)}</td>
      <td className="timeline-end">{text(most)}</td>
      <td className="timeline-end">{text(lastOf(counter))}</td>
    </tr>
  );
}
