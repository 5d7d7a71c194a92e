import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const entries = {
  cli: path("main/hosts/cli/main.ts"),
  electron: path("main/hosts/electron/main.ts"),
  "engine-process": path("main/hosts/electron/engine-process.ts"),
  "profile-worker": path("main/engine/profile-worker.ts"),
  bench: path("test/bench/main.ts"),
  fuzz: path("test/fuzz/main.ts"),
};

/**
 * Everything that runs on Node. All files lie flat in out/node, so `new URL("./profile-worker.js", import.meta.url)`
 * is right from any chunk. Only node-pty (a native module), electron and what drives a browser
 * stay outside the bundle.
 */
export default defineConfig({
  ssr: { noExternal: true, external: ["electron", "node-pty", "playwright"], target: "node" },
  // ws would otherwise look for its optional native add-ons at run time.
  define: {
    "process.env.WS_NO_BUFFER_UTIL": JSON.stringify("1"),
    "process.env.WS_NO_UTF_8_VALIDATE": JSON.stringify("1"),
  },
  build: {
    ssr: true,
    outDir: path("out/node"),
    emptyOutDir: true,
    target: "node20",
    sourcemap: true,
    minify: false,
    rolldownOptions: {
      input: entries,
      output: {
        format: "es",
        entryFileNames: "[name].js",
        chunkFileNames: "chunk-[name]-[hash].js",
        assetFileNames: "[name]-[hash][extname]",
      },
    },
  },
});
