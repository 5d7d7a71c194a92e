import type { SymbolTable } from "#core/importers/importer.ts";

const MOST_NAMED = 4;

/** Tables of names that servers are asked for while something is recorded. */
export interface LateTables {
  /** What is known now; once what lacks was fetched, what `open` gives then. */
  table<Lack>(
    path: string,
    open: () => SymbolTable | null,
    lack: Lack | null,
    fetch: (lack: Lack) => Promise<boolean>,
  ): SymbolTable | null;
  notes(): readonly string[];
}

/** Revisions of a table's own reading stay below. */
const ARRIVED = 2 ** 32;

export function createLateTables(most: number): LateTables {
  /** One file at a time, in the order in which samples hit them: servers are other people's. */
  let queue: Promise<void> = Promise.resolve();
  const asked: { readonly path: string; state: "coming" | "came" | "nowhere" }[] = [];
  const named = (state: "coming" | "came"): string => {
    const paths = asked.filter((each) => each.state === state).map(({ path }) => path);
    const more = paths.length - MOST_NAMED;
    return paths.slice(0, MOST_NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
  };
  return {
    table: (path, open, lack, fetch) => {
      let table = open();
      if (lack === null || asked.length >= most) return table;
      const file: (typeof asked)[number] = { path, state: "coming" };
      asked.push(file);
      queue = queue.then(async () => {
        const isHere = await fetch(lack);
        if (isHere) table = open();
        file.state = isHere ? "came" : "nowhere";
      });
      return {
        get segments() {
          return table?.segments ?? [];
        },
        get isLate() {
          return file.state === "coming";
        },
        refresh: () => (file.state === "came" ? ARRIVED : 0) + (table?.refresh?.() ?? 0),
        find: (high, low) => table?.find(high, low) ?? null,
        places: (high, low) => (table?.places ? table.places(high, low) : []),
        variable: (high, low) => table?.variable?.(high, low) ?? null,
      };
    },
    notes: () => {
      const came = named("came");
      const coming = named("coming");
      const notes: string[] = [];
      if (came !== "")
        notes.push(
          `Names of ${came} came from a debuginfod server while it was recorded: the first samples lack them. ${AGAIN}`,
        );
      if (coming !== "")
        notes.push(
          `Names of ${coming} were still on their way from a debuginfod server when the recording ended. ${AGAIN}`,
        );
      return notes;
    },
  };
}

const AGAIN = "They are there when what the profiler wrote is opened again.";
