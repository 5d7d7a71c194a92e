import * as v from "valibot";

/**
 * Counters over time as lines of JSON after a first line of its own: what the workbench reads of a process by itself.
 *
 *     flamewright-counters 1
 *     {"id":"rss","name":"Resident memory","unit":"bytes","timeNs":250000000,"value":4096}
 */
export const countersMagic = "flamewright-counters ";
export const countersStart = `${countersMagic}1\n`;

export const counterLineSchema = v.object({
  id: v.string(),
  name: v.string(),
  unit: v.string(),
  timeNs: v.pipe(v.number(), v.finite()),
  value: v.pipe(v.number(), v.finite()),
});
