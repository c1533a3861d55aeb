/** podman container checkpoint and restore: in place, through archives, images and pods, and with the original podman. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { originalPath } from "../harness/binaries.ts";
import { cannotCheckpoint } from "../harness/criu.ts";
import { freePort } from "../harness/registry.ts";
import { createWorld, type World } from "../harness/world.ts";

const reason = cannotCheckpoint();
const original = originalPath("podman");
const counter = "i=0; while true; do i=$((i+1)); echo $i > /tmp/count; sleep 0.1; done";

let world: World;
let archive: string;

beforeAll(async () => {
  world = await createWorld();
  await buildBaseImage(world);
  archive = join(world.directory, "checkpoint.tar");
});
afterEach(async () => {
  await world.podman("rm", "-f", "-a", "-t", "0");
  await world.podman("volume", "prune", "-f");
});
afterAll(async () => {
  await world?.destroy();
});

const start = (...flags: string[]) => world.podman("run", "-d", "--tmpfs", "/tmp", ...flags, baseImage, "sh", "-c", counter);
const count = async (name: string) => Number(await world.podman("exec", name, "cat", "/tmp/count"));
const refused = async (args: readonly string[], message: string) =>
  expect(await world.run("podman", ["container", ...args]), args.join(" ")).toMatchObject({
    exitCode: 125,
    stderr: expect.stringContaining(message),
  });

describe("checkpoint and restore refuse", () => {
  it("what does not fit together", async () => {
    await refused(["checkpoint", "-c", "gzip", "x"], "--compress can only be used with --export");
    await refused(["checkpoint", "-c", "lzma", "-e", "y", "x"], 'selected compression algorithm ("lzma") not supported');
    await refused(["checkpoint", "--ignore-rootfs", "x"], "--ignore-rootfs can only be used with --export");
    await refused(["checkpoint"], "you must provide at least one name or id");
    await refused(["restore"], "you must provide at least one name or id");
    await refused(["restore", "--name", "y", "x"], "--name can only be used with image or --import");
    await refused(["restore", "-i", "y", "-a"], "cannot use --import with --all or --latest");
    await refused(["restore", "-i", "/nosuch"], "failed to open checkpoint archive /nosuch");
  });

  it("ordinary users", async () => {
    const rootless = await createWorld({ rootless: true });
    const answer = await rootless.run("podman", ["container", "checkpoint", "-a"]);
    expect(answer).toMatchObject({ exitCode: 125, stderr: "Error: checkpointing a container requires root" });
    await rootless.destroy();
  });

  it.skipIf(reason === undefined)("where criu cannot, naming what is missing", async () => {
    await start("--name", "c");
    const answer = await world.run("podman", ["container", "checkpoint", "c"]);
    expect(answer.exitCode).toBe(125);
    expect(answer.stderr).toMatch(/criu/i);
    expect(await world.podman("inspect", "-f", "{{.State.Status}}", "c")).toBe("running");
  });
});

describe.skipIf(reason !== undefined)(`checkpoint and restore (${reason ?? "criu is there"})`, () => {
  it("stop a container and let it go on, with its address", async () => {
    await start("--name", "c", "--restart", "always");
    const address = await world.podman("inspect", "-f", "{{.NetworkSettings.IPAddress}}", "c");
    expect(await world.podman("container", "checkpoint", "c")).toBe("c");
    expect(await world.podman("ps", "-a", "--format", "{{.Names}} {{.Status}}")).toMatch(/^c Exited \(0\)/);
    expect(await world.podman("inspect", "-f", "{{.State.Checkpointed}} {{.State.Running}}", "c")).toBe("true false");
    expect(await world.podman("container", "restore", "c")).toBe("c");
    expect(await count("c")).toBeGreaterThan(0);
    expect(await world.podman("inspect", "-f", "{{.State.Restored}} {{.NetworkSettings.IPAddress}}", "c")).toBe(`true ${address}`);
    await refused(["restore", "c"], "is running, cannot restore");
    await world.podman("stop", "-t", "0", "c");
    await refused(["restore", "c"], "a complete checkpoint for this container cannot be found");
  });

  it("compress archives as asked", async () => {
    await start("--name", "c");
    const magics = { none: "", gzip: "1f8b", zstd: "28b52ffd" };
    for (const [compression, magic] of Object.entries(magics)) {
      await world.podman("container", "checkpoint", "-R", "-e", archive, "-c", compression, "c");
      expect(readFileSync(archive).toString("hex", 0, magic.length / 2)).toBe(magic);
      const names = await world.runProgram("tar", ["-tf", archive]);
      expect(names.stdout.split("\n")).toEqual(
        expect.arrayContaining(["config.dump", "spec.dump", "network.status", "checkpoint/inventory.img"]),
      );
    }
  });

  it("move a container to another storage root", async () => {
    await start("--name", "c", "-v", "data:/data", "-e", "A=b");
    await world.podman(
      "exec",
      "c",
      "sh",
      "-c",
      "echo kept > /data/file; echo new > /etc/new; echo shm > /dev/shm/s; rm /bin/wc; cp /bin/sh /root",
    );
    await world.podman("container", "checkpoint", "--leave-running", "-e", archive, "c");
    expect(await world.podman("inspect", "-f", "{{.State.Running}}", "c")).toBe("true");
    await refused(["restore", "-i", archive, "-n", "d"], "volume with name data already exists. Use --ignore-volumes");
    const other = [
      "--root",
      join(world.directory, "graph2"),
      "--runroot",
      join(world.directory, "run2"),
      "--tmpdir",
      join(world.directory, "tmp2"),
    ];
    mkdirSync(join(world.directory, "graph2"), { recursive: true });
    await world.podman("save", "-q", "-o", `${archive}.image`, baseImage);
    await world.podman("rm", "-f", "-t", "0", "c");
    await world.podman(...other, "load", "-q", "-i", `${archive}.image`);
    await world.podman(...other, "container", "restore", "-i", archive);
    const seen = await world.podman(
      ...other,
      "exec",
      "c",
      "sh",
      "-c",
      "cat /data/file /etc/new /dev/shm/s; ls /bin/wc /root; cat /tmp/count",
    );
    await world.podman(...other, "restart", "-t", "0", "c");
    const again = await world.podman(...other, "exec", "c", "sh", "-c", "cat /data/file; echo $A");
    await world.podman(...other, "rm", "-f", "-a", "-t", "0");
    await world.podman(...other, "rmi", "-a", "-f");
    expect(seen).toMatch(/^kept\nnew\nshm\n\/root:\nsh\n\d+$/);
    expect(again).toBe("kept\nb");
  });

  it("make a second container of it, with other ports", async () => {
    await start("--name", "c");
    await world.podman("container", "checkpoint", "-R", "-e", archive, "c");
    const port = await freePort();
    const id = await world.podman("container", "restore", "-i", archive, "-n", "d", "-p", `127.0.0.1:${port}:80`);
    expect(await world.podman("ps", "--format", "{{.Names}} {{.Ports}}", "--filter", `id=${id}`)).toBe(`d 127.0.0.1:${port}->80/tcp`);
    expect(await count("d")).toBeGreaterThan(0);
    await refused(["restore", "-i", archive, "-n", "d"], "already in use");
  });

  it("keep statistics and logs when asked", async () => {
    await start("--name", "c");
    const printed = JSON.parse(await world.podman("container", "checkpoint", "--print-stats", "--keep", "c"));
    expect(printed.container_statistics[0].criu_statistics.pages_written).toBeGreaterThan(0);
    const log = await world.podman("inspect", "-f", "{{.State.CheckpointLog}}", "c");
    expect(existsSync(log)).toBe(true);
    const restored = JSON.parse(await world.podman("container", "restore", "--print-stats", "c"));
    expect(restored.container_statistics[0].criu_statistics.pages_restored).toBeGreaterThan(0);
    expect(existsSync(log)).toBe(false);
  });

  it("make an image that is restored by name", async () => {
    await start("--name", "c");
    await world.podman("container", "checkpoint", "--create-image", "frozen", "c");
    await world.podman("rm", "c");
    await world.podman("container", "restore", "frozen");
    expect(await count("c")).toBeGreaterThan(0);
    await refused(["restore", baseImage], "is not a checkpoint image");
    await world.podman("rmi", "frozen");
  });

  it("move a container to another pod", async () => {
    await world.podman("pod", "create", "--name", "one");
    await start("--name", "c", "--pod", "one");
    await world.podman("container", "checkpoint", "-e", archive, "c");
    await world.podman("pod", "rm", "-f", "-t", "0", "one");
    await world.podman("pod", "create", "--name", "two");
    await refused(["restore", "-i", archive], "cannot restore pod container without --pod");
    await world.podman("container", "restore", "-i", archive, "--pod", "two");
    expect(await world.podman("ps", "--pod", "--filter", "name=^c$", "--format", "{{.Names}} {{.PodName}}")).toBe("c two");
    await world.podman("pod", "rm", "-f", "-t", "0", "two");
  });

  it("leave nothing of what cannot be restored", async () => {
    await start("--name", "c", "-v", "data:/data");
    await world.podman("container", "checkpoint", "-e", archive, "--ignore-volumes", "c");
    await world.podman("rm", "c");
    await world.podman("volume", "rm", "data");
    await refused(["restore", "-i", archive], "no content of the volume data");
    expect(await world.podman("ps", "-aq")).toBe("");
    expect(await world.podman("volume", "ls", "-q")).toBe("");
  });

  it.skipIf(original === undefined)("exchange archives with the original, both ways", async () => {
    const theirs = async (...args: string[]) => {
      const result = await world.runProgram(original ?? "", args);
      expect(result.exitCode, `${result.command}\n${result.stderr}`).toBe(0);
      return result.stdout;
    };
    await start("--name", "c", "-v", "data:/data", "-e", "A=b");
    await world.podman("exec", "c", "sh", "-c", "echo ours > /data/file; echo new > /etc/new");
    await world.podman("container", "checkpoint", "-e", archive, "c");
    await world.podman("rm", "c");
    await world.podman("volume", "rm", "data");
    await theirs("container", "restore", "-i", archive);
    expect(await theirs("exec", "c", "cat", "/data/file", "/etc/new")).toBe("ours\nnew");
    await theirs("exec", "c", "sh", "-c", "echo theirs > /data/file");
    await theirs("container", "checkpoint", "-e", archive, "c");
    await theirs("rm", "c");
    await theirs("volume", "rm", "data");
    await world.podman("container", "restore", "-i", archive);
    expect(await world.podman("exec", "c", "cat", "/data/file", "/etc/new")).toBe("theirs\nnew");
    expect(await count("c")).toBeGreaterThan(0);
    await world.podman("restart", "-t", "0", "c");
    expect(await world.podman("exec", "c", "sh", "-c", "cat /data/file; echo $A")).toBe("theirs\nb");
  });
});
