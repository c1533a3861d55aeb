/**
 * What systemd needs of podman, below an installation's prefix: its units for the system and for users, and the generator of quadlets under the
 * two names that systemd calls it by.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const units = join(dirname(import.meta.dir), "packages", "podman", "units");

/** Units of the user's manager alone. */
const usersOnly = (name: string): boolean => name.startsWith("podman-user-");

interface Place {
  /** Where the files go now: `DESTDIR` and the prefix. */
  readonly root: string;
  /** Where they will be. */
  readonly prefix: string;
}

/** Writes the units with the executable's path, and links the generator. */
export function installSystemdFiles({ root, prefix }: Place): void {
  for (const [path, name] of unitPaths(root)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, readFileSync(join(units, name), "utf8").replaceAll("@PODMAN@", join(prefix, "bin", "podman")));
  }
  for (const path of generatorPaths(root)) {
    mkdirSync(dirname(path), { recursive: true });
    rmSync(path, { force: true });
    symlinkSync(relative(dirname(path), join(root, "bin", "podman")), path);
  }
}

export function removeSystemdFiles(root: string): void {
  for (const path of [...unitPaths(root).map(([path]) => path), ...generatorPaths(root)]) rmSync(path, { force: true });
}

function unitPaths(root: string): ReadonlyArray<readonly [path: string, name: string]> {
  return readdirSync(units).flatMap((name) =>
    (usersOnly(name) ? ["user"] : ["system", "user"]).map((kind) => [join(root, "lib/systemd", kind, name), name] as const),
  );
}

function generatorPaths(root: string): readonly string[] {
  return [
    join(root, "lib/systemd/system-generators/podman-system-generator"),
    join(root, "lib/systemd/user-generators/podman-user-generator"),
    join(root, "libexec/podman/quadlet"),
  ];
}
