/** `podman run`: what a user sees of one container, as root and rootless. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { limited } from "../harness/limits.ts";
import { createWorld, type World } from "../harness/world.ts";

const limits = limited("limits memory, cpus and pids");

describe.each([{ rootless: false }, { rootless: true }])("podman run, rootless: $rootless", ({ rootless }) => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
  });
  afterAll(async () => {
    await world?.destroy();
  });

  const run = (...args: string[]) => world.run("podman", ["run", "--rm", "--network", "none", ...args]);

  it.each([0, 1, 7, 200])("gives the container's exit code %i", async (code) => {
    expect((await run(baseImage, "sh", "-c", `exit ${code}`)).exitCode).toBe(code);
  });

  it("keeps standard output and standard error apart", async () => {
    const result = await run(baseImage, "sh", "-c", "echo out; echo err >&2");
    expect(result).toMatchObject({ exitCode: 0, stdout: "out", stderr: "err" });
  });

  it("passes standard input with -i", async () => {
    const input = "line 1\nline 2\n".repeat(5_000);
    const result = await world.run("podman", ["run", "--rm", "-i", "--network", "none", baseImage, "sha256sum"], { input });
    expect(result.stdout.split(" ")[0]).toBe(new Bun.CryptoHasher("sha256").update(input).digest("hex"));
  });

  it("answers 127 for a command that the image lacks, 126 for one that cannot run", async () => {
    const missing = await run(baseImage, "no-such-command");
    expect(missing.exitCode).toBe(127);
    expect(missing.stderr).toContain("no-such-command");
    expect((await run(baseImage, "/etc")).exitCode).toBe(126);
  });

  it("applies environment, working directory, user, entrypoint and host name", async () => {
    const result = await run(
      "-e",
      "COLOUR=blue",
      "-w",
      "/tmp",
      "-u",
      "alice",
      "--entrypoint",
      "sh",
      "--hostname",
      "box",
      baseImage,
      "-c",
      "echo $COLOUR $(pwd) $(id -u):$(id -g) $(hostname)",
    );
    expect(result.stdout).toBe("blue /tmp 1000:1000 box");
  });

  it("mounts volumes and host directories, read-only where told", async () => {
    const shared = join(world.directory, "tmp", "shared");
    mkdirSync(shared);
    writeFileSync(join(shared, "from-host"), "host");
    chmodSync(shared, 0o777);
    expect(
      (await run("-v", `${shared}:/data`, baseImage, "sh", "-c", "cat /data/from-host; echo container >/data/from-container")).stdout,
    ).toBe("host");
    expect(readFileSync(join(shared, "from-container"), "utf8")).toBe("container\n");
    const readOnly = await run("-v", `${shared}:/data:ro`, baseImage, "touch", "/data/x");
    expect(readOnly.exitCode).toBe(1);
    expect(readOnly.stderr).toContain("Read-only file system");
    await run("-v", "vol:/data", baseImage, "sh", "-c", "echo kept >/data/file");
    expect((await run("-v", "vol:/data", baseImage, "cat", "/data/file")).stdout).toBe("kept");
  });

  it("gives a read-only root with a writable --tmpfs", async () => {
    const result = await run("--read-only", "--tmpfs", "/scratch:size=1m", baseImage, "sh", "-c", "touch /scratch/ok && touch /not-ok");
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("/not-ok");
    expect(result.stderr).not.toContain("/scratch/ok");
  });

  it("has the original's default capabilities, and takes and gives single ones", async () => {
    const effective = async (...flags: string[]) =>
      BigInt(`0x${(await run(...flags, baseImage, "grep", "CapEff", "/proc/self/status")).stdout.split("\t")[1]}`);
    expect((await effective()).toString(16)).toBe("800405fb");
    expect(await effective("--cap-drop", "ALL")).toBe(0n);
    expect(await effective("--cap-drop", "ALL", "--cap-add", "CHOWN")).toBe(1n);
  });

  it("filters system calls by default and not with seccomp=unconfined", async () => {
    const mode = async (...flags: string[]) => (await run(...flags, baseImage, "grep", "Seccomp:", "/proc/self/status")).stdout.trim();
    expect(await mode()).toMatch(/2$/);
    expect(await mode("--security-opt", "seccomp=unconfined")).toMatch(/0$/);
  });

  it("reaps orphans with --init", async () => {
    const result = await run("--init", baseImage, "cat", "/proc/1/comm");
    expect(result.stdout).toBe("podman-init");
  });

  it("shows only its own processes and the container's marker file", async () => {
    expect((await run(baseImage, "sh", "-c", "ps | wc -l; test -e /run/.containerenv && echo marked")).stdout).toMatch(/^\d\s+marked$/);
  });

  it.skipIf(rootless || limits.skip)(limits.title, async () => {
    const result = await run(
      "--memory",
      "64m",
      "--pids-limit",
      "50",
      "--cpus",
      "0.5",
      baseImage,
      "sh",
      "-c",
      "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null",
    );
    expect(result.stdout.split("\n")).toEqual(["67108864", "50"]);
  });
});
