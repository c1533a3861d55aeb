/**
 * Builds `dist/bin`: one executable (the runtime weighs 107 MB, so one and not four) and more names for it.
 *
 * `dist/man/man1`: the manual pages.
 *
 * `--compile-jit-policy`: code is compiled to machine code later than the runtime would by itself. Most commands end before that pays, and
 * compiling cost them a tenth of their time; what handles megabytes gets there within milliseconds all the same.
 *
 * `--bytecode-order`: see `bytecode-order.ts`. The first build in a tree is two; remove `dist/bytecode-order` to have the order recorded again.
 *
 * `--no-compile-autoload-*`: by default a compiled program reads `.env` and `bunfig.toml` out of the user's
 * directory, and a bunfig may run code.
 */
import { existsSync, linkSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { knownOrder, recordOrder } from "./bytecode-order.ts";

const root = dirname(import.meta.dir);
const bin = join(root, "dist", "bin");
const staged = join(root, "dist", ".podman.new");

mkdirSync(bin, { recursive: true });
const started = performance.now();
const orderFiles = join(root, "dist", "bytecode-order");

function compile(order: readonly string[]): void {
  const build = Bun.spawnSync({
    cmd: [
      process.execPath,
      "build",
      "--compile",
      "--bytecode",
      "--minify",
      "--format=esm",
      "--splitting",
      "--compile-jit-policy=20",
      "--no-compile-autoload-dotenv",
      "--no-compile-autoload-bunfig",
      ...(order.length === 0 ? [] : [`--bytecode-order=${order.join(",")}`]),
      join(root, ".workspace", "entry.ts"),
      "--outfile",
      staged,
    ],
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (build.exitCode === 0) return;
  process.stderr.write(build.stdout.toString());
  process.exit(build.exitCode ?? 1);
}

const known = knownOrder(orderFiles);
compile(known);
if (known.length === 0) {
  const recorded = recordOrder(staged, orderFiles);
  if (recorded.length > 0) compile(recorded);
}
// The new file takes the old one's place in one step, so that a container started meanwhile finds a whole program.
renameSync(staged, join(bin, "podman"));
for (const name of ["buildah", "skopeo", "conmon", "quadlet"]) {
  rmSync(join(bin, name), { force: true });
  linkSync(join(bin, "podman"), join(bin, name));
}
if (!existsSync(join(bin, "conmon"))) throw new Error("dist/bin/conmon was not made");
const manuals = Bun.spawnSync({
  cmd: [process.execPath, join(root, ".workspace", "manuals.ts"), join(root, "dist", "man", "man1")],
  stdio: ["ignore", "ignore", "inherit"],
});
if (manuals.exitCode !== 0) process.exit(manuals.exitCode ?? 1);
const size = Math.round(statSync(join(bin, "podman")).size / 1e6);
console.log(`built dist/bin/{podman,buildah,skopeo,conmon,quadlet} (${size} MB, ${Math.round(performance.now() - started)} ms)`);
