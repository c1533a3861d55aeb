/**
 * `npm run install-system -- [--prefix DIR] [--uninstall]`: puts the executables where a system has them. One file, `PREFIX/bin/podman`, and
 * more names for it, with what systemd needs of it in `PREFIX/lib/systemd`, manual pages,
 * completion scripts, and a command `docker` where there is no other; the default prefix is /usr/local. `DESTDIR` is put in front, for packagers.
 */
import { chmodSync, copyFileSync, linkSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { installDockerAlias, removeDockerAlias } from "./install-docker-alias.ts";
import { installSystemdFiles, removeSystemdFiles } from "./install-systemd.ts";
import { installTexts, removeTexts } from "./install-texts.ts";

const { values } = parseArgs({
  options: { prefix: { type: "string", default: "/usr/local" }, uninstall: { type: "boolean", default: false } },
});
const names = ["buildah", "skopeo", "conmon"];
const root = join(process.env.DESTDIR ?? "/", values.prefix);
const target = join(root, "bin");

try {
  if (values.uninstall) {
    for (const name of ["podman", ...names]) rmSync(join(target, name), { force: true });
    removeSystemdFiles(root);
    removeTexts(root);
    removeDockerAlias(root);
    console.log(`removed podman, ${names.join(", ")} from ${target}`);
  } else {
    install();
    installSystemdFiles({ root, prefix: values.prefix });
    installTexts(root);
    installDockerAlias({ root, prefix: values.prefix });
    console.log(`installed podman, ${names.join(", ")} in ${target}`);
  }
} catch (error) {
  console.error(
    `install-system: ${error instanceof Error ? error.message : String(error)} (choose another place with --prefix, or run it as root)`,
  );
  process.exit(1);
}

/** Copies beside the old file and renames, so that a running container's clean-up never finds half a program. */
function install(): void {
  mkdirSync(target, { recursive: true });
  const staged = join(target, ".podman.new");
  copyFileSync(join(dirname(import.meta.dir), "dist", "bin", "podman"), staged);
  chmodSync(staged, 0o755);
  renameSync(staged, join(target, "podman"));
  for (const name of names) {
    rmSync(join(target, name), { force: true });
    linkSync(join(target, "podman"), join(target, name));
  }
}
