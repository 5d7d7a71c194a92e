import type { OptionValues, RecordRequest, TargetFacts } from "../model/recording.ts";
import type { Check, ChunkStep, Detection, Host, Profiler, RecordingPlan, TargetKind } from "./profiler.ts";
import { checkDisk, checkKind, noSuchProcess, notYours, passed } from "./shared/checks.ts";
import { numberOption, textOption } from "./shared/options.ts";

/** Profiles of net/http/pprof that say what happened while they were taken: https://pkg.go.dev/net/http/pprof */
const kinds = [
  { value: "profile", title: "CPU" },
  { value: "allocs", title: "Allocations" },
  { value: "heap", title: "Growth of the heap" },
  { value: "live", title: "Live heap: what is there after a collection" },
  { value: "mutex", title: "Contended mutexes: who held them" },
  { value: "block", title: "Waiting: where goroutines were blocked" },
  { value: "goroutine", title: "Goroutines: what each one does" },
  { value: "stuck", title: "Stuck goroutines: which want a lock, and for how many minutes" },
] as const;

const targets: readonly TargetKind[] = ["pid", "endpoint"];
const pathOfEndpoint = "/debug/pprof/";
const title = "Go's own profiler";
/** On top of the span: a loaded program answers late. */
const graceMs = 10_000;
const probeMs = 2_000;
const noEndpoint =
  "no net/http/pprof endpoint among its listening sockets: perf reads Go's stacks by their frame pointers";

/** Base of an address that a person gave, up to and with /debug/pprof/; null for one that is none. */
export function pprofBase(address: string): string | null {
  let url: URL;
  try {
    url = new URL(/^[a-z]+:\/\//i.test(address) ? address : `http://${address}`);
  } catch {
    return null;
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  if (url.username !== "" || url.password !== "") return null;
  const at = url.pathname.indexOf(pathOfEndpoint.slice(0, -1));
  const before = at === -1 ? url.pathname.replace(/\/$/, "") : url.pathname.slice(0, at);
  return `${url.origin}${before}${pathOfEndpoint}`;
}

/** Where a process may have its endpoint, as seen from here: a socket of all addresses is asked on the loopback. */
const candidates = (facts: TargetFacts | null): readonly string[] =>
  (facts?.listens ?? []).map(
    (address) =>
      `http://${address.replace(/^0\.0\.0\.0:/, "127.0.0.1:").replace(/^\[::\]:/, "127.0.0.1:")}${pathOfEndpoint}`,
  );

/** Where the endpoint of a request may be, the likeliest first. */
export const pprofBases = (request: RecordRequest, facts: TargetFacts | null): readonly string[] => {
  if (request.target.kind !== "endpoint") return candidates(facts);
  const base = pprofBase(request.target.url);
  return base === null ? [] : [base];
};

async function preflight(host: Host, request: RecordRequest): Promise<readonly Check[]> {
  const checks: Check[] = [...checkKind(request, targets, title)];
  const { target } = request;
  if (target.kind === "pid") {
    const process = await host.target(target.pid);
    if (process === null) return [...checks, noSuchProcess(target.pid)];
    if (!process.own) return [...checks, notYours(process, "Its sockets cannot be seen from here.")];
    checks.push(passed("process", "The process", `${process.name} ${process.pid}, of ${process.user}`));
  }
  if (target.kind === "pid" || target.kind === "endpoint") {
    const bases = pprofBases(request, await host.facts(target));
    checks.push(await checkEndpoint(host, bases, target.kind === "endpoint" ? target.url : null));
  }
  checks.push(await checkDisk(host));
  return checks;
}

async function checkEndpoint(host: Host, bases: readonly string[], given: string | null): Promise<Check> {
  for (const base of bases) {
    // The index names the profiles; asking for it starts none.
    const answer = await host.request(base, probeMs);
    if (answer?.status === 200 && /goroutine/.test(answer.text))
      return passed("pprof-endpoint", "The pprof endpoint", `answers at ${base}`);
  }
  if (given !== null && bases.length === 0)
    return {
      ...missing,
      id: "bad-address",
      found: `"${given}" is not the address of a pprof endpoint.`,
      fix: "Give an address like http://127.0.0.1:6060.",
    };
  return {
    ...missing,
    found:
      bases.length === 0
        ? "It listens on no TCP port that can be seen from here."
        : `Nothing answers as a pprof endpoint at ${bases.join(", ")}`,
  };
}

const missing: Check = {
  id: "no-pprof-endpoint",
  title: "The pprof endpoint",
  status: "fail",
  found: "",
  prevents: "Go's own profiler cannot be asked.",
  fix: 'Add import _ "net/http/pprof" and go http.ListenAndServe("localhost:6060", nil) to the program; or record it with perf.',
  consequence: "Who reaches that port can profile the program: keep it on localhost.",
};

function plan(
  request: RecordRequest,
  options: OptionValues,
  _found: Detection,
  _pid: number,
  facts: TargetFacts | null = null,
): RecordingPlan {
  const kind = textOption(options, "profile", "profile");
  const spanS = Math.max(1, Math.round(numberOption(options, "update", 1)));
  const bases = pprofBases(request, facts);
  const isLive = kind === "live";
  // Without a collection it is as of the last one, which may be long ago.
  const isStuck = kind === "stuck";
  const asked = isLive
    ? "heap?gc=1"
    : isStuck
      ? "goroutine?debug=2"
      : kind === "goroutine"
        ? kind
        : `${kind}?seconds=${spanS}`;
  const urls = bases.map((base) => `${base}${asked}`);
  const [url = "http://127.0.0.1:6060/debug/pprof/profile"] = urls;
  const isSnapshot = kind === "goroutine" || isStuck || isLive;
  const chunk: ChunkStep = {
    step: { kind: "fetch", url, others: urls.slice(1), timeoutMs: spanS * 1000 + graceMs },
    importer: isStuck ? "go-goroutines" : "pprof",
    ...(isLive ? { levels: "Live heap" } : {}),
    spanMs: isSnapshot ? 0 : spanS * 1000,
    pauseMs: isSnapshot ? spanS * 1000 : 0,
  };
  return {
    source: { type: "chunks", begin: [], chunk: () => chunk, finish: [], overlapMs: 0 },
    launch: null,
    importer: "chunks",
    rawExtension: "chunks",
    stackMethod: "go",
    periodNs: kind === "profile" ? 1e7 : -1,
    commands: [`GET ${url} (again and again)`],
    remarks: remarksOf(kind, spanS),
    readStderr: () => null,
  };
}

function remarksOf(kind: string, spanS: number): readonly string[] {
  switch (kind) {
    case "profile":
      return [
        `Taken in pieces of ${spanS} s: between two of them a few milliseconds are not sampled. In a piece Go gives sums, not times: the timeline shows each at moments of its piece.`,
      ];
    case "heap":
      return [
        "Shows how the heap changed while it was recorded, as of the last collections: freed memory counts down, and what was there before does not show. For all of it, save /debug/pprof/heap?gc=1 and open the file.",
      ];
    case "live":
      return [
        "The program collects its garbage for each snapshot, which costs it as much as a collection of its own. Go samples one allocation every 512 KiB: small sites are estimates.",
      ];
    case "goroutine":
      return ["A snapshot each time: one sample is one goroutine at one moment."];
    case "stuck":
      return [
        "Each snapshot stops the program while all stacks are written, which takes longer the more goroutines it has. Go tells for how many minutes each has waited, and not who holds a lock.",
      ];
    case "mutex":
    case "block":
      return [
        `The program decides how much of this it counts: runtime.Set${kind === "mutex" ? "MutexProfileFraction" : "BlockProfileRate"}; without it there is nothing.`,
      ];
    default:
      return [];
  }
}

export const goPprof: Profiler = {
  id: "go-pprof",
  title,
  summary:
    "Asks a Go program's net/http/pprof endpoint again and again: CPU, allocations, locks, waiting, goroutines.",
  cost: "About 0.1 % for CPU profiles at 100 Hz; a heap snapshot costs a garbage collection.",
  kinds: ["cpu", "alloc", "heap", "locks", "offcpu"],
  answers: { locks: { profile: "mutex" }, waiting: { profile: "block" } },
  targets,
  options: [
    {
      id: "profile",
      title: "Profile",
      help: "What the program is asked for.",
      type: "choice",
      default: "profile",
      choices: kinds,
    },
    {
      id: "update",
      title: "Update",
      help: "How long a piece is; longer ones leave out less between them, and show later. The last one is waited for.",
      type: "number",
      default: 1,
      min: 1,
      max: 5,
      unit: "s",
    },
  ],
  suits(target, facts) {
    if (target.runtime !== "go" || facts === null) return null;
    if (facts.listens.length === 0) return { score: 5, reason: noEndpoint };
    return {
      score: 92,
      reason: "the program's own profiler: names every Go function, at 100 samples a second",
    };
  },
  suitsLaunch: () => null,
  detect: async () => ({ path: "", version: "built into Go programs", features: [] }),
  preflight,
  plan,
};
