import { readFileSync } from "node:fs";
import { dirname } from "node:path";

const transpiler = new Bun.Transpiler({ loader: "ts" });

/**
 * Everything that is loaded with these files: paths of modules, names of the runtime's own. What is imported or required while the program runs does not count.
 */
export function staticClosure(files: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [...files];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    if (!file.startsWith("/")) continue;
    for (const { kind, path } of transpiler.scanImports(readFileSync(file, "utf8"))) {
      if (kind === "import-statement") open.push(/^(node|bun):/.test(path) ? path : Bun.resolveSync(path, dirname(file)));
    }
  }
  return seen;
}
