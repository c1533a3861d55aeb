import { accessSync, constants } from "node:fs";

const helperDirectories = [
  "/usr/local/libexec/podman",
  "/usr/local/lib/podman",
  "/usr/libexec/podman",
  "/usr/lib/podman",
  "/usr/sbin",
  "/sbin",
  "/usr/local/bin",
  "/usr/bin",
  "/bin",
];

/** A program on PATH or where distributions keep podman's helpers; undefined when it is nowhere. */
export function findProgram(name: string): string | undefined {
  for (const directory of [...(process.env.PATH ?? "").split(":"), ...helperDirectories]) {
    const path = `${directory}/${name}`;
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  return undefined;
}
