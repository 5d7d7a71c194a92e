import { formatValue } from "#core/base/numbers.ts";
import { plainName } from "../../widgets/function-text.ts";
import { counterDashes, counterHeightPx } from "./counter-look.ts";
import { type CounterGroup, lastOf, shortCounterName } from "./timeline-values.ts";

export interface CounterLabelsProps {
  readonly group: CounterGroup;
  readonly colours: readonly string[];
}

/** The lines of a chart and their newest values. */
export function CounterLabels({ group, colours }: CounterLabelsProps) {
  return (
    <div className="timeline-counter-label" style={{ height: counterHeightPx }}>
      <ul aria-label="Counters">
        {group.counters.map((counter, index) => (
          <li key={counter.id} title={plainName(counter.name)}>
            <svg className="timeline-line" width="16" height="8" aria-hidden="true">
              <line
                x1="0"
                y1="4"
                x2="16"
                y2="4"
                stroke={colours[index]}
                strokeWidth="2"
                strokeDasharray={counterDashes[index % counterDashes.length]?.join(" ")}
              />
            </svg>
            <span className="timeline-counter-name">{shortCounterName(counter)}</span>
            <span className="timeline-counter-value">{formatValue(lastOf(counter) ?? 0, counter.unit)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
