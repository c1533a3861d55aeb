import { existsSync, openSync } from "node:fs";
import { CLONE_NEWNS, CLONE_NEWUSER } from "../sys/constants.ts";
import type { Sys } from "../sys/sys.ts";
import { errnoCode } from "../sys/sys-error.ts";

/** The re-entry point `userns-holder`: makes the namespaces, waits until the parent has written the id maps, and stays. */
export function holdUserNamespace(sys: Sys): never {
  try {
    sys.unshare(CLONE_NEWUSER | CLONE_NEWNS);
  } catch (error) {
    const word = Buffer.from(errnoCode(error) ?? "failed");
    sys.write(1, word, 0, word.length);
    process.exit(1);
  }
  sys.write(1, Buffer.from("0"), 0, 1);
  // End of file without a byte: the parent gave up.
  if (sys.read(0, Buffer.alloc(1), 0, 1) !== 1) process.exit(1);
  sys.setresgid(0, 0, 0);
  sys.setresuid(0, 0, 0);
  const nothing = openSync("/dev/null", "r+");
  for (const fd of [0, 1, 2]) sys.dup2(nothing, fd);
  idle(sys);
}

/** Becomes a program of a few kilobytes where one is installed: this runtime would hold megabytes to do nothing. */
function idle(sys: Sys): never {
  const env = ["_PODMAN_PAUSE=1"];
  const candidates: ReadonlyArray<readonly string[]> = [
    ["/usr/libexec/podman/catatonit", "-P"],
    ["/usr/bin/catatonit", "-P"],
    ["/usr/bin/sleep", "infinity"],
    ["/bin/sleep", "infinity"],
  ];
  for (const [path, argument] of candidates) {
    if (path === undefined || argument === undefined || !existsSync(path)) continue;
    try {
      sys.execve(path, [argument === "-P" ? "catatonit" : "podman pause", argument], env);
    } catch {
      // The next one.
    }
  }
  for (;;) sys.poll([], -1);
}
