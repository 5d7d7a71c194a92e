import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import type { Settings } from "#core/model/settings.ts";

/** Where binaries and their debug files may be. */
export interface SymbolPlaces {
  /** perf's own cache: binaries by build id, and kernel symbols. */
  readonly cache: string;
  /** Debug information of the distribution. */
  readonly debug: string;
  /** What debuginfod clients have fetched before, and what is fetched from `servers`. */
  readonly debuginfod: string;
  /** Folders of the person's own: by build id, or as files lie on another machine. */
  readonly paths: readonly string[];
  /** debuginfod servers that may be asked; none unless the person said so. */
  readonly servers: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const PATHS = "FLAMEWRIGHT_SYMBOL_PATHS";
const SERVERS = "FLAMEWRIGHT_DEBUGINFOD_URLS";
const CACHE = "DEBUGINFOD_CACHE_PATH";

export function symbolPlaces(environment: Environment = process.env): SymbolPlaces {
  const home = environment.HOME ?? homedir();
  const listed = (text: string | undefined, by: string): readonly string[] =>
    (text ?? "").split(by).filter((each) => each !== "");
  return {
    cache: join(home, ".debug"),
    debug: "/usr/lib/debug",
    debuginfod: environment[CACHE] ?? join(home, ".cache/debuginfod_client"),
    paths: listed(environment[PATHS], delimiter),
    servers: listed(environment[SERVERS], " "),
  };
}

/** The settings about symbols, as the threads of profiles get them: an environment is all that they are born with. */
export function symbolEnvironment(
  {
    symbolPaths,
    debuginfod,
    debuginfodUrls,
  }: Pick<Settings, "symbolPaths" | "debuginfod" | "debuginfodUrls">,
  own: Environment = process.env,
): Readonly<Record<string, string>> {
  return {
    [PATHS]: symbolPaths.join(delimiter),
    [SERVERS]: debuginfod ? debuginfodUrls.join(" ") : "",
    ...(own.HOME === undefined ? {} : { HOME: own.HOME }),
    ...(own[CACHE] === undefined ? {} : { [CACHE]: own[CACHE] }),
  };
}
