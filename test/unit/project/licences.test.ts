import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

/** What may be part of what people install. */
const shippable = /^(MIT|ISC|BSD-[23]-Clause|0BSD|Apache-2\.0|BlueOak-1\.0\.0)$/;
/** What only builds and tests: nothing of it reaches a user. */
const usable = /^(MPL-2\.0|Python-2\.0|WTFPL|CC0-1\.0)$/;

interface LockedPackage {
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, "..", "..", "..");
const lock: { readonly packages: Readonly<Record<string, LockedPackage>> } = JSON.parse(
  readFileSync(join(root, "package-lock.json"), "utf8"),
);
const locked = new Map(Object.entries(lock.packages).filter(([path]) => path !== ""));

/** One of several ("MIT OR Apache-2.0") is enough. */
const allows = (licence: string, ...patterns: readonly RegExp[]): boolean =>
  licence
    .replace(/[()]/g, "")
    .split(" OR ")
    .some((each) => patterns.some((pattern) => pattern.test(each)));

/** Packages that the product's own code imports, by name. */
function importedByTheProduct(): ReadonlySet<string> {
  const names = new Set<string>();
  for (const layer of ["main", "renderer", "preload"]) {
    for (const file of readdirSync(join(root, layer), { recursive: true, encoding: "utf8" })) {
      if (!/\.(ts|tsx|mjs|cts)$/.test(file)) continue;
      const text = readFileSync(join(root, layer, file), "utf8");
      for (const [, name] of text.matchAll(/(?:from|import\(?)\s*"((?:@[\w.-]+\/)?[\w.-]+)/g))
        if (name && locked.has(`node_modules/${name}`)) names.add(name);
    }
  }
  return names;
}

/** As Node looks it up: the nearest node_modules above. */
function resolved(name: string, from: string): string | null {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    const path = `${at === "" ? "" : `${at}/`}node_modules/${name}`;
    if (locked.has(path)) return path;
    if (at === "") return null;
    if (!at.includes("/node_modules/")) at = "";
  }
}

function withDependencies(names: Iterable<string>): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [...names].map((name) => `node_modules/${name}`);
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    const { dependencies, optionalDependencies } = locked.get(path) ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const next = resolved(name, path);
      if (next !== null) waiting.push(next);
    }
  }
  return reached;
}

describe("licences of the lockfile", () => {
  it("every package may at least be used to build and test", () => {
    const wrong = [...locked].filter(([, { license }]) => !allows(license ?? "none", shippable, usable));
    expect(wrong.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
  });

  it("what the product imports, and what that needs, may be shipped", () => {
    const imported = importedByTheProduct();
    expect([...imported]).toEqual(expect.arrayContaining(["react", "d3-flame-graph", "node-pty", "valibot"]));
    // Electron itself is shipped as it is; its package only fetches it.
    const shipped = withDependencies([...imported].filter((name) => name !== "electron"));
    expect(shipped.size).toBeGreaterThan(imported.size);
    const wrong = [...shipped].filter((path) => !allows(locked.get(path)?.license ?? "none", shippable));
    expect(wrong.map((path) => `${path}: ${locked.get(path)?.license}`)).toEqual([]);
  });
});
