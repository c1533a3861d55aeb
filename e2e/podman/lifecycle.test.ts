/** A container's life: create, start, ps, logs, exec, inspect, stop, kill, rm. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { patience } from "../harness/eventually.ts";
import { createWorld, type World } from "../harness/world.ts";

describe.each([{ rootless: false }, { rootless: true }])("a container's life, rootless: $rootless", ({ rootless }) => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
  });
  afterEach(async () => {
    await world.podman("rm", "-f", "-a", "-t", "0");
  });
  afterAll(async () => {
    await world?.destroy();
  });

  const start = (name: string, ...command: string[]) =>
    world.podman("run", "-d", "--network", "none", "--name", name, baseImage, ...command);
  const state = (name: string) => world.podman("inspect", "--format", "{{.State.Status}}", name);

  it("goes created, running, exited, running again, removed", async () => {
    const id = await world.podman("create", "--network", "none", "--name", "c1", baseImage, "sleep", "100");
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(await state("c1")).toBe("created");
    expect(await world.podman("start", "c1")).toBe("c1");
    expect(await state("c1")).toBe("running");
    expect(await world.podman("stop", "-t", "0", "c1")).toBe("c1");
    expect(await state("c1")).toBe("exited");
    expect(await world.podman("inspect", "--format", "{{.State.ExitCode}}", "c1")).toBe("137");
    await world.podman("start", "c1");
    expect(await state("c1")).toBe("running");
    expect((await world.run("podman", ["rm", "c1"])).exitCode).toBe(2);
    expect(await world.podman("rm", "-f", "-t", "0", "c1")).toBe("c1");
    expect((await world.run("podman", ["container", "exists", "c1"])).exitCode).toBe(1);
  });

  it("attaches with start -a and gives the exit code", async () => {
    await world.podman("create", "--network", "none", "--name", "c2", baseImage, "sh", "-c", "echo attached; exit 3");
    expect(await world.run("podman", ["start", "-a", "c2"])).toMatchObject({ exitCode: 3, stdout: "attached" });
  });

  it("keeps the log, follows it, and shows its tail", async () => {
    await start("c3", "sh", "-c", "for i in 1 2 3; do echo line $i; done; printf unfinished; sleep 1; echo last");
    const followed = await world.podman("logs", "-f", "c3");
    expect(followed).toBe("line 1\nline 2\nline 3\nunfinishedlast");
    expect(await world.podman("logs", "--tail", "1", "c3")).toBe("unfinishedlast");
  });

  it("runs more commands in it with exec", async () => {
    await start("c4", "sleep", "100");
    expect(await world.podman("exec", "-e", "A=b", "-w", "/tmp", "c4", "sh", "-c", "echo $A $(pwd)")).toBe("b /tmp");
    expect((await world.run("podman", ["exec", "c4", "sh", "-c", "exit 9"])).exitCode).toBe(9);
    expect((await world.run("podman", ["exec", "c4", "no-such-command"])).exitCode).toBe(127);
    expect((await world.run("podman", ["exec", "-i", "c4", "cat"], { input: "through exec" })).stdout).toBe("through exec");
  });

  it("is shown by ps with the original's columns", async () => {
    await start("c5", "sleep", "100");
    const [header, row] = (await world.podman("ps")).split("\n");
    expect(header?.split(/\s{2,}/)).toEqual(["CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES"]);
    expect(row).toMatch(/^[0-9a-f]{12} {2}localhost\/base:latest {2}sleep 100 .* Up .* c5$/);
    const [listed] = JSON.parse(await world.podman("ps", "--format", "json"));
    expect(listed).toMatchObject({ Names: ["c5"], State: "running", Image: baseImage, Command: ["sleep", "100"] });
  });

  it("is killed by a signal of the user's choice", async () => {
    await start("c6", "sh", "-c", "trap 'exit 42' USR1; echo ready; while :; do sleep 0.1; done");
    await expect.poll(() => world.podman("logs", "c6"), patience).toBe("ready");
    expect(await world.podman("kill", "-s", "USR1", "c6")).toBe("c6");
    expect(await world.podman("wait", "c6")).toBe("42");
  });

  it("restarts on failure as often as its policy says", async () => {
    await world.podman(
      "run",
      "-d",
      "--network",
      "none",
      "--name",
      "c7",
      "--restart",
      "on-failure:2",
      baseImage,
      "sh",
      "-c",
      "echo try; exit 1",
    );
    await expect.poll(() => world.podman("inspect", "--format", "{{.RestartCount}} {{.State.Status}}", "c7"), patience).toBe("2 exited");
    expect(await world.podman("logs", "c7")).toBe("try\ntry\ntry");
  });

  it("is exported as a tar and imported as an image", async () => {
    await world.podman("run", "--network", "none", "--name", "c8", baseImage, "sh", "-c", "echo content >/new-file");
    const archive = `${world.directory}/tmp/export.tar`;
    await world.podman("export", "-o", archive, "c8");
    await world.podman("import", "-q", archive, "localhost/imported:1");
    expect(await world.podman("run", "--rm", "--network", "none", "localhost/imported:1", "/bin/cat", "/new-file")).toBe("content");
  });
});
