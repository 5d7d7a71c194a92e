import * as v from "valibot";

/**
 * What a selection does to the stacks of a profile, as plain data: a list that is applied in its order, each entry on
 * what those before it left, so that taking an entry away undoes it. Stacks are always root first, whichever way up
 * they are shown.
 *
 * Patterns are JavaScript's regular expressions, unicode-aware, whatever the case. Names are compared as they are.
 * The first eight follow pprof (https://github.com/google/pprof/blob/main/doc/README.md#options), the others the
 * Firefox Profiler (https://profiler.firefox.com/docs/#/./guide-filtering-call-trees).
 */
const where = v.optional(v.picklist(["name", "file", "binary", "any", "kind"]));
const onFrames = <const T extends string>(type: T) =>
  v.object({
    type: v.literal(type),
    pattern: v.string(),
    /**
     * What of a function is tested: its name where this is left out; "any" is name, file or binary, as pprof has it;
     * "kind" is what it is, as functionKinds say it.
     */
    where,
  });
const onFunction = <const T extends string>(type: T) =>
  v.object({ type: v.literal(type), function: v.string() });
const onPattern = <const T extends string>(type: T) =>
  v.object({ type: v.literal(type), pattern: v.string() });

export const transformSchema = v.variant("type", [
  /** Keep samples that have a matching function anywhere on the stack. */
  onFrames("focus"),
  /** Drop samples that have a matching function anywhere on the stack. */
  onFrames("ignore"),
  /** Remove matching functions from stacks; their weight goes to the caller. */
  onFrames("hide"),
  /** Keep only matching functions in stacks. */
  onFrames("show"),
  /** Cut what is above (calls) the outermost match; drop samples without one. */
  onFrames("show-from"),
  /** Cut what is below (called by) the innermost match. */
  onFrames("prune-from"),
  /** Keep samples with a matching label: "text", "key=text", "128kb:1mb", "key=:100ms", "text,text" for both. */
  onPattern("tagfocus"),
  /** Drop samples with a matching label. */
  onPattern("tagignore"),
  /** Only what was called by this function, which becomes the root. */
  onFunction("focus-function"),
  /** Only what is at or below a call node, which becomes the root. */
  v.object({
    type: v.literal("focus-subtree"),
    /** Names from the root on; with `inverted`, from the innermost function on, as in the bottom-up tree. */
    path: v.pipe(v.array(v.string()), v.minLength(1)),
    inverted: v.optional(v.boolean()),
  }),
  /** Remove a function from stacks; its weight goes to the caller. */
  onFunction("merge-function"),
  /** Remove one call node; what it calls goes to its caller. */
  v.object({ type: v.literal("merge-node"), path: v.pipe(v.array(v.string()), v.minLength(1)) }),
  /** Drop samples that have the function anywhere on the stack. */
  onFunction("drop-function"),
  /** What a function calls becomes its own weight. */
  onFunction("collapse-function"),
  /** Of a function that calls itself at once, keep the outermost call. "" is every function. */
  onPattern("collapse-direct-recursion"),
  /** The same with others in between, which go too. */
  onPattern("collapse-recursion"),
  /** Adjacent frames of one binary (or of one file, where there is no binary) become one of its name. "" is every one. */
  onPattern("collapse-module"),
  /** Show the other way up. */
  v.object({ type: v.literal("invert") }),
]);
export type Transform = v.InferOutput<typeof transformSchema>;
export type TransformWhere = NonNullable<v.InferOutput<typeof where>>;

/** What a transform is about, in short: its pattern, its function, its path. */
export function transformSubject(transform: Transform): string {
  if ("pattern" in transform) {
    const { pattern } = transform;
    return "where" in transform && transform.where && transform.where !== "name"
      ? `${transform.where}:${pattern}`
      : pattern;
  }
  if ("function" in transform) return transform.function;
  return "path" in transform ? transform.path.join(" > ") : "";
}

export const isSameTransform = (a: Transform, b: Transform): boolean => canonical(a) === canonical(b);
const canonical = (transform: Transform): string =>
  JSON.stringify(
    Object.entries(transform)
      .filter(([, value]) => value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Which way up a view is: its own choice, turned by every "invert". */
export const isInverted = (own: boolean, transforms: readonly Transform[]): boolean =>
  transforms.reduce((up, { type }) => (type === "invert" ? !up : up), own);
