/** podman events: what is written, how it is shown, and that a stream goes on. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { patience } from "../harness/eventually.ts";
import { createWorld, type World } from "../harness/world.ts";

describe.each([{ rootless: false }, { rootless: true }])("events, rootless: $rootless", ({ rootless }) => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
  });
  afterAll(async () => {
    await world?.destroy();
  });

  const eventsOf = async (name: string) =>
    (await world.podman("events", "--stream=false", "--filter", `container=${name}`, "--format", "{{.Status}}")).split("\n");

  it("tell a container's life", async () => {
    await world.podman("create", "--name", "life", "--network", "none", "--label", "a=b", baseImage, "sleep", "100");
    await world.podman("start", "life");
    await world.podman("exec", "life", "true");
    await world.podman("kill", "life");
    await world.podman("wait", "life");
    await expect.poll(async () => (await eventsOf("life")).at(-1), patience).toBe("cleanup");
    await world.podman("rm", "life");
    expect(await eventsOf("life")).toEqual(["create", "init", "start", "exec", "exec_died", "kill", "died", "cleanup", "remove"]);
    const text = await world.podman("events", "--stream=false", "--filter", "container=life", "--filter", "event=died");
    expect(text).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \+0000 UTC container died [0-9a-f]{64} \(image=localhost\/base:latest, name=life, .*a=b\)$/,
    );
  });

  it("are JSON lines with the original's keys", async () => {
    await world.podman("volume", "create", "vol");
    await world.podman("volume", "rm", "vol");
    const lines = (await world.podman("events", "--stream=false", "--filter", "type=volume", "--format", "json")).split("\n");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { Name: "vol", Status: "create", Type: "volume", Attributes: null },
      { Name: "vol", Status: "remove", Type: "volume" },
    ]);
    expect(lines[0]).toMatch(/^\{"Name":"vol","Status":"create","time":\d{10},"timeNano":\d{19},"Type":"volume","Attributes":null\}$/);
  });

  it("come as they happen", async () => {
    await world.podman("volume", "create", "live");
    const follower = world.spawn("podman", ["events", "--since", "1h", "--filter", "volume=live", "--format", "{{.Status}}"]);
    let told = "";
    follower.stdout?.on("data", (chunk: Buffer) => {
      told += chunk.toString();
    });
    await expect.poll(() => told, patience).toBe("create\n");
    await world.podman("volume", "rm", "live");
    await expect.poll(() => told, patience).toBe("create\nremove\n");
    follower.kill("SIGTERM");
    await follower;
  });

  it("are waited for until the time that was asked for", async () => {
    const follower = await world.run("podman", ["events", "--until", "1s", "--since", "0s", "--filter", "volume=nosuch"]);
    expect(follower).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
  });

  it("refuse filters and times that mean nothing", async () => {
    expect(await world.run("podman", ["events", "--stream=false", "--filter", "foo=bar"])).toMatchObject({
      exitCode: 125,
      stderr: "Error: failed to parse event filters: foo is an invalid filter",
    });
    expect((await world.run("podman", ["events", "--since", "xxx"])).stderr).toBe(
      "Error: failed to parse event filters: unable to convert since time of xxx: unable to interpret time value",
    );
  });
});
