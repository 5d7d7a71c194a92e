/** A small seeded generator (mulberry32): the same damage for the same seed on every machine. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

type Random = (below: number) => number;
type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
export const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const inserted = (bytes: Uint8Array, at: number, piece: Uint8Array): Uint8Array =>
  joined(bytes.subarray(0, at), piece, bytes.subarray(at));

/** Numbers that parsers get wrong: sign bits, sizes that overflow, what is no number. */
const numbers = [
  "-1",
  "0",
  "4294967295",
  "2147483648",
  "9007199254740993",
  "1152921504606846976",
  "99999999999999999999999",
  "1e308",
  "-0.0",
  "NaN",
  "0x7fffffffffffffff",
];
/** Deeper than any stack of calls. */
const NESTED = 100_000;

const mutations: readonly Mutation[] = [
  (bytes, random) => bytes.slice(0, random(bytes.length + 1)),
  (bytes, random) => {
    const damaged = bytes.slice();
    for (let i = 1 + random(16); i > 0 && damaged.length > 0; i--)
      damaged[random(damaged.length)] ^= 1 << random(8);
    return damaged;
  },
  (bytes, random) => {
    const damaged = bytes.slice();
    for (let i = 1 + random(8); i > 0 && damaged.length > 0; i--)
      damaged[random(damaged.length)] = random(256);
    return damaged;
  },
  (bytes, random) => {
    const from = random(bytes.length);
    return joined(bytes.subarray(0, from), bytes.subarray(from + random(2000)));
  },
  (bytes, random) => {
    const from = random(bytes.length);
    return inserted(bytes, random(bytes.length), bytes.subarray(from, from + random(2000)));
  },
  // A length that claims far more than there is: 4 and 8 bytes of either order.
  (bytes, random) => {
    const damaged = bytes.slice();
    const size = random(2) === 0 ? 4 : 8;
    const at = random(Math.max(1, damaged.length - size));
    damaged.fill(0xff, at, at + size);
    if (random(2) === 0) damaged[random(2) === 0 ? at : at + size - 1] = 0x0f;
    return damaged;
  },
  // A variable-length number of ten bytes.
  (bytes, random) =>
    inserted(bytes, random(bytes.length), new Uint8Array([255, 255, 255, 255, 255, 255, 255, 255, 255, 1])),
  // A number in a text becomes another.
  (bytes, random) => {
    const start = random(bytes.length);
    let at = start;
    while (at < bytes.length && !isDigit(bytes[at])) at++;
    let end = at;
    while (end < bytes.length && isDigit(bytes[end])) end++;
    return joined(bytes.subarray(0, at), text(numbers[random(numbers.length)] ?? ""), bytes.subarray(end));
  },
  (bytes, random) => {
    const piece = ["[", "{", '{"a":', "(", "<a>", ";", "\t", " ", "\n", "A"][random(10)] ?? "";
    return inserted(bytes, random(bytes.length), text(piece.repeat(NESTED)));
  },
  (bytes, random) =>
    inserted(
      bytes,
      random(bytes.length),
      text(["\0", "\ufeff", "\u2028", "\r\n", '"', "\\", "é", "]}"][random(8)] ?? ""),
    ),
  (bytes, random, other) =>
    joined(bytes.subarray(0, random(bytes.length)), other.subarray(random(other.length))),
  (bytes, random) => {
    // Lines in another order.
    const lines = Buffer.from(bytes).toString("latin1").split("\n");
    for (let i = 1 + random(4); i > 0; i--) {
      const from = random(lines.length);
      lines.splice(random(lines.length), 0, ...lines.splice(from, 1 + random(5)));
    }
    return new Uint8Array(Buffer.from(lines.join("\n"), "latin1"));
  },
];

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 48 && byte <= 57;

/** The file with one to three kinds of damage. `other` is a second file, for what gets mixed up. */
export function mutate(bytes: Uint8Array, other: Uint8Array, seed: number): Uint8Array {
  const random = randomOf(seed);
  let damaged = bytes;
  for (let i = 1 + random(3); i > 0; i--)
    damaged = mutations[random(mutations.length)]?.(damaged, random, other) ?? damaged;
  return damaged;
}
