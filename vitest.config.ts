import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const project = (name: string, include: string, timeoutMs: number, serial: boolean) => ({
  test: {
    name,
    include: [include],
    environment: "node" as const,
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    fileParallelism: !serial,
    // Of two processors Vitest leaves one for itself, which has little to do. What imports nothing but our own modules, and
    // changes none of them, needs no process of its own for every file.
    ...(serial ? {} : { maxWorkers: availableParallelism(), isolate: false }),
    // What is awaited comes later on a busy machine; what never comes fails all the same.
    expect: { poll: { timeout: serial ? 15_000 : 1000 } },
  },
});

/** One project a kind of test: `npx vitest run --project unit`. */
export default defineConfig({
  test: {
    // Two runs at a time would write it into each other.
    cache: false,
    projects: [
      project("unit", "test/unit/**/*.test.ts", 60_000, false),
      project("registry", "test/registry/**/*.test.ts", 120_000, false),
      project("real", "test/real/**/*.test.ts", 120_000, true),
      project("hosts", "test/hosts/**/*.test.ts", 180_000, true),
      project("e2e", "test/e2e/**/*.test.ts", 240_000, true),
    ],
  },
});
