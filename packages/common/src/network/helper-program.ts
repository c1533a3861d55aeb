import { closeSync, fstatSync, readSync, writeSync } from "node:fs";
import { ToolError } from "../errors/tool-error.ts";
import { findExecutable } from "../process/find-executable.ts";
import { spawnChild } from "../process/run.ts";
import { linuxSys } from "../sys/linux.ts";

/** Where containers.conf's helper_binaries_dir points unless told. */
export const DEFAULT_HELPER_DIRS: readonly string[] = [
  "/usr/local/libexec/podman",
  "/usr/local/lib/podman",
  "/usr/libexec/podman",
  "/usr/lib/podman",
];

/** The package that brings a helper, where its name differs. */
const PACKAGES: Readonly<Record<string, string>> = { pasta: "passt" };

/** A network helper's path: from the helper directories, then from PATH (and /usr/sbin, which users often lack). */
export function findHelper(name: string, dirs: readonly string[] = DEFAULT_HELPER_DIRS): string | undefined {
  return findExecutable(name, dirs) ?? findExecutable(name) ?? findExecutable(name, ["/usr/sbin", "/sbin"]);
}

/** {@link findHelper}, or an error that names the package. */
export function requireHelper(name: string, dirs: readonly string[] = DEFAULT_HELPER_DIRS): string {
  const path = findHelper(name, dirs);
  if (path !== undefined) return path;
  throw new ToolError("unavailable", `${name} not found in ${dirs.join(", ")} or PATH`, {
    hint: `install the package ${PACKAGES[name] ?? name}`,
  });
}

export interface HelperResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a helper to the end of its first process. Input and output are memory files instead of pipes: some helpers leave
 * a daemon behind that keeps them open, and a pipe would then never end.
 */
export async function runHelper(
  file: string,
  args: readonly string[],
  options: { input?: string; env?: Record<string, string>; fds?: readonly number[] } = {},
): Promise<HelperResult> {
  const sys = linuxSys();
  const open = ["stdin", "stdout", "stderr"].map((name) => sys.memfdCreate(name));
  const [stdin = -1, stdout = -1, stderr = -1] = open;
  try {
    writeSync(stdin, options.input ?? "", 0);
    const child = spawnChild(file, args, {
      stdin,
      stdout,
      stderr,
      fds: options.fds,
      env: { ...process.env, ...searchPath(), ...options.env },
    });
    const exitCode = await child.exited;
    return { exitCode, stdout: readAll(stdout), stderr: readAll(stderr) };
  } finally {
    for (const fd of open) closeSync(fd);
  }
}

/** Helpers call iptables and nft, which live where an ordinary user's PATH does not look. */
function searchPath(): { PATH: string } {
  const path = process.env.PATH ?? "/usr/bin:/bin";
  return { PATH: path.split(":").includes("/usr/sbin") ? path : `${path}:/usr/sbin:/sbin` };
}

function readAll(fd: number): string {
  const bytes = Buffer.alloc(fstatSync(fd).size);
  readSync(fd, bytes, 0, bytes.length, 0);
  return bytes.toString("utf8");
}
