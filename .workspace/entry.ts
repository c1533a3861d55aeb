#!/usr/bin/env bun
/**
 * One compiled file under four names: the name it was called by chooses the program, and only that program's
 * code is loaded. `argv0` is the caller's word (it survives symlinks and PATH look-up); systemd's generator has names of
 * its own, and a name that is none of these, such as a symlink `docker`, is podman.
 */
import { basename } from "node:path";
import type { FailedJoin } from "../packages/common/src/rootless/early-entry.ts";

const program = basename(process.argv0).replace(/^-/, "");
const argv = process.argv.slice(2);

/**
 * Joining a user namespace works only in a process with one thread, so it comes before anything else, and even a dynamic
 * import starts threads. `require` does not, and leaves the native binding unread (2 ms) by whoever joins nothing.
 */
function enterEarly(): FailedJoin | undefined {
  const wanted = process.env._CONTAINERS_USERNS_JOIN !== undefined || argv[0]?.startsWith("__") === true;
  if (!wanted || !Bun.isMainThread) return undefined;
  const { earlyEntry } =
    require("../packages/common/src/rootless/early-entry.ts") as typeof import("../packages/common/src/rootless/early-entry.ts");
  return earlyEntry(argv[0]);
}

const failedJoin = enterEarly();

async function start(): Promise<number> {
  if (failedJoin !== undefined) (await import("../packages/common/src/rootless/enter-user-namespace.ts")).retryEntry(failedJoin);
  switch (program) {
    case "conmon":
      return (await import("../packages/conmon/src/main.ts")).main(argv);
    case "skopeo":
      return (await import("../packages/skopeo/src/main.ts")).main(argv);
    case "buildah":
      return (await import("../packages/buildah/src/main.ts")).main(argv);
    case "quadlet":
    case "podman-system-generator":
    case "podman-user-generator":
      return (await import("../packages/podman/src/quadlet/main.ts")).main(argv);
    default:
      return (await import("../packages/podman/src/main.ts")).main(argv);
  }
}

// A thread of the executable loads this same file; compressing is all that threads are for.
if (Bun.isMainThread) process.exit(await start());
else (await import("../packages/image/src/copy/gzip-worker.ts")).serveGzipBlocks();
