import type { TimelineMark } from "#core/model/tables.ts";
import { plainName } from "../../widgets/function-text.ts";
import { hasLabelRoom, pxOf, type Tick, type TimeScale } from "../../widgets/time-scale.ts";

export interface TimelineAxisProps {
  readonly scale: TimeScale;
  readonly ticks: readonly Tick[];
  readonly marks: readonly TimelineMark[];
}

const tickLabelPx = 44;
/** Two mark flags closer than this would cover each other. */
const markPx = 64;
const widestFlagPx = 160;

export function TimelineAxis({ scale, ticks, marks }: TimelineAxisProps) {
  const flags = flagsOf(scale, marks);
  const isCovered = (left: number): boolean =>
    flags.some((flag) => {
      const from = isTurned(flag, scale) ? flag.left - flagWidth(flag) : flag.left;
      return left > from - tickLabelPx && left < from + flagWidth(flag);
    });
  return (
    <>
      {ticks.map((tick) => {
        const left = pxOf(scale, tick.timeNs);
        return isCovered(left) || !hasLabelRoom(scale, tick.timeNs) ? null : (
          <span key={tick.timeNs} className="timeline-tick" style={{ left }}>
            {tick.label}
          </span>
        );
      })}
      {flags.map((flag) => {
        const { mark, left, count } = flag;
        const turned = isTurned(flag, scale);
        const room = turned ? left : scale.widthPx - left;
        return (
          <span
            key={`${mark.timeNs} ${mark.name}`}
            className={`timeline-flag${turned ? " turned" : ""}`}
            style={{
              ...(turned ? { right: scale.widthPx - left } : { left }),
              maxWidth: Math.max(24, Math.min(widestFlagPx, room)),
            }}
            title={plainName(mark.name)}
          >
            {plainName(mark.name)}
            {count > 1 ? ` +${count - 1}` : ""}
          </span>
        );
      })}
    </>
  );
}

/** Roughly: a tick that would touch a flag is left out. */
function flagWidth({ mark }: Flag): number {
  return Math.min(widestFlagPx, 16 + 7 * mark.name.length);
}

/** At the right edge a flag flies to the left, where there is room for its words. */
const isTurned = (flag: Flag, { widthPx }: TimeScale): boolean =>
  flag.left + flagWidth(flag) > widthPx && flag.left > widthPx / 2;

interface Flag {
  readonly mark: TimelineMark;
  readonly left: number;
  /** Marks that this flag stands for. */
  readonly count: number;
}

/** Flags that do not cover each other; those that would are counted at the one before. */
function flagsOf(scale: TimeScale, marks: readonly TimelineMark[]): readonly Flag[] {
  const flags: Flag[] = [];
  const inTime = [...marks].sort((a, b) => a.timeNs - b.timeNs);
  for (const mark of inTime) {
    if (mark.timeNs < scale.startNs || mark.timeNs > scale.endNs) continue;
    const left = pxOf(scale, mark.timeNs);
    const last = flags[flags.length - 1];
    if (last !== undefined && left - last.left < markPx)
      flags[flags.length - 1] = { ...last, count: last.count + 1 };
    else flags.push({ mark, left, count: 1 });
  }
  return flags;
}
