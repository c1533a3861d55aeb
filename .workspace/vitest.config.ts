import { defineConfig } from "vitest/config";

/** One configuration for every package and for e2e; the runtime is Bun, whose native modules need the thread pool. */
export default defineConfig({
  test: {
    pool: "threads",
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ["default", "json"],
    outputFile: { json: "dist/report.json" },
    passWithNoTests: true,
  },
});
