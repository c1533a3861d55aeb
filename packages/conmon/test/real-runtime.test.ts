import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { attach, cleanUp, exitStatus, readSync, startMonitor } from "./harness.ts";

const RUNTIME = ["/usr/sbin/runc", "/usr/bin/runc"].find((path) => existsSync(path)) ?? "";
const BUSYBOX = "/bin/busybox";
const able = process.getuid?.() === 0 && RUNTIME !== "" && existsSync(BUSYBOX);

it.skipIf(!able)("gives a container of a real runtime a terminal of the wanted size (needs root, runc and busybox-static)", async () => {
  const cid = `monitor-test-${process.pid}`;
  const monitored = startMonitor({ command: "", cid, runtime: RUNTIME, args: ["-t", "-i"], prepare: makeBundle });
  try {
    expect(readSync(monitored)?.data).toBeGreaterThan(0);
    writeFileSync(join(monitored.dir, "ctl"), "1 31 97\n");
    const client = attach(monitored);
    expect(Bun.spawnSync([RUNTIME, "start", cid]).exitCode).toBe(0);
    expect(output(client)).toContain("ready");
    client.send("go on\n");
    expect(output(client)).toContain("31 97 got go on");
    expect(await exitStatus(monitored, cid)).toBe("5");
  } finally {
    Bun.spawnSync([RUNTIME, "delete", "-f", cid]);
    await cleanUp(monitored);
  }
});

/** All that comes until the container is silent. */
function output(client: ReturnType<typeof attach>): string {
  const parts: string[] = [];
  try {
    for (let packet = client.receive(3000); packet !== undefined; packet = client.receive(300)) parts.push(packet.text);
  } catch {
    // silent
  }
  return parts.join("");
}

function makeBundle(dir: string): void {
  mkdirSync(join(dir, "rootfs/bin"), { recursive: true });
  copyFileSync(BUSYBOX, join(dir, "rootfs/bin/busybox"));
  for (const name of ["sh", "stty", "tty"]) symlinkSync("busybox", join(dir, "rootfs/bin", name));
  Bun.spawnSync([RUNTIME, "spec", "--bundle", dir]);
  const config = JSON.parse(readFileSync(join(dir, "config.json"), "utf8"));
  config.process.args = ["sh", "-c", 'echo ready; read x; echo "$(stty size) got $x"; exit 5'];
  // the test's machine may not let limits be raised
  config.process.rlimits = [];
  writeFileSync(join(dir, "config.json"), JSON.stringify(config));
}
