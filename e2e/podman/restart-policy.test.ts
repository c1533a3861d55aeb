/** Restart policies, what is told of them, and what starts again after the host has. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { eventually } from "../harness/eventually.ts";
import { createWorld, type World } from "../harness/world.ts";

describe.each([{ rootless: false }, { rootless: true }])("restart policies, rootless: $rootless", ({ rootless }) => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
  });
  afterAll(async () => {
    await world?.destroy();
  });

  const make = (verb: string, name: string, flags: readonly string[], ...command: string[]) =>
    world.podman(
      verb,
      ...(verb === "run" ? ["-d"] : []),
      "--name",
      name,
      "--network",
      "none",
      "--stop-timeout",
      "0",
      ...flags,
      baseImage,
      ...command,
    );
  const inspect = (name: string, format: string) => world.podman("inspect", "--type", "container", "--format", format, name);
  const events = async (name: string) =>
    (await world.podman("events", "--stream=false", "--filter", `container=${name}`, "--format", "{{.Status}}")).split("\n");

  it("on-failure tries as often as it may", async () => {
    await make("run", "fails", ["--restart", "on-failure:2"], "sh", "-c", "exit 3");
    await eventually(async () => (await inspect("fails", "{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}")) === "2 exited 3");
    await eventually(async () => (await events("fails")).at(-1) === "cleanup");
    const again = ["died", "restart", "init", "start"];
    expect(await events("fails")).toEqual(["create", "init", "start", ...again, ...again, "died", "cleanup"]);
    // Who starts it by hand gives it all its tries again.
    await world.podman("start", "fails");
    await eventually(async () => (await events("fails")).filter((event) => event === "restart").length === 4);
    await eventually(async () => (await inspect("fails", "{{.RestartCount}} {{.State.Status}}")) === "2 exited");
    await make("run", "succeeds", ["--restart", "on-failure"], "true");
    expect(await world.podman("wait", "succeeds")).toBe("0");
    expect(await inspect("succeeds", "{{.RestartCount}}")).toBe("0");
  });

  it("always starts again, until the user stops it", async () => {
    await make("run", "always", ["--restart", "always"], "sleep", "0.2");
    await eventually(async () => Number(await inspect("always", "{{.RestartCount}}")) >= 2);
    await world.podman("stop", "always");
    const stopped = await inspect("always", "{{.State.Status}} {{.RestartCount}}");
    await Bun.sleep(600);
    expect(await inspect("always", "{{.State.Status}} {{.RestartCount}}")).toBe(stopped);
    expect(stopped).toMatch(/^exited/);
  });

  it("after the host has started, always and what was not stopped start", async () => {
    await make("run", "boot-always", ["--restart", "always"], "sleep", "100");
    await make("run", "boot-unless", ["--restart", "unless-stopped"], "sleep", "100");
    await make("run", "boot-stopped", ["--restart", "unless-stopped"], "sleep", "100");
    await make("run", "boot-no", [], "sleep", "100");
    await world.podman("stop", "boot-stopped");
    const pids = (
      await world.podman("inspect", "--format", "{{.State.Pid}} {{.State.ConmonPid}}", "boot-always", "boot-unless", "boot-no")
    ).split(/\s+/);
    // Monitors first: a host that goes down runs no clean-up.
    for (const pid of [...pids.filter((_, at) => at % 2 === 1), ...pids.filter((_, at) => at % 2 === 0)])
      process.kill(Number(pid), "SIGKILL");
    rmSync(join(world.directory, "run", "libpod"), { recursive: true, force: true });
    expect(await world.podman("ps", "--format", "{{.Names}}", "--filter", "name=boot-")).toBe("");
    await world.podman("start", "--all", "--filter", "restart-policy=always", "--filter", "name=boot-");
    expect(await world.podman("ps", "--format", "{{.Names}}", "--filter", "name=boot-")).toBe("boot-always");
    await world.podman("start", "--all", "--filter", "should-start-on-boot=true", "--filter", "name=boot-");
    expect((await world.podman("ps", "--format", "{{.Names}}", "--filter", "name=boot-")).split("\n").sort()).toEqual([
      "boot-always",
      "boot-unless",
    ]);
    // A machine that goes down is not the user.
    await world.podman("stop", "--service", "boot-always", "boot-unless");
    await world.podman("start", "--all", "--filter", "should-start-on-boot=true", "--filter", "name=boot-");
    expect((await world.podman("ps", "--format", "{{.Names}}", "--filter", "name=boot-")).split("\n").sort()).toEqual([
      "boot-always",
      "boot-unless",
    ]);
  });

  it("the list tells at once what has ended, and all go at once", async () => {
    await make("run", "killed", [], "sleep", "100");
    await world.podman("kill", "killed");
    expect(await world.podman("ps", "-a", "--filter", "name=killed", "--format", "{{.Status}}")).toMatch(/^Exited \(137\)/);
    await make("run", "lender", [], "sleep", "100");
    await world.podman("run", "-d", "--name", "borrower", "--pid", "container:lender", "--network", "none", baseImage, "sleep", "100");
    await world.podman("run", "-d", "--name", "needs", "--requires", "borrower", "--network", "none", baseImage, "sleep", "100");
    expect(await world.run("podman", ["rm", "-f", "-t", "0", "lender", "borrower", "needs"])).toMatchObject({
      exitCode: 0,
      stdout: "needs\nborrower\nlender",
    });
    await make("run", "again", [], "sh", "-c", "trap 'exit 0' TERM; while true; do sleep 0.05; done");
    await world.podman("restart", "-t", "5", "again");
    expect((await events("again")).slice(3)).toEqual(["restart", "died", "init", "start"]);
  });
});
