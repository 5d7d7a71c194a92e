import type { ProfileBuilder } from "../../model/builder.ts";

const DAY_SECONDS = 86_400;

/**
 * Times of reports that come one after the other: of the day ("11:35:14", "11:35:14 PM"), with a date in front, or
 * seconds since 1970. Where there are none, reports are taken to be a second apart.
 */
export class ReportClock {
  readonly #out: ProfileBuilder;
  #timeNs = 0;
  #hasTimes = false;
  #lastSeconds = -1;
  #days = 0;
  #firstTable = "";
  #reports = 0;

  constructor(out: ProfileBuilder) {
    this.#out = out;
  }

  get hasTimes(): boolean {
    return this.#hasTimes;
  }

  get timeNs(): number {
    return this.#timeNs;
  }

  /** A line that is nothing but a date and a time: "11/22/26 11:35:13", "2026-11-22T11:35:13+0000". */
  line(text: string): boolean {
    const trimmed = text.trim();
    const exact = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(Z|[+-]\d\d:?\d\d)$/.exec(trimmed);
    if (exact) {
      const zone = (exact[3] ?? "").replace(/^([+-]\d\d)(\d\d)$/, "$1:$2");
      const milliseconds = Date.parse(`${exact[1]}T${exact[2]}${zone}`);
      if (Number.isNaN(milliseconds)) return false;
      this.epoch(milliseconds / 1000);
      return true;
    }
    const words = trimmed.split(/\s+/);
    if (words.length === 1 && /^\d{9,10}$/.test(trimmed)) {
      this.epoch(Number(trimmed));
      return true;
    }
    if (words.length < 2 || words.length > 3 || !/^\d{1,4}[-./]\d{1,2}[-./]\d{2,4}\.?$/.test(words[0] ?? ""))
      return false;
    return this.row(words.slice(1)) === words.length - 1;
  }

  /** The time that a row begins with, and how many words it takes; 0 where there is none. */
  row(words: readonly string[]): number {
    if (/^\d{9,10}$/.test(words[0] ?? "")) {
      this.epoch(Number(words[0]));
      return 1;
    }
    const match = /^(\d\d):(\d\d):(\d\d)$/.exec(words[0] ?? "");
    if (!match) return 0;
    const half = words[1] === "AM" || words[1] === "PM" ? words[1] : "";
    let hours = Number(match[1]);
    if (half !== "") hours = (hours % 12) + (half === "PM" ? 12 : 0);
    const seconds = hours * 3600 + Number(match[2]) * 60 + Number(match[3]);
    // Reports of one second may come in any order; half a day back is the next day.
    if (seconds < this.#lastSeconds - DAY_SECONDS / 2) this.#days++;
    this.#lastSeconds = seconds;
    this.#set(this.#days * DAY_SECONDS + seconds);
    return half === "" ? 1 : 2;
  }

  /** A time of the day that stands somewhere in a text: "Mon Nov 30 22:00:29 UTC 2026", "====22:00:19====". */
  within(text: string): boolean {
    const [, time, half] = /(?:^|\D)(\d\d:\d\d:\d\d)(?:\s+([AP]M)\b)?(?!\d)/.exec(text) ?? [];
    return time !== undefined && this.row(half === undefined ? [time] : [time, half]) > 0;
  }

  epoch(seconds: number): void {
    if (!this.#hasTimes) this.#out.meta({ startedAtMs: Math.round(seconds * 1000) });
    this.#set(seconds);
  }

  /** A table begins; where tables have no times, the first one again is the next report. */
  report(table: string): void {
    if (this.#hasTimes) return;
    if (this.#firstTable === "") this.#firstTable = table;
    if (this.#firstTable === table) this.#timeNs = this.#out.seen(this.#reports++ * 1e9);
  }

  /** `how` times come to be in the reports. */
  finish(how = "iostat and vmstat write them with -t."): void {
    if (!this.#hasTimes && this.#reports > 1)
      this.#out.note(`The reports have no times: they are shown one second apart. ${how}`);
  }

  #set(seconds: number): void {
    this.#hasTimes = true;
    const whole = Math.floor(seconds);
    this.#timeNs = this.#out.seen(this.#out.relativeTime(whole, Math.round((seconds - whole) * 1e9)));
  }
}
