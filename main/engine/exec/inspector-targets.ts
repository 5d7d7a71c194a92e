import { throwProblem } from "#core/base/result.ts";
import { isRecord } from "./inspector-channel.ts";

/** One thing that an inspector's address offers to record: the Node process, or a page or worker of a browser. */
export interface DebugTarget {
  readonly type: string;
  readonly title: string;
  readonly url: string;
  /** Where its session is opened. */
  readonly address: string;
}

export interface ChosenTarget {
  readonly address: string;
  /** What else was there, in words; "" for nothing. */
  readonly remark: string;
}

/** What a person means by the address of a browser, the likeliest first. Others (its own dialogs, extensions) never. */
const recordable = ["node", "deno", "page", "app", "webview", "shared_worker", "service_worker", "worker"];
const othersShown = 5;

/** What answers at an inspector's HTTP address; null where none does. */
export async function listDebugTargets(
  base: string,
  timeoutMs = 2000,
): Promise<readonly DebugTarget[] | null> {
  try {
    const answer = await fetch(new URL("/json/list", base), { signal: AbortSignal.timeout(timeoutMs) });
    const list: unknown = await answer.json();
    if (!Array.isArray(list)) return null;
    return list.filter(isRecord).map((each) => ({
      type: String(each.type ?? ""),
      title: String(each.title ?? ""),
      url: String(each.url ?? ""),
      address: String(each.webSocketDebuggerUrl ?? ""),
    }));
  } catch {
    return null;
  }
}

/** The session that an address stands for: its own, or the likeliest of those it lists. */
export async function reachAddress(address: string): Promise<ChosenTarget> {
  const url = new URL(address);
  // A browser announces the address of itself, which has no JavaScript; its pages are listed beside it.
  const isBrowser = url.pathname.startsWith("/devtools/browser/");
  if (/^wss?:$/.test(url.protocol) && !isBrowser) return { address, remark: "" };
  const base = `${/^(https|wss):$/.test(url.protocol) ? "https" : "http"}://${url.host}`;
  const targets = await listDebugTargets(base);
  if (targets === null) {
    return throwProblem(
      "inspector-unreachable",
      `No inspector answers at ${address}.`,
      "Check the address and that the program still runs; Node prints it when its inspector opens, a browser needs --remote-debugging-port.",
    );
  }
  return chooseTarget(targets, address);
}

export function chooseTarget(targets: readonly DebugTarget[], address: string): ChosenTarget {
  const ranked = targets
    .filter((target) => target.address !== "" && recordable.includes(target.type))
    .sort((a, b) => rank(a) - rank(b));
  const [chosen, ...others] = ranked;
  if (chosen === undefined) {
    return throwProblem(
      "inspector-no-target",
      `The inspector at ${address} lists no page and no program.`,
      "Open the page first. If other developer tools are attached to it, close them: old browsers allow one at a time.",
    );
  }
  if (others.length === 0) return { address: chosen.address, remark: "" };
  const shown = others.slice(0, othersShown).map((each) => `${nameOf(each)} at ${each.address}`);
  const more = others.length > shown.length ? ` and ${others.length - shown.length} more` : "";
  return {
    address: chosen.address,
    remark: `${nameOf(chosen)} is recorded. Also there: ${shown.join("; ")}${more}. Record one of them by its own address.`,
  };
}

/** Stable: a browser lists the page that was used last first. Its own pages come after those of the web. */
function rank({ type, url }: DebugTarget): number {
  const own = /^(devtools|chrome|chrome-extension):/.test(url) ? recordable.length : 0;
  return recordable.indexOf(type) + own;
}

const nameOf = ({ type, title, url }: DebugTarget): string =>
  `the ${type.replaceAll("_", " ")} "${(title || url).slice(0, 80)}"`;
