import type { ProfileBuilder } from "../../model/builder.ts";

/** The "# key : value" lines that `perf script --header` puts in front. */
export class PerfMeta {
  readonly #out: ProfileBuilder;

  constructor(out: ProfileBuilder) {
    this.#out = out;
  }

  read(comment: string): void {
    const match = /^#\s*([a-z][a-z ]*?)\s*:\s*(.*?)\s*$/i.exec(comment);
    const value = match?.[2] ?? "";
    if (value === "") return;
    const key = match?.[1];
    if (key === "hostname") this.#out.meta({ host: value });
    else if (key === "os release") this.#out.meta({ kernel: value });
    else if (key === "perf version") this.#out.meta({ toolVersion: value });
    else if (key === "cmdline") this.#out.meta({ command: value, stackMethod: stackMethodOf(value) });
  }
}

/** How `perf record` was told to take stacks; "" where its command line does not say. */
function stackMethodOf(command: string): string {
  const asked = /--call-graph[= ](fp|dwarf|lbr)/.exec(command);
  if (asked) return asked[1] ?? "";
  return /\s(-g|--call-graph|-[a-zA-Z]*g)(\s|$)/.test(command) ? "fp" : "";
}

/** What the shapes of the stacks say about the recording. */
export class StackShapes {
  #stacks = 0;
  #shallow = 0;
  #lost = 0;
  #bare = 0;

  bare(): void {
    this.#bare++;
  }

  stack(depth: number, isLost: boolean): void {
    this.#stacks++;
    if (depth <= 2) this.#shallow++;
    if (isLost) this.#lost++;
  }

  note(out: ProfileBuilder): void {
    if (this.#bare >= 20 && this.#stacks === 0) {
      out.note("The samples have no call stacks: record with -g or --call-graph dwarf to see callers.");
    }
    if (this.#stacks < 20) return;
    if (this.#lost * 10 > this.#stacks * 3) {
      out.note(
        `Stacks are broken: ${percent(this.#lost, this.#stacks)} end in code that is not known. ` +
          "The program was likely built without frame pointers; record with --call-graph dwarf.",
      );
    } else if (this.#shallow * 2 > this.#stacks) {
      out.note(
        `Most stacks are short: ${percent(this.#shallow, this.#stacks)} have one or two frames. ` +
          "If the program is deeper than that, record with --call-graph dwarf.",
      );
    }
  }
}

const percent = (part: number, whole: number): string => `${Math.round((100 * part) / whole)} %`;
