/**
 * What the everyday commands load before they do anything: each module costs time in every call. Dynamic imports do not count; what is rarely needed
 * belongs behind one.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

/** Other modules of the runtime cost two to seven milliseconds each. */
const CHEAP = ["bun:ffi", "bun:sqlite", "node:fs", "node:os", "node:path", "node:timers/promises"];

const main = "../main.ts";
const opening = ["../engine/open-engine.ts", main];

/** Entry modules of a command, and how many modules they may lead to: a tenth more than when this was written. */
const commands: ReadonlyArray<readonly [name: string, entries: readonly string[], limit: number]> = [
  ["--version", [main], 45],
  ["ps", [...opening, "./commands/container/list.ts", "./commands/container/container-rows.ts"], 335],
  ["inspect", [...opening, "./commands/inspect.ts", "../containers/inspect/inspect-container.ts"], 340],
  ["images", [...opening, "./commands/image/list.ts"], 280],
  ["run", [...opening, "./commands/container/run.ts", "../containers/lifecycle/run.ts"], 415],
  ["exec", [...opening, "./commands/container/exec.ts"], 290],
  ["rm", [...opening, "./commands/container/rm.ts"], 325],
];

const transpiler = new Bun.Transpiler({ loader: "ts" });

/** Everything that is loaded with these files: paths of modules, names of the runtime's own. */
function staticClosure(files: readonly string[]): ReadonlySet<string> {
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

describe("what a command loads", () => {
  it.each(commands)("%s", (_name, entries, limit) => {
    const modules = [...staticClosure(entries.map((entry) => join(import.meta.dirname, entry)))];
    expect(modules.filter((name) => !name.startsWith("/") && !CHEAP.includes(name))).toEqual([]);
    expect(modules.filter((name) => name.includes("/node_modules/"))).toEqual([]);
    expect(modules.length).toBeLessThanOrEqual(limit);
  });
});
