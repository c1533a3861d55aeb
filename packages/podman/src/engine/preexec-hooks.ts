import { lstatSync, readdirSync } from "node:fs";
import { constants } from "node:os";
import { errnoCode } from "@containers/common/sys/sys-error";

/** Where programs lie that are asked before every podman command; the environment may name one more place. */
export function preexecHookDirectories(env: Readonly<Record<string, string | undefined>>): string[] {
  const own = env["PODMAN_PREEXEC_HOOKS_DIR"] ?? "";
  return ["/usr/libexec/podman/pre-exec-hooks", "/etc/containers/pre-exec-hooks", ...(own === "" ? [] : [own])];
}

/**
 * Runs the executable files of each directory in the order of their names, with podman's command line as their arguments and its descriptors.
 * @returns the exit code of the first that did not end well, which podman then ends with; 0 when nobody minds
 */
export function runPreexecHooks(directories: readonly string[], commandLine: readonly string[]): number {
  for (const directory of directories) {
    for (const path of executables(directory)) {
      const code = runHook(path, commandLine);
      if (code !== 0) return code;
    }
  }
  return 0;
}

function executables(directory: string): string[] {
  let names: string[];
  try {
    names = readdirSync(directory).sort();
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return [];
    throw error;
  }
  return names
    .map((name) => `${directory}/${name}`)
    .filter((path) => {
      const stat = lstatSync(path, { throwIfNoEntry: false });
      return stat?.isFile() === true && (stat.mode & 0o111) !== 0;
    });
}

function runHook(path: string, commandLine: readonly string[]): number {
  try {
    const { exitCode, signalCode } = Bun.spawnSync({ cmd: [path, ...commandLine], stdio: ["inherit", "inherit", "inherit"] });
    if (typeof signalCode !== "string") return exitCode;
    return 127 + (new Map<string, number>(Object.entries(constants.signals)).get(signalCode) ?? 0);
  } catch (error) {
    // One that was removed in the meantime has nothing to say; one that cannot be run does not agree.
    return errnoCode(error) === "ENOENT" && lstatSync(path, { throwIfNoEntry: false }) === undefined ? 0 : 1;
  }
}
