import type { ImportServices } from "../importer.ts";
import type { AddressSpaces } from "./perf-data-maps.ts";
import type { VariableNames } from "./perf-spans.ts";

/** Names of variables, such as locks, by what the records say of where files were mapped. */
export class PerfDataVariables implements VariableNames {
  readonly #symbols: ImportServices["symbols"];
  readonly #spaces: AddressSpaces;

  constructor(symbols: ImportServices["symbols"], spaces: AddressSpaces) {
    this.#symbols = symbols;
    this.#spaces = spaces;
  }

  variable(pid: number, text: string): string {
    const address = Number(text);
    for (const region of this.#spaces.at(pid, Number.MAX_VALUE)?.regions ?? []) {
      if (!region.path.startsWith("/")) continue;
      const table = this.#symbols?.tableOf({ path: region.path, buildId: region.buildId, pid });
      const { fileOffset } = region;
      const sizeBytes = (region.lastPage - region.firstPage) * 4096;
      // Where the code lies tells where the rest does: a file is mapped as a whole.
      const code = table?.segments.find(
        (segment) =>
          fileOffset <= segment.offset + segment.sizeBytes && fileOffset + sizeBytes >= segment.offset,
      );
      if (!table?.variable || !code) continue;
      const start = region.startHigh * 2 ** 32 + region.startLow;
      const at = address - (start - fileOffset) - code.offset + code.address;
      const name = at < 0 ? null : table.variable(Math.floor(at / 2 ** 32), at % 2 ** 32);
      if (name !== null) return name;
    }
    return "";
  }
}
