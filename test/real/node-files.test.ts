import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAnalyst } from "#core/analysis/index.ts";
import { ProfileBuilder } from "#core/model/builder.ts";
import type { Profile } from "#core/model/profile.ts";
import { importFile } from "#engine/profile-import.ts";

/** hotA 60 %, hotB 30 %, hotC 10 %. What only TypeScript has stands before them, so that lines differ from what runs. */
const source = `interface Work {
  readonly rounds: number;
}

type Step = (work: Work) => number;

const hotA: Step = function hotA({ rounds }: Work): number {
  let x = rounds | 0;
  for (let i = 0; i < rounds; i++) { x = (Math.imul(x, 1664525) + 1013904223) | 0; x ^= x >>> 13; }
  return x;
};
function hotB({ rounds }: Work): number {
  let x = rounds | 0;
  for (let i = 0; i < rounds; i++) { x = (Math.imul(x, 22695477) + 1) | 0; x ^= x >>> 13; }
  return x;
}
function hotC({ rounds }: Work): number {
  let x = rounds | 0;
  for (let i = 0; i < rounds; i++) { x = (Math.imul(x, 1103515245) + 12345) | 0; x ^= x >>> 13; }
  return x;
}
class LeakyThing { readonly numbers = new Float64Array(500); }
const kept: LeakyThing[] = [];
Object.assign(globalThis, { kept });
for (let i = 0; i < 700; i++) kept.push(new LeakyThing());
let sum = 0;
const end = Date.now() + 2500;
while (Date.now() < end) {
  sum += hotA({ rounds: 600_000 }) + hotB({ rounds: 300_000 }) + hotC({ rounds: 100_000 });
}
if (sum === 0.5) console.log(sum);
`;

describe("files that node writes of compiled TypeScript", () => {
  let folder = "";
  const run = (...args: readonly string[]): void => {
    execFileSync(process.execPath, [...args, "hot.js"], { cwd: folder, stdio: "ignore" });
  };
  const open = (ending: string): Promise<Profile> => {
    const name = readdirSync(folder).find((each) => each.endsWith(ending));
    if (name === undefined) throw new Error(`node wrote no ${ending}`);
    const file = { path: join(folder, name), name, member: "" };
    return importFile(file, new ProfileBuilder(), new AbortController().signal, () => undefined);
  };
  const shares = (profile: Profile): Readonly<Record<string, number>> => {
    const top = createAnalyst().answer(profile, { view: "top", selection: {} });
    return Object.fromEntries(
      Array.from(top.name, (name, row) => [
        top.strings[name],
        (100 * (top.self[row] as number)) / top.totalValue,
      ]),
    );
  };
  const expectShares = (profile: Profile): void => {
    const { hotA = 0, hotB = 0, hotC = 0 } = shares(profile);
    const all = hotA + hotB + hotC;
    expect(all).toBeGreaterThan(70);
    expect(Math.abs((100 * hotA) / all - 60)).toBeLessThan(8);
    expect(Math.abs((100 * hotB) / all - 30)).toBeLessThan(8);
    expect(Math.abs((100 * hotC) / all - 10)).toBeLessThan(8);
  };
  const placeOf = ({ functions, strings }: Profile, name: string): string => {
    const row = functions.name.findIndex((text) => strings[text] === name);
    return `${strings[functions.file[row] as number]}:${functions.line[row]}`;
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "flamewright-node-"));
    const { outputText, sourceMapText = "" } = ts.transpileModule(source, {
      fileName: "hot.ts",
      compilerOptions: { sourceMap: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
    });
    writeFileSync(join(folder, "hot.js"), outputText);
    writeFileSync(join(folder, "hot.js.map"), sourceMapText);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("--cpu-prof, in the lines of the source", async () => {
    run("--cpu-prof", "--no-turbo-inlining");
    const profile = await open(".cpuprofile");
    expectShares(profile);
    expect(placeOf(profile, "hotA")).toBe(`${pathToFileURL(join(folder, "hot.ts"))}:7`);
    expect(placeOf(profile, "hotC")).toBe(`${pathToFileURL(join(folder, "hot.ts"))}:17`);
    expect(profile.meta.notes.join()).toMatch(/functions? (is|are) shown in the sources, by 1 source map/);
  });

  test("--prof, preprocessed", async () => {
    run("--prof", "--no-turbo-inlining");
    const log = readdirSync(folder).find((name) => name.startsWith("isolate-")) ?? "";
    const json = execFileSync(process.execPath, ["--prof-process", "--preprocess", log], {
      cwd: folder,
      maxBuffer: 1 << 30,
      stdio: ["ignore", "pipe", "ignore"],
    });
    writeFileSync(join(folder, "log.prof.json"), json);
    expectShares(await open(".prof.json"));
  });

  test("--heapsnapshot-signal", async () => {
    writeFileSync(
      join(folder, "snapshot.cjs"),
      `require("./hot.js"); setInterval(() => undefined, 1000); process.kill(process.pid, "SIGUSR2");
       const { readdirSync } = require("node:fs");
       const timer = setInterval(() => {
         const done = readdirSync(".").some((name) => name.endsWith(".heapsnapshot"));
         if (done) process.exit(0);
       }, 50);`,
    );
    execFileSync(process.execPath, ["--heapsnapshot-signal=SIGUSR2", "snapshot.cjs"], {
      cwd: folder,
      stdio: "ignore",
    });
    const { classes } = createAnalyst().answer(await open(".heapsnapshot"), {
      view: "heap",
      filter: "^LeakyThing$",
    });
    expect(classes[0]?.objects).toBe(700);
    // Each holds 500 numbers of 8 bytes.
    expect(classes[0]?.retainedBytes).toBeGreaterThan(700 * 4000);
    expect(classes[0]?.retainedBytes).toBeLessThan(700 * 4600);
  });
});
