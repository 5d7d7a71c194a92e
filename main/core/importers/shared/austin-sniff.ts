import { textOf } from "../../bytes/ascii.ts";

const HEADER = /^# (austin|mode|interval|sampling|python|memory|duration|threads|gc|multiprocess): /m;
/** "P123;T0:456;a.py:main:3 100", "P1;T2;main (a.py:3) 4", "Thread 7f0;main (a.py);L3 100", "P1;T2;:idle: ...". */
const SAMPLE =
  /^(?:P\d+;T(?:[0-9a-fx]+:)?[0-9a-fx]+|(?:Process \d+;)?Thread (?:\d+:)?[0-9a-fx]+)(?:;[^\n]*)? \d+(?:,\d+,-?\d+)?\r?$/;

/** Text of austin, in any of its forms. */
export function looksLikeAustin(head: Uint8Array): boolean {
  if (head.subarray(0, 4096).includes(0)) return false;
  const lines = textOf(head.subarray(0, 16_384)).split("\n");
  if (lines.length > 1) lines.pop();
  const samples = lines.filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const matching = samples.filter((line) => SAMPLE.test(line)).length;
  return (
    matching > 0 &&
    matching * 4 >= samples.length * 3 &&
    (hasPlaces(samples) || HEADER.test(lines.join("\n")))
  );
}

/** Plain collapsed stacks may have threads too, but not the line of every frame. */
const hasPlaces = (samples: readonly string[]): boolean =>
  samples.some((line) => /;[^;]*(?::\d+|:\d+\)|;L\d+)(?:;[^\n]*)? \d+(?:,\d+,-?\d+)?\r?$/.test(line));
