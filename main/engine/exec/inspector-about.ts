import { throwProblem } from "#core/base/result.ts";
import { type Channel, evaluate } from "./inspector-channel.ts";

/** Who answers at the other end of an inspector's session. */
export interface InspectedRuntime {
  /** Which domains it has beside those of V8. */
  readonly kind: "node" | "browser" | "other";
  /** What it calls itself: a process's title, a page's. */
  readonly name: string;
  /** "node v20.20.2", "Chromium 156". */
  readonly tool: string;
  /** In its own pid namespace; -1 where it does not say (a page). */
  readonly pid: number;
}

/** Electron's renderers have Node's `process` too, but a page's inspector. */
const question = `(() => {
  const { process, Deno, navigator, document, location } = globalThis;
  const node = process && process.versions && process.versions.node;
  const pid = process && Number.isInteger(process.pid) ? process.pid : -1;
  if (Deno && Deno.version)
    return JSON.stringify(['other', 'deno', 'deno ' + Deno.version.deno, Number.isInteger(Deno.pid) ? Deno.pid : pid]);
  if (node && process.type !== 'renderer')
    return JSON.stringify(['node', String(process.title), 'node ' + process.version, pid]);
  const agent = navigator ? String(navigator.userAgent) : '';
  const version = (/Chrome\\/(\\d+)/.exec(agent) || [])[1];
  const name = (document && document.title) || (location && location.href) || '';
  return JSON.stringify([location ? 'browser' : 'other', String(name), version ? 'Chromium ' + version : 'V8', pid]);
})()`;

export async function runtimeOf(session: Channel): Promise<InspectedRuntime> {
  let answer: unknown;
  try {
    answer = JSON.parse(String(await evaluate(session, question)));
  } catch (error) {
    return throwProblem(
      "inspector-unreachable",
      "What answers at this address does not run JavaScript in V8.",
      "Bun and Safari speak another protocol: record Bun with perf. Of a browser, give the address of one of its pages.",
      error instanceof Error ? error.message : "",
    );
  }
  const [kind, name, tool, pid]: readonly unknown[] = Array.isArray(answer) ? answer : [];
  return {
    kind: kind === "node" || kind === "browser" ? kind : "other",
    name: String(name ?? ""),
    tool: String(tool ?? "V8"),
    pid: typeof pid === "number" ? pid : -1,
  };
}
