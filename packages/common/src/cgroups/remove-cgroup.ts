import { existsSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { errnoCode } from "../sys/sys-error.ts";

/** Milliseconds: a process that was killed takes a moment to be gone. */
const PATIENCE = 500;

/**
 * Removes a control group and its children in every hierarchy. `path` starts at a hierarchy's top. What is still in use stays, unless `kill`: then
 * its processes are ended first, and waited for, for half a second at most.
 */
export async function removeCgroup(path: string, options: { readonly kill?: boolean; readonly root?: string } = {}): Promise<void> {
  const { root = "/sys/fs/cgroup" } = options;
  const roots = existsSync(`${root}/cgroup.controllers`) ? [root] : hierarchies(root);
  for (const hierarchy of roots) {
    const top = `${hierarchy}/${path.replace(/^\//, "")}`;
    if (!existsSync(top)) continue;
    for (let waited = 0; existsSync(top) && waited < PATIENCE; waited += 10) {
      if (waited > 0) await Bun.sleep(10);
      const directories = [...below(top), top];
      if (options.kill === true) killAll(directories);
      for (const directory of directories) tryRemove(directory);
      if (options.kill !== true) break;
    }
  }
}

function hierarchies(root: string): string[] {
  return existsSync(root) ? readdirSync(root).map((name) => `${root}/${name}`) : [];
}

/** Innermost first. The kernel and the runtime remove at the same time: what has gone meanwhile has nothing below it. */
function below(path: string): string[] {
  return unlessGone(() => readdirSync(path, { withFileTypes: true }), []).flatMap((entry) => {
    const child = `${path}/${entry.name}`;
    return entry.isDirectory() ? [...below(child), child] : [];
  });
}

function unlessGone<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    // ENODEV: the file is open, its group is not there any more.
    if (["ENOENT", "ENODEV"].includes(errnoCode(error) ?? "")) return otherwise;
    throw error;
  }
}

function killAll(directories: readonly string[]): void {
  const pids = directories.flatMap((directory) =>
    unlessGone(() => readFileSync(`${directory}/cgroup.procs`, "utf8"), "")
      .split("\n")
      .filter(Boolean)
      .map(Number),
  );
  for (const pid of pids) {
    try {
      // 0 stands for one that cannot be seen from here.
      if (pid > 1) process.kill(pid, "SIGKILL");
    } catch {
      // It has gone.
    }
  }
}

function tryRemove(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Not there, or still in use.
  }
}
