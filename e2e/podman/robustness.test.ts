/** Many at once, killed in the middle, no room left: the next command works and nothing half-made stays. */
import { spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { patience } from "../harness/eventually.ts";
import { createWorld, type World } from "../harness/world.ts";

describe.each([{ rootless: false }, { rootless: true }])("robustness, rootless: $rootless", ({ rootless }) => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
  });
  afterAll(async () => {
    await world?.destroy();
  });

  it("runs 20 containers at once and leaves nothing, again and again", async () => {
    for (let round = 0; round < 2; round++) await runTwenty();
    expect(await world.podman("ps", "-a", "-q")).toBe("");
  });

  async function runTwenty(): Promise<void> {
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => world.run("podman", ["run", "--rm", baseImage, "echo", `number ${index}`])),
    );
    expect(results.map((result) => [result.exitCode, result.stdout, result.stderr])).toEqual(
      results.map((_, index) => [0, `number ${index}`, ""]),
    );
  }

  it("survives kill -9 of podman at any moment of run", async () => {
    for (let delay = 5; delay <= 250; delay += 35) {
      const child = world.spawn("podman", ["run", "--rm", "--network", "none", "--name", `killed-${delay}`, baseImage, "sleep", "100"]);
      await Bun.sleep(delay);
      child.kill("SIGKILL");
      await child;
    }
    await Bun.sleep(500);
    const states = (await world.podman("ps", "-a", "--format", "{{.Names}} {{.State}}")).split("\n").filter((line) => line !== "");
    for (const line of states) expect(line).toMatch(/^killed-\d+ (created|initialized|running|exited)$/);
    await world.podman("rm", "-f", "-a", "-t", "0");
    expect(await world.podman("ps", "-a", "-q")).toBe("");
    expect(await world.podman("run", "--rm", "--network", "none", baseImage, "echo", "still works")).toBe("still works");
  });

  it("notices a monitor that was killed", async () => {
    await world.podman("run", "-d", "--network", "none", "--name", "orphan", baseImage, "sleep", "100");
    const [conmon, pid] = (await world.podman("inspect", "--format", "{{.State.ConmonPid}} {{.State.Pid}}", "orphan"))
      .split(" ")
      .map(Number);
    process.kill(conmon ?? 0, "SIGKILL");
    process.kill(pid ?? 0, "SIGKILL");
    await expect.poll(() => world.podman("ps", "-a", "--format", "{{.Names}} {{.State}}"), patience).toBe("orphan exited");
    expect(await world.podman("rm", "-f", "-t", "0", "orphan")).toBe("orphan");
  });

  it("ends at once what goes on without its monitor", async () => {
    const pids = async (name: string) =>
      (await world.podman("inspect", "--format", "{{.State.ConmonPid}} {{.State.Pid}}", name)).split(" ").map(Number);
    const begin = (name: string) => world.podman("run", "-d", "--network", "none", "--name", name, baseImage, "sleep", "100");
    await begin("unwatched");
    const [conmon = 0, pid = 0] = await pids("unwatched");
    process.kill(conmon, "SIGKILL");
    await expect.poll(() => world.podman("ps", "-a", "--format", "{{.Names}} {{.State}}"), patience).toBe("unwatched exited");
    expect(existsSync(`/proc/${pid}/exe`)).toBe(false);
    expect(await world.podman("inspect", "--format", "{{.State.Error}}", "unwatched")).toContain("monitor was killed");
    await world.podman("start", "unwatched");
    const [again = 0] = await pids("unwatched");
    const waiting = world.run("podman", ["wait", "unwatched"]);
    process.kill(again, "SIGKILL");
    expect(await waiting).toMatchObject({ exitCode: 0, stdout: "-1" });
    await world.podman("start", "unwatched");
    const [last = 0] = await pids("unwatched");
    process.kill(last, "SIGKILL");
    expect(await world.run("podman", ["stop", "-t", "0", "unwatched"])).toMatchObject({
      exitCode: 125,
      stderr: expect.stringContaining("conmon exited prematurely"),
    });
    await world.podman("rm", "unwatched");
  });
});

describe("a full disk", () => {
  let world: World;
  let small: string;

  beforeAll(async () => {
    world = await createWorld();
    await buildBaseImage(world);
    small = join(world.directory, "small");
    mkdirSync(small);
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=12m", "tmpfs", small]).status).toBe(0);
  });
  afterAll(async () => {
    spawnSync("umount", ["-l", join(small, "graph", "overlay")]);
    spawnSync("umount", [small]);
    await world?.destroy();
  });

  it("refuses an image that does not fit, gives the space back, and goes on", async () => {
    const archive = join(world.directory, "tmp", "large.tar");
    await world.podman("run", "--network", "none", "--name", "large", baseImage, "dd", "if=/dev/urandom", "of=/large", "bs=1M", "count=24");
    await world.podman("commit", "-q", "large", "localhost/large");
    await world.podman("save", "-q", "-o", archive, "localhost/large");
    const elsewhere = ["--root", join(small, "graph"), "--runroot", join(small, "run")];
    await world.podman(...elsewhere, "images");
    const free = statfsSync(small).bavail;
    const result = await world.run("podman", [...elsewhere, "load", "-q", "-i", archive]);
    expect(result.exitCode).toBe(125);
    expect(result.stderr).toMatch(/no space left on device/i);
    expect(await world.podman(...elsewhere, "images", "-a", "-q")).toBe("");
    expect(statfsSync(small).bavail).toBeGreaterThan(free - 64);
    const fits = join(world.directory, "tmp", "fits.tar");
    await world.podman("save", "-q", "-o", fits, baseImage);
    await world.podman(...elsewhere, "load", "-q", "-i", fits);
    expect(await world.podman(...elsewhere, "images", "-q")).not.toBe("");
  });
});

describe.each([{ rootless: false }, { rootless: true }])("a disk that is full to the last block, rootless: $rootless", ({ rootless }) => {
  let world: World;
  let small: string;
  let elsewhere: readonly string[];

  beforeAll(async () => {
    world = await createWorld({ rootless });
    small = join(world.directory, "ext4");
    const image = join(world.directory, "ext4.img");
    mkdirSync(small);
    const make = `truncate -s 60M ${image} && mkfs.ext4 -q -m 0 ${image} && mount -o loop ${image} ${small} && rmdir ${small}/lost+found`;
    expect(spawnSync("sh", ["-c", make], { encoding: "utf8" })).toMatchObject({ status: 0 });
    if (world.user !== undefined) chownSync(small, world.user.uid, world.user.gid);
    // After the mount: an ordinary user's mount namespace, once made, need not see it.
    await buildBaseImage(world);
    elsewhere = ["--root", join(small, "graph"), "--runroot", join(small, "run"), "--tmpdir", join(small, "tmp")];
    const archive = join(world.directory, "tmp", "base.tar");
    await world.podman("save", "-q", "-o", archive, baseImage);
    await world.podman(...elsewhere, "load", "-q", "-i", archive);
  });
  afterAll(async () => {
    await world.run("podman", [...elsewhere, "rm", "-f", "-a", "-t", "0"]);
    await world.stopPauseProcess();
    spawnSync("umount", ["-R", "-l", small]);
    await world?.destroy();
  });

  it("lists, enters, stops, starts and removes containers, and removes images", async () => {
    const podman = (...args: string[]): Promise<string> => world.podman(...elsewhere, ...args);
    for (const name of ["one", "two", "three"]) await podman("run", "-d", "--network", "none", "--name", name, baseImage, "sleep", "100");
    await podman("create", "--network", "none", "--name", "four", baseImage, "sleep", "100");
    // Each ends with an error, when nothing is left; what the file system keeps back from large files is for the small ones.
    const fill = (name: string) =>
      spawnSync("sh", ["-c", `cd ${small}; cat /dev/zero >${name}; n=0; while echo x >${name}$n; do n=$((n + 1)); done; sync -f .`]);
    fill("full");
    expect(statfsSync(small).bavail).toBeLessThan(4);
    expect(await podman("exec", "one", "echo", "here")).toBe("here");
    expect(await podman("ps", "-a", "--format", "{{.Names}}")).toBe("one\ntwo\nthree\nfour");
    expect(await podman("stop", "-t", "0", "one")).toBe("one");
    expect(await podman("start", "one")).toBe("one");
    // Whoever filled the disk takes what was freed since.
    fill("fuller");
    expect(await podman("rm", "-f", "-t", "0", "two", "one")).toBe("two\none");
    expect(await podman("kill", "three")).toBe("three");
    expect(await podman("wait", "three")).toBe("137");
    expect(await podman("rm", "three", "four")).toBe("three\nfour");
    await podman("rmi", baseImage);
    expect(await podman("images", "-q")).toBe("");
    expect(await podman("ps", "-a", "-q")).toBe("");
  });
});
