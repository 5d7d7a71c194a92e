import type { InspectorState } from "#core/model/recording.ts";
import { catchesSignal } from "./signals.ts";

export const defaultInspectorPort = 9229;

/** Ports of an inspector that switches name; 0 for "any". */
export function hintedPorts(words: readonly string[]): ReadonlySet<number> {
  const ports = new Set<number>();
  const pattern = /^--(?:inspect(?:-brk|-wait)?(?:=(.*))?|(?:inspect|debug)-port=(.*))$/;
  for (const word of words) {
    const match = pattern.exec(word);
    if (match === null) continue;
    const port = /(\d+)$/.exec(match[1] ?? match[2] ?? "")?.[1];
    ports.add(port === undefined ? defaultInspectorPort : Number(port));
  }
  return ports;
}

/** Whether a Node process has its inspector open, by its switches and where it listens. */
export function inspectorOf(
  pid: number,
  flags: readonly string[],
  listens: readonly string[],
): InspectorState {
  const address = inspectorAmong(hintedPorts(flags), listens);
  if (address !== "") return { state: "open", address };
  return { state: catchesSignal(pid, "SIGUSR1") ? "closed" : "unavailable", address: "" };
}

/** A service of the program's own may listen as well: the port that is most likely an inspector's is taken. */
export function inspectorAmong(hinted: ReadonlySet<number>, listens: readonly string[]): string {
  const portOf = (address: string): number => Number(/\d+$/.exec(address)?.[0] ?? -1);
  const isLoopback = (address: string): boolean => /^(?:127\.|\[::1\])/.test(address);
  return (
    listens.find((address) => hinted.has(portOf(address))) ??
    listens.find((address) => portOf(address) === defaultInspectorPort) ??
    (hinted.has(0) ? (listens.find(isLoopback) ?? listens[0] ?? "") : "")
  );
}
