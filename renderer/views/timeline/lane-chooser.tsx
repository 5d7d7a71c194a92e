import type { TimelineTable } from "#core/model/tables.ts";
import { categoryLane, counterLane, type TimelineState } from "../../app/timeline-state.ts";
import { IconButton } from "../../widgets/button.tsx";
import { plainName } from "../../widgets/function-text.ts";
import { inOrder } from "./timeline-values.ts";

export interface LaneChooserProps {
  readonly table: TimelineTable;
  readonly state: TimelineState;
  readonly change: (patch: Partial<TimelineState>) => void;
}

/** Which lanes there are, and which counters come first. */
export function LaneChooser({ table, state, change }: LaneChooserProps) {
  const { hidden, order } = state;
  const counters = inOrder(table.counters, order);
  const categories = [...new Set(table.intervalLanes.map(({ category }) => category))];
  const toggle = (lane: string): void =>
    change({ hidden: hidden.includes(lane) ? hidden.filter((each) => each !== lane) : [...hidden, lane] });
  const move = (from: number, by: number): void => {
    const ids = counters.map(({ id }) => id);
    const [moved] = ids.splice(from, 1);
    if (moved === undefined) return;
    ids.splice(Math.max(0, from + by), 0, moved);
    change({ order: ids });
  };
  const box = (lane: string, title: string) => (
    <label className="timeline-choice">
      <input type="checkbox" checked={!hidden.includes(lane)} onChange={() => toggle(lane)} />
      {plainName(title)}
    </label>
  );
  return (
    <div className="timeline-chooser">
      <fieldset>
        <legend>Counters, in the order of their charts</legend>
        {counters.length === 0 ? <p className="muted">This profile has none.</p> : null}
        <ul>
          {counters.map(({ id, name }, index) => (
            <li key={id}>
              {box(counterLane(id), name)}
              <IconButton
                label={`${plainName(name)} earlier`}
                icon="up"
                disabled={index === 0}
                onClick={() => move(index, -1)}
              />
              <IconButton
                label={`${plainName(name)} later`}
                icon="down"
                disabled={index === counters.length - 1}
                onClick={() => move(index, 1)}
              />
            </li>
          ))}
        </ul>
      </fieldset>
      <fieldset>
        <legend>What threads did</legend>
        {categories.length === 0 ? <p className="muted">This profile does not say.</p> : null}
        <ul>
          {categories.map((category) => (
            <li key={category}>{box(categoryLane(category), category)}</li>
          ))}
        </ul>
      </fieldset>
    </div>
  );
}
