import { ProblemError, problemOf, type Result } from "#core/base/result.ts";
import type { SourceText } from "#core/contract.ts";
import { type Assembly, fileOfAssembly } from "#core/model/assembly.ts";
import type { SourceQuery } from "#core/model/query.ts";
import { mappedPaths, type Settings } from "#core/model/settings.ts";
import type { InfoTable, SourceTable } from "#core/model/tables.ts";
import type { Host } from "#core/profilers/profiler.ts";
import type { ProfileHandle } from "../profile-handle.ts";
import { fetchDebugFile } from "../symbols/debuginfod.ts";
import { findCode } from "../symbols/index.ts";
import { symbolEnvironment, symbolPlaces } from "../symbols/places.ts";
import { createDisassembler } from "./disassemble.ts";
import { editorArguments, startEditor } from "./editor.ts";
import { readText } from "./read-text.ts";

type Asked = Pick<ProfileHandle, "answer">;

export interface Sources {
  /** The text of a function's file, where the profile, or the debug information of its code, names it. */
  text(profile: Asked, query: SourceQuery, signal: AbortSignal): Promise<SourceText>;
  assembly(profile: Asked, query: SourceQuery, signal: AbortSignal): Promise<Assembly>;
  openInEditor(profile: Asked, query: SourceQuery, line: number, signal: AbortSignal): Promise<void>;
}

export function createSources(
  host: Pick<Host, "findTool">,
  settings: { read(): Promise<Settings> },
): Sources {
  const disassembler = createDisassembler(host, async (binary, signal) => {
    const at = symbolPlaces({ ...process.env, ...symbolEnvironment(await settings.read()) });
    const here = findCode(binary, at);
    if (here) return here;
    await fetchDebugFile(binary.buildId, "executable", at, signal);
    await fetchDebugFile(binary.buildId, "debuginfo", at, signal);
    return findCode(binary, at);
  });

  const tableOf = async (profile: Asked, query: SourceQuery): Promise<SourceTable> => {
    const { table } = await profile.answer(query);
    if (table.view !== "source") throw new RangeError("a source query is answered by a source table");
    return table;
  };

  /** Only what is named is read: a page, or whoever speaks for one, cannot ask for any other file. */
  const namedFile = async (profile: Asked, query: SourceQuery, signal: AbortSignal): Promise<string> => {
    const table = await tableOf(profile, query);
    if (table.file !== "" && (query.file === "" || table.file === query.file)) return table.file;
    const assembly = await disassembler.assembly(table, signal);
    const files = assembly.ok ? assembly.value.files : [];
    const file = query.file === "" && assembly.ok ? fileOfAssembly(assembly.value) : query.file;
    if (file !== "" && files.includes(file)) return file;
    throw new ProblemError(
      problemOf(
        "no-source-file",
        query.file === ""
          ? `The profile does not say which file ${query.function} is in.`
          : `Neither the profile nor its debug information names ${query.file} for ${query.function}.`,
        "Record with debug information (-g), or with a profiler that says files and lines.",
      ),
    );
  };

  const text = async (profile: Asked, query: SourceQuery, signal: AbortSignal): Promise<SourceText> => {
    const file = await namedFile(profile, query, signal);
    const tried: { path: string; why: string }[] = [];
    for (const path of mappedPaths(file, (await settings.read()).sourceMaps)) {
      const read = await readText(path);
      if (read.text !== null)
        return {
          file,
          path: read.path,
          text: read.text,
          tried,
          isNewer: await changedSince(profile, read.modifiedAtMs),
        };
      tried.push({ path: read.path, why: read.why });
    }
    return { file, path: "", text: null, tried, isNewer: false };
  };

  return {
    text,
    assembly: async (profile, query, signal) =>
      unwrapped(await disassembler.assembly(await tableOf(profile, query), signal)),
    openInEditor: async (profile, query, line, signal) => {
      const { editor } = await settings.read();
      const found = await text(profile, query, signal);
      if (found.path === "")
        throw new ProblemError(
          problemOf(
            "no-source-text",
            `${found.file} is not on this machine.`,
            "Say where it is under Settings, Source folders.",
          ),
        );
      unwrapped(await startEditor(unwrapped(editorArguments(editor, found.path, line))));
    },
  };
}

function unwrapped<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new ProblemError(result.problem);
}

/** The file was written after the recording: its lines may not be those that ran. */
async function changedSince(profile: Asked, modifiedAtMs: number): Promise<boolean> {
  const { table } = await profile.answer({ view: "info" });
  const { startedAtMs } = table as InfoTable;
  return startedAtMs > 0 && modifiedAtMs > startedAtMs;
}
