import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** A sandboxed preload script must be one CommonJS file that requires nothing but electron. */
export default defineConfig({
  ssr: { noExternal: true, external: ["electron"], target: "node" },
  build: {
    ssr: true,
    outDir: path("out/node"),
    emptyOutDir: false,
    target: "chrome130",
    sourcemap: true,
    minify: false,
    rolldownOptions: {
      input: { preload: path("preload/preload.ts") },
      output: { format: "cjs", entryFileNames: "[name].cjs" },
    },
  },
});
