/** What is particular to an ordinary user: the user namespace, its ids, the process that holds it. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { originalPath, toolPath } from "../harness/binaries.ts";
import { createWorld, type World } from "../harness/world.ts";

describe("an ordinary user", () => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ rootless: true });
    await buildBaseImage(world);
  });
  afterAll(async () => {
    await world?.destroy();
  });

  const pidFile = () => join(world.directory, "xdg", "libpod", "tmp", "pause.pid");
  const pausePid = () => Number(readFileSync(pidFile(), "utf8"));
  const unshare = (...args: string[]) => world.run("podman", ["unshare", ...args]);
  const ours = () => world.user?.uid ?? -1;

  it("is root in a user namespace with the subordinate ids", async () => {
    const { stdout } = await unshare("cat", "/proc/self/uid_map");
    const lines = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
    expect(lines[0]).toEqual([0, ours(), 1]);
    expect(lines[1]?.[0]).toBe(1);
    expect(lines[1]?.[2]).toBeGreaterThanOrEqual(65536);
    expect((await unshare("id", "-u")).stdout).toBe("0");
  });

  it("passes exit codes, arguments and standard input through unshare", async () => {
    expect((await unshare("sh", "-c", "exit 7")).exitCode).toBe(7);
    expect((await unshare("printf", "%s|", "a b", "", "c")).stdout).toBe("a b||c|");
    expect((await world.run("podman", ["unshare", "cat"], { input: "text" })).stdout).toBe("text");
    const missing = await unshare("no-such-command");
    expect(missing.exitCode).toBe(127);
    expect(missing.stderr).toContain("no-such-command");
  });

  it("keeps the working directory and hides how it got there", async () => {
    const { stdout } = await world.run("podman", ["unshare", "sh", "-c", "pwd; env"], { cwd: join(world.directory, "home") });
    expect(stdout.split("\n")[0]).toBe(join(world.directory, "home"));
    expect(stdout).not.toMatch(/^BUN_|USERNS_JOIN/m);
    expect(stdout).toMatch(/^_CONTAINERS_USERNS_CONFIGURED=/m);
    expect(stdout).toMatch(new RegExp(`^_CONTAINERS_ROOTLESS_UID=${ours()}$`, "m"));
  });

  it("holds one namespace between commands, and sees its mounts again", async () => {
    await unshare("true");
    const pid = pausePid();
    expect((await unshare("readlink", "/proc/self/ns/user")).stdout).toBe((await unshare("readlink", `/proc/${pid}/ns/user`)).stdout);
    await unshare("mount", "-t", "tmpfs", "tmpfs", join(world.directory, "tmp"));
    expect((await unshare("sh", "-c", `touch ${world.directory}/tmp/x; ls ${world.directory}/tmp`)).stdout).toBe("x");
    expect((await unshare("ls", join(world.directory, "tmp"))).stdout).toBe("x");
    await unshare("umount", join(world.directory, "tmp"));
    expect(pausePid()).toBe(pid);
  });

  it("starts a new one when it was killed, or when its pid is another's", async () => {
    process.kill(pausePid(), "SIGKILL");
    expect((await unshare("id", "-u")).stdout).toBe("0");
    const killed = pausePid();
    writeFileSync(pidFile(), "1");
    expect((await unshare("id", "-u")).stdout).toBe("0");
    expect(pausePid()).not.toBe(1);
    process.kill(killed, "SIGKILL");
  });

  it("starts only one when ten commands come at once", async () => {
    process.kill(pausePid(), "SIGKILL");
    const seen = await Promise.all(Array.from({ length: 10 }, () => unshare("readlink", "/proc/self/ns/user")));
    expect(seen.map(({ exitCode }) => exitCode)).toEqual(Array(10).fill(0));
    expect(new Set(seen.map(({ stdout }) => stdout)).size).toBe(1);
  });

  it("works inside its own namespace", async () => {
    expect((await unshare("podman", "run", "--rm", "--network", "none", baseImage, "echo", "inside")).stdout).toBe("inside");
  });

  it("works without XDG_RUNTIME_DIR", async () => {
    const result = await world.runProgram("env", ["-u", "XDG_RUNTIME_DIR", "podman", "unshare", "sh", "-c", "echo $XDG_RUNTIME_DIR"]);
    expect(result.stderr).toBe("");
    const directory = result.stdout;
    expect([`/run/user/${ours()}`, `${world.directory}/tmp/storage-run-${ours()}`]).toContain(directory);
    const pid = Number(readFileSync(`${directory}/libpod/tmp/pause.pid`, "utf8"));
    process.kill(pid, "SIGKILL");
  });

  it("works without HOME: the user's own directory is known", async () => {
    const { stdout } = await world.runProgram("env", ["-u", "HOME", "podman", "unshare", "sh", "-c", "echo $HOME"]);
    const line = readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .find((entry) => entry.split(":")[2] === String(ours()));
    expect(stdout).toBe(line?.split(":")[5]);
  });

  it("reaches the namespace of its bridges", async () => {
    const result = await world.run("podman", ["unshare", "--rootless-netns", "ls", "/sys/class/net"]);
    expect(result.exitCode, result.stderr).toBe(0);
    expect((await world.run("podman", ["unshare", "--rootless-netns", "ip", "-o", "link"])).stdout.split("\n").length).toBeGreaterThan(1);
    // It goes with its last user.
    expect(existsSync(join(world.directory, "run", "networks", "rootless-netns"))).toBe(false);
  });

  it("maps users of the container to subordinate ids", async () => {
    const owners = await world.podman(
      "run",
      "--rm",
      "--network",
      "none",
      "-v",
      `${world.directory}/home:/h`,
      baseImage,
      "sh",
      "-c",
      "touch /h/root /h/alice; chown 1000 /h/alice; stat -c %u /h/root /h/alice",
    );
    expect(owners).toBe("0\n1000");
    const outside = readdirSync(join(world.directory, "home")).filter((name) => ["root", "alice"].includes(name));
    expect(outside).toHaveLength(2);
    await unshare("rm", "-f", join(world.directory, "home", "alice"), join(world.directory, "home", "root"));
  });

  it.skipIf(originalPath("podman") === undefined)("shares the namespace with the original podman", async () => {
    const original = originalPath("podman") ?? "";
    const link = ["unshare", "readlink", "/proc/self/ns/user"];
    const first = (await unshare("readlink", "/proc/self/ns/user")).stdout;
    expect((await world.runProgram(original, link)).stdout).toBe(first);
    process.kill(pausePid(), "SIGKILL");
    // Where nobody reaps it, the original takes the dead process for a living one.
    rmSync(pidFile());
    const theirs = (await world.runProgram(original, link)).stdout;
    expect((await unshare("readlink", "/proc/self/ns/user")).stdout).toBe(theirs);
  });

  it("is told which package is missing", async () => {
    const empty = join(world.directory, "tmp", "xdg2");
    const result = await world.runProgram(
      "sh",
      ["-c", `mkdir -m 700 ${empty} && PATH=/nowhere exec ${toolPath("podman")} unshare /bin/true`],
      {
        env: { XDG_RUNTIME_DIR: empty },
      },
    );
    expect(result.exitCode).toBe(125);
    expect(result.stderr).toMatch(/^Error: newuidmap not found.*install the package uidmap/);
    expect(existsSync(join(empty, "libpod", "tmp", "pause.pid"))).toBe(false);
  });
});
