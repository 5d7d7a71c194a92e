import type { Problem } from "../../base/result.ts";
import type { LaunchTarget, RecordRequest } from "../../model/recording.ts";
import type { Detection, Host } from "../profiler.ts";

/** The command with variables of its own: the shell that holds it must not have them. */
export function withEnvironment(
  request: RecordRequest,
  variables: Readonly<Record<string, string>>,
): LaunchTarget {
  const target: LaunchTarget =
    request.target.kind === "launch" ? request.target : { kind: "launch", argv: [""], cwd: "", env: {} };
  const words = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return { ...target, argv: ["env", ...words, ...target.argv] };
}

/** The library in front of what is preloaded already; none for "". */
export function preloading(request: RecordRequest, library: string): Readonly<Record<string, string>> {
  if (library === "") return {};
  const own = request.target.kind === "launch" ? (request.target.env.LD_PRELOAD ?? "") : "";
  return { LD_PRELOAD: [library, own].filter(Boolean).join(":") };
}

/** Path of the newest library of a name, as the dynamic linker knows it; "" where there is none. */
export async function findLibrary(host: Host, name: RegExp): Promise<string> {
  const ldconfig = (await host.findTool("ldconfig")) ?? "/sbin/ldconfig";
  const listed = await host.probe([ldconfig, "-p"]);
  const lines = (listed?.stdout ?? "").split("\n").flatMap((line) => {
    const [, own = "", path = ""] = /^\s*(\S+) \(libc6[^)]*\) => (\S+)/.exec(line) ?? [];
    return name.test(own) ? [path] : [];
  });
  return lines[0] ?? "";
}

const libraryFeature = "library=";
export const libraryOf = ({ features }: Detection): string =>
  features.find((each) => each.startsWith(libraryFeature))?.slice(libraryFeature.length) ?? "";
export const libraryFound = (path: string): readonly string[] =>
  path === "" ? [] : [`${libraryFeature}${path}`];

export async function detectLibrary(
  host: Host,
  name: RegExp,
  missing: Problem,
): Promise<Detection | Problem> {
  const path = await findLibrary(host, name);
  return path === "" ? missing : { path, version: "", features: libraryFound(path) };
}
