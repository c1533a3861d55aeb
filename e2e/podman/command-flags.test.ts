/** Flags of the commands about containers that few people use: each does what it says. */
import { existsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { toolPath } from "../harness/binaries.ts";
import { createWorld, type World } from "../harness/world.ts";

describe.each([{ rootless: false }, { rootless: true }])("flags of commands, rootless: $rootless", ({ rootless }) => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
  });
  afterAll(async () => {
    await world?.destroy();
  });

  const start = (name: string, ...flags: string[]) =>
    world.podman("run", "-d", "--name", name, "--network", "none", "--stop-signal", "KILL", ...flags, baseImage, "sleep", "600");

  it("wait --exit-first-match ends with the first container that fits", async () => {
    await start("stays");
    await world.podman("run", "--name", "goes", "--network", "none", baseImage, "sh", "-c", "exit 3").catch(() => undefined);
    expect(await world.podman("wait", "--exit-first-match", "stays", "goes")).toBe("3");
    await world.podman("rm", "-f", "-t", "0", "stays", "goes");
  });

  it("exec --no-session leaves no trace, and has the command's exit code", async () => {
    await start("traceless");
    const result = await world.run("podman", ["exec", "--no-session", "traceless", "sh", "-c", "echo out; exit 5"]);
    expect([result.exitCode, result.stdout]).toEqual([5, "out"]);
    const events = await world.podman("events", "--stream=false", "--filter", "container=traceless", "--format", "{{.Status}}");
    expect(events).not.toContain("exec");
    await world.podman("rm", "-f", "-t", "0", "traceless");
  });

  it("exec --wait waits for the container, and podmansh is a shell in it", async () => {
    const gone = await world.run("podman", ["exec", "--wait", "0", "nosuch", "true"]);
    expect(gone).toMatchObject({ exitCode: 125, stderr: "Error: timed out waiting for container: nosuch" });
    const waiting = world.run("podman", ["exec", "--wait", "60", "podmansh", "echo", "there"]);
    await start("podmansh");
    expect(await waiting).toMatchObject({ exitCode: 0, stdout: "there" });
    const shell = join(world.directory, "tmp", "podmansh");
    symlinkSync(toolPath("podman"), shell);
    expect(await world.runProgram(shell, ["-c", "echo in the container; exit 4"])).toMatchObject({
      exitCode: 4,
      stdout: "in the container",
    });
    await world.podman("rm", "-f", "-t", "0", "podmansh");
  });

  it("--format '{{json .}}' prints a line for each row", async () => {
    await world.podman("volume", "create", "lined");
    await world.podman("create", "--name", "lined", "--network", "none", "-v", "lined:/v", baseImage);
    const rows = async (...command: string[]) =>
      (await world.podman(...command, "--format", "{{json .}}")).split("\n").map((line): unknown => JSON.parse(line));
    expect(await rows("ps", "-a")).toMatchObject([{ Names: ["lined"], Mounts: ["/v"], State: "created" }]);
    expect(await rows("volume", "ls")).toMatchObject([{ Name: "lined", Driver: "local" }]);
    expect(await rows("images")).toMatchObject([{ repository: "localhost/base", tag: "latest" }]);
    expect(await rows("network", "ls")).toMatchObject([{ name: "podman", network_interface: "podman0" }]);
    expect(await rows("info")).toMatchObject([{ host: { os: "linux" } }]);
    const [inspected] = await rows("inspect", "lined");
    expect(inspected).toMatchObject({ Name: "lined", State: { Status: "created" } });
    expect(await rows("volume", "inspect", "lined")).toMatchObject([{ Name: "lined", Mountpoint: expect.stringContaining("lined") }]);
    await world.podman("rm", "lined");
    await world.podman("volume", "rm", "lined");
  });

  it("the file of --cidfile goes with the container", async () => {
    const file = join(world.directory, "tmp", "cid");
    await start("numbered", "--cidfile", file);
    expect(existsSync(file)).toBe(true);
    await world.podman("rm", "-f", "-t", "0", "numbered");
    expect(existsSync(file)).toBe(false);
  });

  it("commit --config puts a configuration over the container's", async () => {
    await world.podman("create", "--name", "plain", "--network", "none", "--env", "A=1", baseImage, "true");
    const file = join(world.directory, "tmp", "config.json");
    writeFileSync(file, JSON.stringify({ Env: ["A=2", "B=3"], Cmd: ["/bin/sh"], User: "4" }));
    await world.podman("commit", "-q", "--config", file, "plain", "localhost/configured");
    const config = JSON.parse(await world.podman("image", "inspect", "--format", "{{json .Config}}", "localhost/configured"));
    expect(config).toMatchObject({ User: "4", Cmd: ["/bin/sh"], Env: expect.arrayContaining(["A=2", "B=3"]) });
    await world.podman("rm", "plain");
  });

  it("--seccomp-policy image takes the profile that the image carries", async () => {
    const refused = await world.run("podman", ["run", "--rm", "--network", "none", "--seccomp-policy", "image", baseImage, "true"]);
    expect(refused.stderr).toContain("no seccomp policy defined by image");
    const profile = {
      defaultAction: "SCMP_ACT_ALLOW",
      syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", args: [], includes: {}, excludes: {} }],
    };
    await world.podman("create", "--name", "strict", "--network", "none", baseImage, "true");
    const file = join(world.directory, "tmp", "labels.json");
    writeFileSync(file, JSON.stringify({ Labels: { "io.containers.seccomp.profile": JSON.stringify(profile) } }));
    await world.podman("commit", "-q", "--config", file, "strict", "localhost/strict");
    const flags = ["run", "--rm", "--network", "none", "--seccomp-policy", "image", "localhost/strict"];
    expect((await world.run("podman", [...flags, "mkdir", "/x"])).stderr).toContain("not permitted");
    expect(await world.podman(...flags, "echo", "fine")).toBe("fine");
    await world.podman("rm", "strict");
  });

  it("--format '{{json .}}' prints one object a row, 'json' the whole list", async () => {
    await world.podman("create", "--name", "rowed", "--network", "none", "--label", "a=b", baseImage, "true");
    await world.podman("volume", "create", "rows");
    const rows = async (...command: string[]): Promise<unknown[]> =>
      (await world.podman(...command, "--format", "{{json .}}")).split("\n").map((line) => JSON.parse(line) as unknown);
    expect(await rows("ps", "-a", "--filter", "name=rowed")).toMatchObject([{ Names: ["rowed"], Labels: { a: "b" }, State: "created" }]);
    expect(await rows("images", baseImage)).toMatchObject([{ repository: "localhost/base", tag: "latest", Names: [baseImage] }]);
    expect(await rows("volume", "inspect", "rows")).toMatchObject([{ Name: "rows", Scope: "local" }]);
    expect(await rows("network", "ls", "--filter", "name=podman")).toMatchObject([{ name: "podman", driver: "bridge" }]);
    expect(await rows("inspect", "rowed")).toMatchObject([{ Name: "rowed", State: { Status: "created" } }]);
    expect(await rows("info")).toMatchObject([{ host: { os: "linux" } }]);
    expect(await rows("version")).toMatchObject([{ Client: { Os: "linux" } }]);
    const state = JSON.parse(await world.podman("inspect", "--format", "{{json .State}}", "rowed")) as object;
    expect(Object.keys(state)).not.toContain("Health");
    expect(JSON.parse(await world.podman("volume", "ls", "--format", "json"))).toHaveLength(1);
    await world.podman("rm", "rowed");
    await world.podman("volume", "rm", "rows");
  });
});
