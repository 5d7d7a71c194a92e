import type { JoinedTree } from "./joined-tree.ts";

/**
 * Collapsed stacks with two columns, before and after: what difffolded.pl writes and flamegraph.pl draws in red and blue.
 * https://github.com/brendangregg/FlameGraph/blob/master/difffolded.pl
 */
export function* comparedCollapsed(joined: JoinedTree): Iterable<string> {
  const names = joined.strings.map((name) => name.replaceAll(";", ":").replace(/[\r\n\u2028\u2029]+/g, " "));
  const { parent, name, length } = joined;
  const path: string[] = [];
  for (let node = 0; node < length; node++) {
    const before = joined.nodeMean("before", node, "self");
    const after = joined.nodeMean("after", node, "self");
    if (before === 0 && after === 0) continue;
    path.length = 0;
    for (let at = node; at !== -1; at = parent[at]) path.push(names[name[at]] || "[unnamed]");
    // Whole, as all that read the format want it.
    yield `${path.reverse().join(";")} ${Math.round(before)} ${Math.round(after)}\n`;
  }
}
