import { defineConfig, type Plugin } from "vitest/config";

/**
 * What a module loads late with `require` is a static import to a test: the runtime's own `require` would load everything behind it a second time, and its classes would
 * be others than the test's.
 */
const lateIsEarly: Plugin = {
  name: "late-is-early",
  enforce: "pre",
  transform(code, id) {
    if (!/\/src\/.*\.ts$/.test(id)) return undefined;
    const imports: string[] = [];
    const text = code.replace(/(?<=: typeof import\("[^"]+"\) =\s+)require\(("[^"]+")\)/g, (_call, path: string) => {
      imports.push(`import * as late${imports.length} from ${path};`);
      return `late${imports.length - 1}`;
    });
    return imports.length === 0 ? undefined : { code: `${text}\n${imports.join("\n")}`, map: null };
  },
};

/** One configuration for every package and for e2e; the runtime is Bun, whose native modules need the thread pool. */
export default defineConfig({
  plugins: [lateIsEarly],
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
