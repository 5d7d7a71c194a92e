import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/**
 * What the page begins with is fetched at once, though it is evaluated file by file: a file that is found when another one
 * runs comes a way to the server and back later.
 */
const preloads = (): Plugin => ({
  name: "preloads",
  transformIndexHtml: {
    order: "post",
    handler: (_, { bundle = {}, chunk }) => {
      const scripts = new Set<string>();
      const styles = new Set<string>();
      const waiting = [...(chunk?.dynamicImports ?? [])];
      for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
        const part = bundle[name];
        if (part?.type !== "chunk" || scripts.has(name)) continue;
        scripts.add(name);
        waiting.push(...part.imports);
        for (const style of part.viteMetadata?.importedCss ?? []) styles.add(style);
      }
      // The page itself brings these.
      for (const own of [chunk?.fileName, ...(chunk?.imports ?? [])]) scripts.delete(own ?? "");
      for (const own of chunk?.viteMetadata?.importedCss ?? []) styles.delete(own);
      const link = (attributes: Record<string, string | boolean>) => ({
        tag: "link",
        attrs: { ...attributes, crossorigin: true },
        injectTo: "head" as const,
      });
      return [
        ...[...scripts].map((name) => link({ rel: "modulepreload", href: `./${name}` })),
        ...[...styles].map((name) => link({ rel: "preload", as: "style", href: `./${name}` })),
      ];
    },
  },
});

/**
 * The page: the same files for Electron (app://) and the browser (loopback server). Everything is a file of its
 * own, nothing is inline, so that both hosts can serve it under `script-src 'self'`.
 */
export default defineConfig({
  root: fileURLToPath(new URL("renderer", import.meta.url)),
  base: "./",
  plugins: [react(), preloads()],
  build: {
    outDir: fileURLToPath(new URL("out/renderer", import.meta.url)),
    emptyOutDir: true,
    target: "chrome130",
    sourcemap: true,
    // Fonts and pictures stay files: no data: URL in scripts or styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2_000,
  },
});
