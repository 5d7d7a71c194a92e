import * as v from "valibot";

/**
 * What the workbench reads of a process by itself, as lines of JSON after a first line of its own: counters over time, what
 * its threads read and wrote since the line before, and happenings, such as a file that is open from then on.
 *
 *     flamewright-counters 1
 *     {"id":"rss","name":"Resident memory","unit":"bytes","timeNs":250000000,"value":4096}
 *     {"tid":4711,"thread":"worker","pid":4711,"read":4096,"written":0,"timeNs":250000000}
 *     {"category":"descriptor","name":"/srv/data.db","args":"{...}","timeNs":250000000}
 */
export const countersMagic = "flamewright-counters ";
export const countersStart = `${countersMagic}1\n`;

const timeNs = v.pipe(v.number(), v.finite());

const counterLineSchema = v.object({
  id: v.string(),
  name: v.string(),
  unit: v.string(),
  timeNs,
  value: v.pipe(v.number(), v.finite()),
});

const movedLineSchema = v.object({
  pid: v.number(),
  tid: v.number(),
  thread: v.string(),
  read: v.pipe(v.number(), v.finite()),
  written: v.pipe(v.number(), v.finite()),
  timeNs,
});

const happeningLineSchema = v.object({
  category: v.string(),
  name: v.string(),
  args: v.string(),
  timeNs,
});

export const lineSchema = v.union([counterLineSchema, movedLineSchema, happeningLineSchema]);
export type CountersLine = v.InferOutput<typeof lineSchema>;
