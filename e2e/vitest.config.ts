import { defineConfig } from "vitest/config";

/**
 * End-to-end tests change the machine (mounts, bridges, ports), so one file runs after another, and each
 * command may wait for a real registry or a build.
 */
export default defineConfig({
  test: {
    pool: "threads",
    fileParallelism: false,
    include: ["**/*.test.ts"],
    exclude: ["node_modules/**"],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    reporters: ["default", "json"],
    outputFile: { json: "dist/report.json" },
  },
});
