import type { Transform } from "#core/model/transform.ts";

/** What is said of a transform, wherever it is: on its chip, in menus, in the dialog. */
export interface TransformWords {
  /** In front of its subject, on the chip. */
  readonly chip: string;
  /** In a list to choose from. */
  readonly title: string;
  /** What it does. */
  readonly about: string;
}

export const transformWords: Readonly<Record<Transform["type"], TransformWords>> = {
  focus: {
    chip: "only with",
    title: "Focus: only samples with it",
    about: "Keeps samples that have a matching function anywhere on the stack.",
  },
  ignore: {
    chip: "without",
    title: "Ignore: no samples with it",
    about: "Drops samples that have a matching function anywhere on the stack.",
  },
  hide: {
    chip: "hidden",
    title: "Hide: its time goes to the caller",
    about: "Takes matching functions out of the stacks; their time goes to the caller.",
  },
  show: {
    chip: "only frames",
    title: "Show: no other functions",
    about: "Leaves only matching functions in the stacks.",
  },
  "show-from": {
    chip: "from",
    title: "Show from: cut its callers",
    about: "Cuts what calls the outermost match; samples without one are dropped.",
  },
  "prune-from": {
    chip: "down to",
    title: "Prune from: cut what it calls",
    about: "Cuts what the innermost match calls; its time becomes the match's own.",
  },
  tagfocus: {
    chip: "only labelled",
    title: "Only samples with a label",
    about: "Keeps samples with such a label: REGEX, KEY=REGEX, KEY=128kb:1mb, KEY=:100ms.",
  },
  tagignore: {
    chip: "not labelled",
    title: "No samples with a label",
    about: "Drops samples with such a label: REGEX, KEY=REGEX, KEY=128kb:1mb, KEY=:100ms.",
  },
  "focus-function": {
    chip: "only under",
    title: "Only what it calls: it becomes the root",
    about: "Shows only what was called by this function, which becomes the root.",
  },
  "focus-subtree": {
    chip: "only under",
    title: "Only this call: it becomes the root",
    about: "Shows only what is at or below one call, which becomes the root.",
  },
  "merge-function": {
    chip: "merged",
    title: "Merge into its callers",
    about: "Takes one function out of the stacks; its time goes to the caller.",
  },
  "merge-node": {
    chip: "merged call",
    title: "Merge this call alone into its caller",
    about: "Takes one call out; what it calls goes to its caller.",
  },
  "drop-function": {
    chip: "without",
    title: "Drop samples with exactly it",
    about: "Drops samples that have this function anywhere on the stack.",
  },
  "collapse-function": {
    chip: "collapsed",
    title: "Collapse: what it calls becomes its own",
    about: "What this function calls becomes its own time.",
  },
  "collapse-direct-recursion": {
    chip: "direct recursion collapsed",
    title: "Collapse its direct recursion",
    about: "Of a function that calls itself at once, only the outermost call is kept.",
  },
  "collapse-recursion": {
    chip: "recursion collapsed",
    title: "Collapse its recursion",
    about: "Of a function that calls itself, by way of others too, only the outermost call is kept.",
  },
  "collapse-module": {
    chip: "binary collapsed",
    title: "Collapse its binary or file to one frame",
    about: "Adjacent functions of one binary (or one file, where there is no binary) become one frame.",
  },
  invert: { chip: "inverted", title: "Invert", about: "Shows the stacks the other way up." },
};
