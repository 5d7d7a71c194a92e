import * as v from "valibot";
import { type CompareTable, compareModes, compareQuerySchema } from "#core/model/compare.ts";
import { lookSchema } from "#core/model/look.ts";
import { call, defineContract, stream } from "#core/rpc/define.ts";

/** What passes between the engine and the thread that joins profiles. Both are of one build: there is no version here. */

/** Where one comparison lives in the thread. */
const key = v.object({ key: v.string() });

export const compareContract = defineContract({
  calls: {
    /** `turned`: from what burns to its callers. */
    begin: call<null>()(
      v.object({
        key: v.string(),
        by: v.picklist(compareModes),
        confidence: v.number(),
        turned: v.boolean(),
      }),
    ),
    /** One run; `tree` is a WeighedTree as the codec writes it. */
    add: call<null>()(
      v.object({
        key: v.string(),
        side: v.picklist(["before", "after"]),
        tree: v.custom<Uint8Array>((bytes) => bytes instanceof Uint8Array),
        profileId: v.string(),
        title: v.string(),
      }),
    ),
    /** From here on it is asked. */
    finish: call<null>()(key),
    drop: call<null>()(key),
    look: call<null>()(lookSchema),
    /** null where it is not there (any more): then it is to be joined again. */
    answer: call<{ table: CompareTable } | null>()(v.object({ key: v.string(), query: compareQuerySchema })),
  },
  streams: {
    export: stream<Uint8Array>("lossless")(
      v.object({
        key: v.string(),
        /** Where it lives upside down; null where nobody asks for that. */
        turnedKey: v.nullable(v.string()),
        /** Flame graphs are upside down where they do not say otherwise. */
        turned: v.boolean(),
        exporter: v.string(),
        title: v.string(),
        notes: v.string(),
        panels: v.nullable(v.array(v.string())),
      }),
    ),
  },
});
export type CompareContract = typeof compareContract;
