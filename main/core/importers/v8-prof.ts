import { textOf } from "../bytes/ascii.ts";
import { JsonTokenizer } from "../bytes/json.ts";
import { JsonElements } from "../bytes/json-elements.ts";
import { type JsonValue, jsonArray, jsonNumber, jsonObject } from "../bytes/json-value.ts";
import { NONE, type ProfileBuilder } from "../model/builder.ts";
import { float64, int32 } from "../model/growable.ts";
import { RowInterner } from "../model/row-interner.ts";
import type { ImportContext, StreamImporter, StreamParser } from "./importer.ts";
import { V8ProfCode } from "./shared/v8-prof-code.ts";

/**
 * Logs of V8's sampling profiler (`node --prof`) after `node --prof-process --preprocess`: code, functions and scripts
 * by number, and ticks of which each is a list of code and offsets, the innermost first.
 * https://github.com/v8/v8/blob/main/tools/profile.mjs (JsonProfile)
 */
export const v8Prof: StreamImporter = {
  id: "v8-prof",
  title: "V8 --prof log, preprocessed",
  extensions: ["json"],
  order: 107,
  kind: "stream",
  sniff: (head) => /^\ufeff?\s*\{\s*"code"\s*:\s*\[\s*\{\s*"name"\s*:/.test(textOf(head.subarray(0, 512))),
  open: (out, context) => new V8ProfParser(out, context),
};

/** What V8 was doing: StateTag of https://github.com/v8/v8/blob/main/include/v8-unwinder.h and src/common/globals.h. */
const states = [
  "JavaScript",
  "garbage collector",
  "parser",
  "bytecode compiler",
  "compiler",
  "other",
  "external",
  "waiting for an atomic",
  "idle",
  "logging",
];

const MAX_VALUES = 60e6;

class V8ProfParser implements StreamParser {
  readonly #out: ProfileBuilder;
  readonly #context: ImportContext;
  readonly #elements: JsonElements;
  readonly #tokens: JsonTokenizer;
  /** Ticks as they come: the code they name may come after them. Rows are caller, code and offset. */
  readonly #entries = new RowInterner(4);
  readonly #caller = int32();
  readonly #code = int32();
  readonly #offset = float64();
  readonly #isCaller = int32();
  readonly #timeUs = float64();
  readonly #state = int32();
  readonly #entry = int32();
  #unread = 0;
  #tooDeep = 0;

  constructor(out: ProfileBuilder, context: ImportContext) {
    this.#out = out;
    this.#context = context;
    this.#elements = new JsonElements("ticks", MAX_VALUES, (value) => this.#tick(value));
    this.#tokens = new JsonTokenizer(this.#elements);
    out.meta({ format: v8Prof.id, tool: "V8", stackMethod: "v8" });
  }

  push(chunk: Uint8Array): void {
    this.#tokens.push(chunk);
  }

  end(): void {
    const out = this.#out;
    this.#tokens.end();
    const { fault } = this.#tokens;
    if (fault !== null) out.note(`The file is damaged; what comes before the damage was read: ${fault}.`);
    if (this.#elements.isCut) out.note(`Only the first ${MAX_VALUES} values beside the ticks were read.`);
    const code = new V8ProfCode(out, jsonObject(this.#elements.rest));
    const stacks = this.#stacks(code);
    const series = out.series({
      id: "ticks",
      name: "Ticks",
      kind: "cpu",
      timed: true,
      values: [{ name: "ticks", unit: "samples", counted: true }],
    });
    const [stateKey, codeKey] = [out.string("state"), out.string("code")];
    for (let i = 0; i < this.#timeUs.length; i++) {
      const entry = this.#entry.at(i);
      const state = this.#state.at(i);
      const tier = entry === NONE ? "" : code.tier(this.#code.at(entry));
      const labels = out.labelSet([
        { key: stateKey, text: out.string(states[state] ?? `state ${state}`) },
        ...(tier === "" ? [] : [{ key: codeKey, text: out.string(tier) }]),
      ]);
      const stack = entry === NONE ? NONE : (stacks[entry] as number);
      series.add(out.seen(Math.max(0, this.#timeUs.at(i)) * 1000), NONE, stack, 1, 0, labels);
    }
    if (this.#unread > 0) out.note(`${this.#unread} ticks could not be read.`);
    if (this.#tooDeep > 0)
      out.note(
        `${this.#tooDeep} stacks were deeper than ${this.#context.limits.maxStackDepth} and were cut.`,
      );
  }

  #tick(value: JsonValue): void {
    const { tm, vm, s } = jsonObject(value);
    const timeUs = jsonNumber(tm);
    if (Number.isNaN(timeUs)) {
      this.#unread++;
      return;
    }
    if (this.#timeUs.length >= this.#context.limits.maxSamples) {
      this.#out.note(`Only the first ${this.#timeUs.length} samples were read.`);
      return;
    }
    const pairs = jsonArray(s);
    let length = pairs.length >> 1;
    if (length > this.#context.limits.maxStackDepth) {
      length = this.#context.limits.maxStackDepth;
      this.#tooDeep++;
    }
    let entry = NONE;
    for (let i = length - 1; i >= 0; i--)
      entry = this.#intern(entry, jsonNumber(pairs[2 * i], NONE), jsonNumber(pairs[2 * i + 1], 0), i > 0);
    this.#timeUs.push(timeUs);
    this.#state.push(jsonNumber(vm, 0));
    this.#entry.push(entry);
  }

  /** Whether it is a caller is part of it: the same offset is another line for one. */
  #intern(caller: number, code: number, offset: number, isCaller: boolean): number {
    const high = Math.floor(offset / 2 ** 30) * 2 + (isCaller ? 1 : 0);
    const entry = this.#entries.intern(caller, code, offset % 2 ** 30, high);
    if (entry === this.#caller.length) {
      this.#caller.push(caller);
      this.#code.push(code);
      this.#offset.push(offset);
      this.#isCaller.push(isCaller ? 1 : 0);
    }
    return entry;
  }

  #stacks(code: V8ProfCode): Int32Array {
    const stacks = new Int32Array(this.#caller.length);
    for (let entry = 0; entry < stacks.length; entry++) {
      const caller = this.#caller.at(entry);
      const prefix = caller === NONE ? NONE : (stacks[caller] as number);
      stacks[entry] = code.stack(
        prefix,
        this.#code.at(entry),
        this.#offset.at(entry),
        this.#isCaller.at(entry) === 1,
      );
    }
    return stacks;
  }
}
