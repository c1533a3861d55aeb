#!/usr/bin/env node
// The scripts of package.json. Plain Node, because on a fresh clone nothing else is there: this installs
// pnpm and the packages when they are missing, the build when it is older than the sources, and hands over.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, "node_modules", ".bin");
const bun = join(bin, "bun");
// pnpm itself stands beside node_modules: pnpm may empty that directory while it runs.
const pnpmHome = join(root, ".tools");

/** Runs a program in the workspace; ends this one with its exit code when it fails. */
function run(file, args, options = {}) {
  const result = spawnSync(file, args, {
    cwd: root,
    stdio: "inherit",
    ...options,
    env: { ...process.env, ...options.env, PATH: `${bin}:${join(pnpmHome, "node_modules", ".bin")}:${process.env.PATH}` },
  });
  if (result.error) {
    console.error(`${file}: ${result.error.message}`);
    process.exit(1);
  }
  if (result.status !== 0) process.exit(result.status ?? 1);
}

function pnpmVersion() {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devEngines.packageManager.version;
}

/** Node's own package manager brings pnpm, pnpm brings the rest, and only when the lock file has changed since. */
function installPackages() {
  const stamp = join(root, "node_modules", ".installed-lock");
  const lock = readFileSync(join(root, "pnpm-lock.yaml"), "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  const pnpm = join(pnpmHome, "node_modules", ".bin", "pnpm");
  if (!existsSync(pnpm)) {
    mkdirSync(pnpmHome, { recursive: true });
    writeFileSync(join(pnpmHome, "package.json"), '{"private":true}\n');
    run("npm", ["install", "--silent", "--no-audit", "--no-fund", `pnpm@${pnpmVersion()}`], { cwd: pnpmHome });
  }
  run(pnpm, ["install", "--frozen-lockfile", "--reporter=silent"], { env: { CI: "true" } });
  writeFileSync(stamp, lock);
}

function newestSource(directory) {
  let newest = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.name === "node_modules" || entry.name === "test" || entry.name === "docs") continue;
    const path = join(directory, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestSource(path) : statSync(path).mtimeMs);
  }
  return newest;
}

function buildIfNeeded() {
  const built = join(root, "dist", "bin", "podman");
  const sources = Math.max(newestSource(join(root, "packages")), newestSource(join(root, ".workspace")));
  if (existsSync(built) && statSync(built).mtimeMs > sources) return;
  run(bun, [join(root, ".workspace", "build.ts")]);
}

const tasks = {
  build: () => run(bun, [".workspace/build.ts"]),
  check: (args) => run(bun, [".workspace/check.ts", ...args]),
  fix: () => run("biome", ["check", "--write", "packages", "e2e", ".workspace"]),
  test: (args) => {
    buildIfNeeded();
    run(bun, [".workspace/test.ts", ...args]);
  },
  e2e: (args) => {
    buildIfNeeded();
    run(bun, [".workspace/test.ts", "--only-e2e", ...args]);
  },
  bench: (args) => {
    buildIfNeeded();
    run(bun, [".workspace/bench.ts", ...args]);
  },
  quickstart: (args) => {
    buildIfNeeded();
    run(bun, [".workspace/quickstart.ts", ...args]);
  },
  "install-system": (args) => {
    buildIfNeeded();
    run(bun, [".workspace/install-system.ts", ...args]);
  },
};

const [task, ...args] = process.argv.slice(2);
if (!Object.hasOwn(tasks, task ?? "")) {
  console.error(`usage: npm run {${Object.keys(tasks).join("|")}}`);
  process.exit(2);
}
installPackages();
tasks[task](args);
