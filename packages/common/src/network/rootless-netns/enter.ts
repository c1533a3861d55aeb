import { existsSync, lstatSync, mkdirSync, openSync, readlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ToolError } from "../../errors/tool-error.ts";
import { ensureRuntimeDir } from "../../rootless/runtime-dir.ts";
import { CLONE_NEWNET, CLONE_NEWNS, MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_REC, MS_SLAVE } from "../../sys/constants.ts";
import type { Sys } from "../../sys/sys.ts";

/**
 * The re-entry point `rootless-netns-exec DIRECTORY PROGRAM [ARG…]`: enters the rootless network namespace, prepares a mount
 * namespace in which that network's helpers can work (their own writable /run, the namespace's resolv.conf), and becomes the program.
 */
export function execInRootlessNetns(sys: Sys, args: readonly string[]): never {
  const [directory, program, ...rest] = args;
  if (directory === undefined || program === undefined) throw new ToolError("invalid-argument", "expected DIRECTORY PROGRAM [ARG…]");
  sys.setns(openSync(`${directory}/rootless-netns`, "r"), CLONE_NEWNET);
  sys.unshare(CLONE_NEWNS);
  // What is unmounted outside must not be kept busy in here.
  sys.mount("", "/", "none", MS_SLAVE | MS_REC, null);
  prepareMounts(sys, directory);
  const env = Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
  return sys.execve(program, [program, ...rest], env);
}

/** The order matters: everything that must stay visible below /run is bound into the new /run before that covers the old one. */
function prepareMounts(sys: Sys, directory: string): void {
  const runtimeDir = ensureRuntimeDir();
  bind(sys, runtimeDir, `${directory}${runtimeDir}`);
  if (existsSync("/run/systemd")) bind(sys, "/run/systemd", `${directory}/run/systemd`);
  let target = resolvConfTarget("/etc/resolv.conf");
  if (target.startsWith("/run/systemd/resolve/")) {
    // systemd-resolved replaces the file on the host, which would drop our mount on it.
    mkdirSync(`${directory}/run/systemd/resolve`, { recursive: true });
    sys.mount("tmpfs", `${directory}/run/systemd/resolve`, "tmpfs", MS_NOEXEC | MS_NOSUID | MS_NODEV, null);
  }
  if (target.startsWith("/run/")) {
    target = `${directory}${target}`;
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, "", { flag: "a" });
  }
  if (existsSync(target)) sys.mount(`${directory}/resolv.conf`, target, "none", MS_BIND, null);
  bind(sys, `${directory}/run`, "/run");
}

function bind(sys: Sys, source: string, target: string): void {
  mkdirSync(source, { recursive: true, mode: 0o700 });
  mkdirSync(target, { recursive: true, mode: 0o700 });
  sys.mount(source, target, "none", MS_BIND | MS_REC, null);
}

/**
 * Where resolv.conf must be mounted: its links followed, one component at a time, up to the first place below /run, because
 * the /run inside is a fresh directory in which no further link exists.
 */
export function resolvConfTarget(path: string): string {
  for (let links = 0; links < 255; links++) {
    if (path.startsWith("/run/")) return path;
    const next = followFirstLink(path);
    if (next === undefined) return path;
    path = next;
  }
  throw new ToolError("invalid-state", "too many symlinks while resolving /etc/resolv.conf");
}

function followFirstLink(path: string): string | undefined {
  const parts = path.split("/").slice(1);
  for (let count = 1; count <= parts.length; count++) {
    const prefix = `/${parts.slice(0, count).join("/")}`;
    if (lstatSync(prefix, { throwIfNoEntry: false })?.isSymbolicLink() !== true) continue;
    const link = readlinkSync(prefix);
    return join(link.startsWith("/") ? link : join(dirname(prefix), link), ...parts.slice(count));
  }
  return undefined;
}
