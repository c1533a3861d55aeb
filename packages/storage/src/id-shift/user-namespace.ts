import fs from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Sys } from "@containers/common/sys/sys";
import type { IdMapping, IdMappings } from "../store.ts";

const WAIT_MS = 2_000;

/**
 * Calls `action` with the descriptor of a user namespace that has the given maps, as the kernel wants it for mounts with shifted owners.
 * A process has to make the namespace; it ends with the call, the namespace lives on in the mounts.
 */
export function withUserNamespace<T>(sys: Sys, mappings: IdMappings, action: (fd: number) => T): T {
  const program = ["/usr/bin/unshare", "/bin/unshare"].find((file) => fs.existsSync(file));
  if (program === undefined)
    throw new ToolError("unavailable", "shifting a layer's ids needs the program unshare", { hint: "install the package util-linux" });
  const [readEnd, writeEnd] = sys.pipe2(0);
  const pid = sys.spawn({
    path: program,
    argv: ["unshare", "--user", "--", "cat"],
    env: ["PATH=/usr/bin:/bin"],
    descriptors: [[readEnd, 0]],
  });
  try {
    sys.close(readEnd);
    waitForNamespace(pid);
    fs.writeFileSync(`/proc/${pid}/uid_map`, mapText(mappings.uidMap));
    fs.writeFileSync(`/proc/${pid}/gid_map`, mapText(mappings.gidMap));
    const fd = fs.openSync(`/proc/${pid}/ns/user`, "r");
    try {
      return action(fd);
    } finally {
      fs.closeSync(fd);
    }
  } finally {
    sys.close(writeEnd);
    sys.waitpid(pid, 0);
  }
}

function waitForNamespace(pid: number): void {
  const own = fs.readlinkSync("/proc/self/ns/user");
  const nap = new Int32Array(new SharedArrayBuffer(4));
  for (const end = Date.now() + WAIT_MS; Date.now() < end; Atomics.wait(nap, 0, 0, 1)) {
    if (fs.readlinkSync(`/proc/${pid}/ns/user`) !== own) return;
  }
  throw new ToolError("unavailable", "no user namespace could be made to shift a layer's ids");
}

function mapText(ranges: readonly IdMapping[]): string {
  return ranges.map((range) => `${range.containerId} ${range.hostId} ${range.size}\n`).join("");
}
