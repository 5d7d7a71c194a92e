import * as v from "valibot";
import type { Problem } from "../base/result.ts";

/** What goes over a Port. `id` is chosen by the client and never reused on a connection. */
const problemSchema = v.object({
  code: v.string(),
  message: v.string(),
  fix: v.string(),
  detail: v.optional(v.string()),
});

export const clientMessageSchema = v.variant("t", [
  v.object({ t: v.literal("call"), id: v.number(), method: v.string(), params: v.unknown() }),
  v.object({
    t: v.literal("open"),
    id: v.number(),
    stream: v.string(),
    params: v.unknown(),
    credit: v.number(),
  }),
  /** The reader has consumed so many items. */
  v.object({ t: v.literal("credit"), id: v.number(), count: v.number() }),
  /** Abandons a call or a stream. */
  v.object({ t: v.literal("cancel"), id: v.number() }),
]);
export type ClientMessage = v.InferOutput<typeof clientMessageSchema>;

export const serverMessageSchema = v.variant("t", [
  v.object({ t: v.literal("result"), id: v.number(), value: v.unknown() }),
  v.object({ t: v.literal("item"), id: v.number(), value: v.unknown() }),
  v.object({ t: v.literal("end"), id: v.number() }),
  v.object({ t: v.literal("problem"), id: v.number(), problem: problemSchema }),
]);
export type ServerMessage =
  | { t: "result"; id: number; value: unknown }
  | { t: "item"; id: number; value: unknown }
  | { t: "end"; id: number }
  | { t: "problem"; id: number; problem: Problem };
