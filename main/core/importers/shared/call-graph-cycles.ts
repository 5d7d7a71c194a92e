/**
 * The strongly connected component of each node (Tarjan, without recursion): two nodes have the same number if each
 * calls the other in the end. `arcs[first[node]]` up to `first[node + 1]` are a node's arcs, `callee` is by arc.
 */
export function cyclesOf(
  nodes: number,
  first: Int32Array,
  arcs: Int32Array,
  callee: ArrayLike<number>,
): Int32Array {
  const component = new Int32Array(nodes).fill(-1);
  const index = new Int32Array(nodes).fill(-1);
  const low = new Int32Array(nodes);
  const next = first.slice(0, nodes);
  const open = new Int32Array(nodes);
  const calls = new Int32Array(nodes);
  let opened = 0;
  let found = 0;
  let components = 0;
  for (let start = 0; start < nodes; start++) {
    if (index[start] !== -1) continue;
    let depth = 0;
    calls[depth++] = start;
    index[start] = low[start] = found++;
    open[opened++] = start;
    while (depth > 0) {
      const node = calls[depth - 1] as number;
      const at = next[node] as number;
      if (at < (first[node + 1] as number)) {
        next[node] = at + 1;
        const other = callee[arcs[at] as number] as number;
        if (index[other] === -1) {
          calls[depth++] = other;
          index[other] = low[other] = found++;
          open[opened++] = other;
        } else if (component[other] === -1) {
          low[node] = Math.min(low[node] as number, index[other] as number);
        }
        continue;
      }
      depth--;
      if (depth > 0) {
        const parent = calls[depth - 1] as number;
        low[parent] = Math.min(low[parent] as number, low[node] as number);
      }
      if (low[node] !== index[node]) continue;
      for (;;) {
        const member = open[--opened] as number;
        component[member] = components;
        if (member === node) break;
      }
      components++;
    }
  }
  return component;
}
