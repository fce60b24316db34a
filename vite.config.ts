import { defineConfig } from "vite";

export default defineConfig({
  root: "frontend",
  base: "./",
  build: {
    outDir: "../src/permanence/ui/static/build",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: "frontend/main.ts",
      checks: { eval: false, bundlerTimings: false }, // htmx holds an eval that its configuration and our policy forbid
    },
  },
});
