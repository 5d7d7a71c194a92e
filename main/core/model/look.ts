import * as v from "valibot";
import { chooseUnits } from "../base/numbers.ts";
import { chooseColours } from "./colour.ts";
import type { Settings } from "./settings.ts";

/** How numbers and colours are shown: the person's choice, wherever something is drawn or put in words. */
export const lookSchema = v.object({
  bytes: v.picklist(["binary", "decimal"]),
  time: v.picklist(["auto", "seconds", "milliseconds"]),
  colours: v.picklist(["standard", "safe"]),
});
export type Look = v.InferOutput<typeof lookSchema>;

export const lookOf = ({ byteUnits, timeUnits, colours }: Settings): Look => ({
  bytes: byteUnits,
  time: timeUnits,
  colours,
});

/** For this thread or page, from now on. Before anything is drawn with it. */
export function chooseLook({ bytes, time, colours }: Look): void {
  chooseUnits({ bytes, time });
  chooseColours(colours);
}
