/**
 * Loading a module costs a short command as much as running it, so modules that are always loaded together become one piece of the executable.
 *
 * The bundler puts two modules into one piece when the same dynamic imports lead to both. So what the same recorded commands loaded is a group, and each dynamic import (or `require`) that
 * leads to one module of a group leads to the whole group: it goes through a module that imports the groups before its target. A command thereby loads nothing that
 * it did not load before, because what a module imports was loaded by at least the commands that loaded the module; but for what it gains by (`join-groups.ts`).
 */
import { dirname, join } from "node:path";
import type { BuildMetafile, BunPlugin } from "bun";
import { joinGroups } from "./join-groups.ts";

/** The ways in which a module is loaded while the program runs. */
const LAZY: readonly string[] = ["dynamic-import", "require-call"];

/** What leads through the groups: the importing module's name for it, and the groups that its target needs. */
interface Gate {
  readonly target: string;
  readonly groups: readonly number[];
}

/** Modules by the set of commands that loaded them. */
function groupModules(loaded: ReadonlyArray<ReadonlySet<string>>, known: ReadonlySet<string>): ReadonlyArray<readonly string[]> {
  const byUsers = new Map<string, string[]>();
  for (const module of new Set(loaded.flatMap((modules) => [...modules]))) {
    if (!known.has(module)) continue;
    const users = loaded.map((modules) => (modules.has(module) ? "1" : "0")).join("");
    byUsers.set(users, [...(byUsers.get(users) ?? []), module]);
  }
  return [...byUsers.values()];
}

/** The plugin that leads dynamic imports through the groups. Paths in `graph` are from `root`. */
export function moduleGroups(root: string, graph: BuildMetafile["inputs"], loaded: ReadonlyArray<ReadonlySet<string>>): BunPlugin {
  const groups = joinGroups(groupModules(loaded, new Set(Object.keys(graph))), {
    loaded,
    size: (module) => graph[module]?.bytes ?? 0,
    imports: (module) => staticImports(module, graph),
  }).filter((group) => group.length > 1);
  const gates = new Map<string, Gate>();
  for (const target of dynamicTargets(graph)) {
    const needed = groupsBehind(target, graph, groups);
    if (needed.length > 0) gates.set(join(root, target), { target: join(root, target), groups: needed });
  }
  return {
    name: "module-groups",
    setup(build) {
      build.onResolve({ filter: /./ }, ({ kind, path, importer }) => {
        if (!LAZY.includes(kind) || /^(node|bun):/.test(path) || importer.includes("/node_modules/")) return undefined;
        const target = Bun.resolveSync(path, dirname(importer));
        // A path of its own: two modules of one path are one to the bundler.
        return gates.has(target) ? { path: `${target}.gate`, namespace: "gate" } : undefined;
      });
      build.onResolve({ filter: /^group:/ }, ({ path }) => ({ path: path.slice("group:".length), namespace: "group" }));
      build.onLoad({ filter: /./, namespace: "gate" }, ({ path }) => {
        const gate = gates.get(path.slice(0, -".gate".length));
        if (gate === undefined) throw new Error(`no gate to ${path}`);
        const imports = gate.groups.map((group) => `import "group:${group}";\n`).join("");
        return { contents: `${imports}export * from ${JSON.stringify(gate.target)};`, loader: "ts" };
      });
      build.onLoad({ filter: /./, namespace: "group" }, ({ path }) => ({
        contents: (groups[Number(path)] ?? []).map((module) => `import ${JSON.stringify(join(root, module))};\n`).join(""),
        loader: "ts",
      }));
    },
  };
}

function dynamicTargets(graph: BuildMetafile["inputs"]): ReadonlySet<string> {
  const targets = new Set<string>();
  for (const { imports } of Object.values(graph)) {
    for (const { kind, ...where } of imports) {
      const target = "entryPoint" in where && typeof where.entryPoint === "string" ? where.entryPoint : undefined;
      if (LAZY.includes(kind) && target !== undefined) targets.add(target);
    }
  }
  return targets;
}

function staticImports(module: string, graph: BuildMetafile["inputs"]): readonly string[] {
  return (graph[module]?.imports ?? []).flatMap(({ kind, path }) => (kind === "import-statement" && path in graph ? [path] : []));
}

/** All groups that a module leads to, those that groups lead to among them. */
function groupsBehind(module: string, graph: BuildMetafile["inputs"], groups: ReadonlyArray<readonly string[]>): readonly number[] {
  const groupOf = new Map(groups.flatMap((group, index) => group.map((member) => [member, index] as const)));
  const seen = new Set<string>();
  const found = new Set<number>();
  const open = [module];
  for (let current = open.pop(); current !== undefined; current = open.pop()) {
    if (seen.has(current)) continue;
    seen.add(current);
    open.push(...staticImports(current, graph));
    const group = groupOf.get(current);
    if (group === undefined || found.has(group)) continue;
    found.add(group);
    open.push(...(groups[group] ?? []));
  }
  return [...found].sort((a, b) => a - b);
}
