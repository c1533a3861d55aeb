import { accessSync, constants } from "node:fs";
import { dirname, join, resolve } from "node:path";

const workspace = dirname(dirname(import.meta.dirname));

/** Directory of the executables under test; `E2E_BIN` names another, so that the suite can be proved on the original tools. */
export const binDirectory = resolve(process.env.E2E_BIN ?? join(workspace, "dist", "bin"));

export type Tool = "podman" | "buildah" | "skopeo" | "conmon";

export function toolPath(tool: Tool): string {
  return join(binDirectory, tool);
}

/** The distribution's own tool, for exchange tests: `ORIGINAL_PODMAN` and so on, else /usr/bin; undefined when this machine has none. */
export function originalPath(tool: Tool): string | undefined {
  return findFirst([process.env[`ORIGINAL_${tool.toUpperCase()}`], `/usr/bin/${tool}`]);
}

/** A program of the system by its name; undefined when it is nowhere. */
export function systemProgram(name: string): string | undefined {
  const directories = [
    ...(process.env.PATH ?? "").split(":"),
    "/usr/local/sbin",
    "/usr/sbin",
    "/sbin",
    "/usr/bin",
    "/usr/lib/podman",
    "/usr/libexec/podman",
  ];
  return findFirst(directories.map((directory) => join(directory, name)));
}

function findFirst(candidates: readonly (string | undefined)[]): string | undefined {
  return candidates.find((candidate) => {
    if (candidate === undefined) return false;
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
