import { execa } from "execa";
import { fail, ok, type Result } from "#core/base/result.ts";
import {
  type Assembly,
  addressAt,
  type CodeRange,
  type Disassembly,
  type KnownPlace,
  loadBias,
  parseObjdump,
  placeCosts,
} from "#core/model/assembly.ts";
import type { AddressColumns, SourceTable } from "#core/model/tables.ts";
import type { Host } from "#core/profilers/profiler.ts";
import { demangle } from "../symbols/demangle.ts";
import type { CodeFile } from "../symbols/index.ts";

/** A function that is longer is not read instruction by instruction. */
const MAX_CODE_BYTES = 1 << 20;
const MAX_OUTPUT_BYTES = 64 << 20;
const TIME_LIMIT_MS = 30_000;
const KEPT = 8;

export interface Disassembler {
  /** The instructions of the function of a table, with what each cost. */
  assembly(table: SourceTable, signal: AbortSignal): Promise<Result<Assembly>>;
}

/** Runs objdump on one function at a time. What it said is kept while the person looks at it. */
export function createDisassembler(
  host: Pick<Host, "findTool">,
  codeOf: (
    binary: { readonly path: string; readonly buildId: string },
    signal: AbortSignal,
  ) => Promise<CodeFile | null>,
): Disassembler {
  const known = new Map<string, Promise<Result<Disassembly>>>();
  const names = new Map<string, NamedCode>();

  const namesOf = (code: CodeFile): NamedCode => {
    const key = `${code.path} ${code.buildId}`;
    const named = names.get(key) ?? new NamedCode(code);
    names.delete(key);
    names.set(key, named);
    for (const oldest of names.keys()) if (names.size > KEPT) names.delete(oldest);
    return named;
  };

  const disassembled = (argv: readonly string[], signal: AbortSignal): Promise<Result<Disassembly>> => {
    const key = JSON.stringify(argv);
    const running = known.get(key) ?? run(argv, signal);
    known.delete(key);
    known.set(key, running);
    void running.then((result) => {
      if (!result.ok) known.delete(key);
    });
    for (const oldest of known.keys()) if (known.size > KEPT) known.delete(oldest);
    return running;
  };

  return {
    assembly: async (table, signal) => {
      const { addresses, binary, buildId, landmarks } = table;
      const refused = refusal(table);
      if (refused) return refused;
      const objdump = await host.findTool("objdump");
      if (objdump === null)
        return fail(
          "tool-missing",
          "objdump, which reads machine code, is not on this machine.",
          "Install binutils: sudo apt install binutils.",
        );
      const code = await codeOf({ path: binary, buildId }, signal);
      if (!code)
        return fail(
          "no-code",
          buildId === ""
            ? `${binary} is not on this machine.`
            : `No file on this machine is the ${binary} that was recorded (build id ${buildId}).`,
          "Put it where it was, or its folder into Settings, Symbol paths.",
        );
      const named = namesOf(code);
      const candidates = named.ranges(table.function);
      const range = bestOf(candidates, addresses);
      if (!range)
        return fail(
          "no-symbol",
          `${code.path} has no symbol ${table.function}.`,
          "It was stripped, or the function has another name there: install its debug symbols.",
        );
      if (range.sizeBytes > MAX_CODE_BYTES)
        return fail(
          "function-too-long",
          `The function has ${Math.round(range.sizeBytes / 1024)} KiB of code.`,
          "Read its source by line instead.",
        );
      const argv = [
        objdump,
        "--disassemble",
        "--demangle",
        "--line-numbers",
        "--no-show-raw-insn",
        `--start-address=0x${range.start.toString(16)}`,
        `--stop-address=0x${(range.start + range.sizeBytes).toString(16)}`,
        code.path,
      ];
      const listing = await disassembled(argv, signal);
      if (!listing.ok) return listing;
      const bias = loadBias([
        ...placesOf(addresses, () => range),
        ...placesOf(landmarks, (at) => named.only(landmarks.name[at] ?? "")),
      ]);
      return ok({
        ...listing.value,
        ...placeCosts(listing.value.instructions, range, bias, addresses),
        path: code.path,
        command: argv,
        notes: notesOf(table, code),
      });
    },
  };
}

function refusal({ function: name, kind, binary, addresses }: SourceTable): Result<never> | null {
  if (name === "")
    return fail("no-such-function", "The profile has no such function.", "Choose one from the table.");
  if (kind === KERNEL)
    return fail("no-code", "The kernel's code is not disassembled.", "Read the kernel's source instead.");
  if (binary === "" || binary.startsWith("["))
    return fail(
      "no-code",
      "The profile does not say in which file this function's code is.",
      "Code that was made while the program ran has none; native code recorded with perf has.",
    );
  if (addresses.length === 0)
    return fail(
      "no-addresses",
      "The profile has no addresses of this function.",
      "Where it was inlined into its callers, its instructions are among theirs.",
    );
  return null;
}

/** Index in functionKinds. */
const KERNEL = 1;

/** Functions of a file by name, as a profile may write them. */
class NamedCode {
  readonly #code: CodeFile;
  #names: ReadonlyMap<string, readonly number[]> | null = null;

  constructor(code: CodeFile) {
    this.#code = code;
  }

  ranges(name: string): readonly CodeRange[] {
    const names = this.#known();
    const rows = names.get(name) ?? names.get(withoutParameters(name)) ?? [];
    return rows.map((row) => this.#range(row)).filter(({ sizeBytes }) => sizeBytes > 0);
  }

  /** null where there is none, or which one it is cannot be told. */
  only(name: string): CodeRange | null {
    const [range, ...others] = this.ranges(name);
    return range && others.length === 0 ? range : null;
  }

  #range(row: number): CodeRange {
    const { symbols } = this.#code;
    return {
      start: (symbols.highs[row] ?? 0) * 2 ** 32 + (symbols.lows[row] ?? 0),
      sizeBytes: symbols.sizeOf(row),
    };
  }

  #known(): ReadonlyMap<string, readonly number[]> {
    if (this.#names) return this.#names;
    const { symbols } = this.#code;
    const raw = Array.from({ length: symbols.length }, (_, row) => symbols.name(row));
    const plain = demangle(raw).names;
    const names = new Map<string, number[]>();
    const add = (name: string, row: number): void => {
      const rows = names.get(name);
      if (!rows) names.set(name, [row]);
      else if (!rows.includes(row)) rows.push(row);
    };
    for (const [row, name] of raw.entries()) {
      // Versions of symbols ("read@@GLIBC_2.2.5") are no part of their names.
      add(name.replace(/@.*$/s, ""), row);
      add(plain[row] ?? name, row);
    }
    this.#names = names;
    return names;
  }
}

/** "a::b(int) const" is a::b. Parentheses of "(anonymous namespace)" and of "operator()" are no parameters. */
function withoutParameters(name: string): string {
  const end = /\)(?: const| volatile| &{1,2}| noexcept)*$/.exec(name);
  if (!end) return name;
  let depth = 0;
  for (let at = end.index; at >= 0; at--) {
    const char = name.charAt(at);
    if (char === ")") depth++;
    else if (char === "(") depth--;
    if (depth === 0) return at > 0 ? name.slice(0, at) : name;
  }
  return name;
}

/** Of several functions of one name, the one that most addresses fit into: within a page they are where they were. */
function bestOf(ranges: readonly CodeRange[], addresses: AddressColumns): CodeRange | null {
  let best: CodeRange | null = null;
  let most = -1;
  for (const range of ranges) {
    let fits = 0;
    for (let at = 0; at < addresses.length; at++) {
      const into = (((addressAt(addresses, at) - range.start) % 4096) + 4096) % 4096;
      if (into < range.sizeBytes) fits++;
    }
    if (fits > most) {
      best = range;
      most = fits;
    }
  }
  return best;
}

const placesOf = (addresses: AddressColumns, of: (at: number) => CodeRange | null): KnownPlace[] =>
  Array.from({ length: addresses.length }, (_, at) => ({ at, range: of(at) })).flatMap(({ at, range }) =>
    range ? [{ ...range, address: addressAt(addresses, at) }] : [],
  );

const notesOf = ({ buildId }: SourceTable, code: CodeFile): readonly string[] =>
  buildId === ""
    ? [
        `The profile does not say which build of ${code.path} was recorded: where the file has changed since, costs stand at the wrong instructions.`,
      ]
    : [];

async function run(argv: readonly string[], signal: AbortSignal): Promise<Result<Disassembly>> {
  const [program = "", ...args] = argv;
  const ran = await execa(program, args, {
    reject: false,
    stdin: "ignore",
    timeout: TIME_LIMIT_MS,
    maxBuffer: MAX_OUTPUT_BYTES,
    cancelSignal: signal,
    env: { LC_ALL: "C", DEBUGINFOD_URLS: "" },
  });
  if (ran.isCanceled) return fail("cancelled", "The work was cancelled.", "Start it again when you need it.");
  if (ran.timedOut)
    return fail(
      "tool-timeout",
      `objdump took longer than ${TIME_LIMIT_MS / 1000} seconds.`,
      "Debug information of large programs takes it long: try again when the machine is idle.",
    );
  const listing = ran.failed ? null : parseObjdump(ran.stdout);
  if (listing && listing.instructions.length > 0) return ok(listing);
  return fail(
    "tool-failed",
    "objdump could not disassemble the function.",
    "Its own words are below.",
    ran.stderr.slice(0, 2000),
  );
}
