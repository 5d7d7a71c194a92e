import { formatDuration, formatPercent, formatValue } from "#core/base/numbers.ts";
import type { TimelineCounter, TimelineTable } from "#core/model/tables.ts";
import { plainName } from "../../widgets/function-text.ts";
import { laneKey } from "./lane-labels.tsx";
import { lastOf } from "./timeline-values.ts";

/** The same as the picture, in numbers. */
export function TimelineTwin({ table }: { readonly table: TimelineTable }) {
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
