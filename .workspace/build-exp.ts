/**
 * Builds `dist/bin`: one executable (the runtime weighs 107 MB, so one and not four) and more names for it.
 *
 * `dist/man/man1`: the manual pages.
 *
 * `jitPolicy`: code is compiled to machine code later than the runtime would by itself. Most commands end before that pays, and
 * compiling cost them a tenth of their time; what handles megabytes gets there within milliseconds all the same.
 *
 * What everyday commands use decides how the executable is laid out: `module-groups.ts`, `recorded-use.ts`. The first build in a tree runs them, and is three.
 *
 * `autoload*`: by default a compiled program reads `.env` and `bunfig.toml` out of the user's directory, and a bunfig may run code.
 */
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { BuildConfig, BuildMetafile, BunPlugin } from "bun";
import { moduleGroups } from "./module-groups.ts";
import { instrumented, recordedFiles, recordedModules, recordUse } from "./recorded-use.ts";

const root = dirname(import.meta.dir);
const bin = process.env.OUT ?? "";
const staged = join(bin, ".podman.new");
const recorded = join(root, "dist", "recorded-use");
const entry = join(root, ".workspace", "entry.ts");

mkdirSync(bin, { recursive: true });
const started = performance.now();

async function bundle(config: Partial<BuildConfig>): Promise<Bun.BuildOutput> {
  return Bun.build({ entrypoints: [entry], root, target: "bun", format: "esm", splitting: true, ...config } as BuildConfig);
}

async function compile(plugins: BunPlugin[], options: { readonly isRelease: boolean }): Promise<void> {
  await bundle({
    minify: options.isRelease ? (process.env.NAMES ? { whitespace: true, syntax: true, identifiers: false } : true) : false,
    bytecode: options.isRelease,
    // What has no effect when it is loaded joins the piece that needs it.
    minChunkSize: 16_384,
    plugins,
    compile: {
      outfile: staged,
      autoloadDotenv: false,
      autoloadBunfig: false,
      jitPolicy: Number(process.env.JIT ?? 20),
      ...(process.env.EXECARGV ? { execArgv: process.env.EXECARGV.split(" ") } : {}),
      bytecodeOrder: options.isRelease ? [...recordedFiles(recorded, "order")] : [],
    },
  } as Partial<BuildConfig>);
}

/** An executable that writes down which modules a command loads. */
const instrument: BunPlugin = {
  name: "instrument",
  setup(build) {
    build.onLoad({ filter: /\.(ts|js|mjs)$/ }, ({ path }) => ({
      contents: instrumented(readFileSync(path, "utf8"), relative(root, path), { isFirst: path === entry }),
      loader: path.endsWith(".ts") ? "ts" : "js",
    }));
  },
};

async function moduleGraph(): Promise<BuildMetafile["inputs"]> {
  const { metafile } = await bundle({ metafile: true });
  if (metafile === undefined) throw new Error("the bundler gave no graph of modules");
  return metafile.inputs;
}

if (recordedFiles(recorded, "modules").length === 0) {
  await compile([instrument], { isRelease: false });
  await recordUse(staged, recorded, "modules");
  for (const file of recordedFiles(recorded, "order")) rmSync(file);
}
const groups = moduleGroups(root, await moduleGraph(), recordedModules(recorded));
await compile([groups], { isRelease: true });
if (recordedFiles(recorded, "order").length === 0) {
  await recordUse(staged, recorded, "order");
  await compile([groups], { isRelease: true });
}

// The new file takes the old one's place in one step, so that a container started meanwhile finds a whole program.
renameSync(staged, join(bin, "podman"));
for (const name of ["buildah", "skopeo", "conmon", "quadlet"]) {
  rmSync(join(bin, name), { force: true });
  linkSync(join(bin, "podman"), join(bin, name));
}
if (!existsSync(join(bin, "conmon"))) throw new Error("dist/bin/conmon was not made");
const size = Math.round(statSync(join(bin, "podman")).size / 1e6);
console.log(`built dist/bin/{podman,buildah,skopeo,conmon,quadlet} (${size} MB, ${Math.round(performance.now() - started)} ms)`);
