/** A container's own user namespace: who it is inside, and on the host. */
import { chmodSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { toolPath } from "../harness/binaries.ts";
import { createWorld, type World } from "../harness/world.ts";

const HAS_AUTO_RANGE =
  readFileSync("/etc/subuid", "utf8").includes("containers:") && readFileSync("/etc/subgid", "utf8").includes("containers:");

const ranges = (text: string): number[][] =>
  text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));

describe.each([{ rootless: false }, { rootless: true }])("user namespaces, rootless: $rootless", ({ rootless }) => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
  });
  afterAll(async () => {
    await world?.destroy();
  });

  const run = (...args: string[]) => world.run("podman", ["run", "--rm", "--network", "none", ...args]);

  it.skipIf(!rootless && !HAS_AUTO_RANGE)("three containers of --userns=auto have disjoint ids", async () => {
    const hosts: Array<{ from: number; to: number }> = [];
    for (const name of ["one", "two", "three"]) {
      const made = await world.run("podman", [
        "run",
        "-d",
        "--name",
        name,
        "--userns",
        "auto:size=500",
        "--network",
        "none",
        baseImage,
        "sleep",
        "60",
      ]);
      expect(made).toMatchObject({ exitCode: 0 });
      const map = await world.run("podman", ["exec", name, "cat", "/proc/self/uid_map"]);
      const [[inside, from = 0, size = 0] = []] = ranges(map.stdout);
      expect([inside, size]).toEqual([0, 500]);
      hosts.push({ from, to: from + size });
    }
    hosts.sort((a, b) => a.from - b.from);
    expect(hosts.every(({ from }, index) => index === 0 || from >= (hosts[index - 1]?.to ?? 0))).toBe(true);
    const pid = (await world.run("podman", ["inspect", "one", "--format", "{{.State.Pid}}"])).stdout.trim();
    expect(statSync(`/proc/${pid}`).uid).not.toBe(0);
    expect((await world.run("podman", ["rm", "-f", "-t", "0", "one", "two", "three"])).exitCode).toBe(0);
  });

  it.skipIf(rootless)(
    "a new volume whose mount shifts owners is the container's root's (the kernel shifts mounts of root alone)",
    async () => {
      const maps = ["--uidmap", "0:100000:5000", "--gidmap", "0:100000:5000"];
      const shifted = await run(...maps, "-v", "shifted:/vol:idmap", baseImage, "stat", "-c", "%u %g", "/vol");
      expect(shifted.stdout, shifted.stderr).toBe("0 0");
      await world.podman("volume", "rm", "shifted");
    },
  );

  it("--uidmap shows the image's files to the container's root as its own", async () => {
    const first = rootless ? "1" : "300000";
    const result = await run(
      "--uidmap",
      `0:${first}:5000`,
      baseImage,
      "sh",
      "-c",
      "id -u; stat -c %u /etc/passwd; touch /x && stat -c %u /x",
    );
    expect(result).toMatchObject({ exitCode: 0, stdout: "0\n0\n0" });
  });

  it("commits what a container of --uidmap changed, with the owners that it has inside", async () => {
    const maps = rootless ? ["--uidmap", "0:1:500", "--gidmap", "0:1:500"] : ["--uidmap", "0:300000:500", "--gidmap", "0:300000:500"];
    const script = "touch /new && chown 12:13 /new && touch /etc/new";
    await world.podman("run", "--name", "mapped", "--network", "none", ...maps, baseImage, "sh", "-c", script);
    const changes = (await world.podman("diff", "mapped")).split("\n").toSorted();
    expect(changes).toEqual(["A /etc/new", "A /new", "C /etc"]);
    await world.podman("commit", "-q", "mapped", "localhost/was-mapped");
    const owners = await run("localhost/was-mapped", "stat", "-c", "%u:%g", "/", "/new", "/etc/new", "/etc/mtab");
    expect(owners).toMatchObject({ exitCode: 0, stdout: "0:0\n12:13\n0:0\n0:0" });
    await world.podman("rm", "mapped");
    await world.podman("rmi", "localhost/was-mapped");
  });

  it.runIf(rootless)("--gidmap takes ids from more than one range of the user's", async () => {
    const maps = ["--uidmap", "0:1:500", "--gidmap", "0:0:500"];
    const seen = await run(...maps, baseImage, "sh", "-c", "cat /proc/self/gid_map; stat -c %g /");
    expect(seen.exitCode).toBe(0);
    expect(ranges(seen.stdout).slice(0, 2)).toEqual([
      [0, 0, 1],
      [1, 1, 499],
    ]);
  });

  it("makes files that others can read, whatever the umask of who calls", async () => {
    const script = `umask 077; exec "$@"`;
    const args = ["run", "--rm", "--network", "none", "-v", "open:/volume", baseImage, "stat", "-c", "%a", "/volume"];
    const seen = await world.runProgram("sh", ["-c", script, "sh", toolPath("podman"), ...args]);
    expect(seen).toMatchObject({ exitCode: 0, stdout: "755" });
    await world.podman("volume", "rm", "open");
  });

  it("reaches a network that belongs to its namespace", async () => {
    const maps = ["--uidmap", rootless ? "0:1:5000" : "0:300000:5000"];
    const result = await world.run("podman", [
      "run",
      "--rm",
      ...maps,
      baseImage,
      "sh",
      "-c",
      "cat /sys/class/net/lo/operstate; ls /sys/class/net",
    ]);
    expect(result.stderr).toBe("");
    expect(result.stdout.split("\n").length).toBeGreaterThan(2);
  });

  it.runIf(rootless)("keep-id writes files as the user, who has a name inside", async () => {
    const shared = join(world.directory, "shared");
    mkdirSync(shared);
    chmodSync(shared, 0o777);
    const result = await run("--userns", "keep-id", "-v", `${shared}:/shared`, baseImage, "sh", "-c", "touch /shared/file; id -un; id -u");
    const [name, uid] = result.stdout.split("\n");
    expect(Number(uid)).toBe(statSync(join(shared, "file")).uid);
    expect(name).not.toBe("");
  });

  it("refuses maps beside a mode, and what is no mode", async () => {
    expect((await run("--userns", "auto", "--uidmap", "0:1:1", baseImage, "true")).stderr).toContain("are mutually exclusive");
    expect((await run("--userns", "bogus", baseImage, "true")).stderr).toContain("unrecognized namespace mode bogus passed");
    if (!rootless) expect((await run("--userns", "nomap", baseImage, "true")).stderr).toContain("only supported in rootless mode");
  });
});
