/** Lines as `perf script` prints them: `counts` says how often each leaf was hit, in turn. */
export function perfText(counts: Readonly<Record<string, number>>, startS = 100): string {
  const left = new Map(Object.entries(counts));
  const samples: string[] = [];
  for (let index = 0; left.size > 0; index++) {
    const [leaf = "", count = 0] = [...left][index % left.size] ?? [];
    if (count <= 1) left.delete(leaf);
    else left.set(leaf, count - 1);
    const time = (startS + samples.length / 100).toFixed(9);
    samples.push(
      `split 4711/4711 [000] ${time}:   10000000 cpu-clock:ppp: \n` +
        `\t            14c4 ${leaf}+0x34 (/srv/demo/split)\n` +
        "\t            15d0 main+0x10 (/srv/demo/split)\n\n",
    );
  }
  return samples.join("");
}

export const perfBytes = (counts: Readonly<Record<string, number>>): Uint8Array =>
  new TextEncoder().encode(perfText(counts));
