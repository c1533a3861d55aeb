/** podman system prune: what goes, what stays, and how it is told. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { createWorld, type World } from "../harness/world.ts";

describe("system prune", () => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld();
    await buildBaseImage(world);
  });
  afterAll(async () => {
    await world?.destroy();
  });

  it("removes what nothing uses, volumes only when asked, and keeps what runs", async () => {
    await world.podman("run", "-d", "--name", "busy", "--network", "none", "-v", "used:/v", baseImage, "sleep", "100");
    const stopped = await world.podman("create", "--network", "none", baseImage, "true");
    await world.podman("volume", "create", "unused");
    await world.podman("network", "create", "--subnet", "10.213.7.0/24", "lonely");
    const told = await world.podman("system", "prune", "-f");
    expect(told).toMatch(
      new RegExp(`^Deleted Containers\n${stopped}\n(?:Deleted Images\n[\\s\\S]*)?Deleted Networks\nlonely\nTotal reclaimed space: `),
    );
    expect(await world.podman("volume", "ls", "-q")).toBe("used\nunused");
    expect(await world.podman("system", "prune", "-f", "--volumes")).toBe("Deleted Volumes\nunused\nTotal reclaimed space: 0B");
    expect(await world.podman("ps", "--format", "{{.Names}}")).toBe("busy");
    await world.podman("system", "prune", "-af");
    expect(await world.podman("images", "-q")).not.toBe("");
    await world.podman("rm", "-f", "-t", "0", "busy");
    await world.podman("system", "prune", "-af", "--volumes");
    expect(await world.podman("images", "-q")).toBe("");
    expect(await world.podman("volume", "ls", "-q")).toBe("");
  });

  it("removes with --external what no record names, and asks nothing", async () => {
    await buildBaseImage(world);
    const kept = await world.podman("create", "--network", "none", baseImage, "true");
    const graphRoot = await world.podman("info", "--format", "{{.Store.GraphRoot}}");
    const lost = join(graphRoot, "overlay-containers", "f".repeat(64));
    mkdirSync(lost);
    expect(await world.podman("system", "prune", "--external")).toBe("");
    expect(existsSync(lost)).toBe(false);
    expect(await world.podman("start", "-a", kept)).toBe("");
    await world.podman("rm", kept);
  });

  it("asks first, and refuses what does not go together", async () => {
    const asked = await world.run("podman", ["system", "prune"], { input: "n\n" });
    expect(asked).toMatchObject({ exitCode: 0 });
    expect(asked.stdout).toContain("\t- all stopped containers\n");
    expect(await world.run("podman", ["system", "prune", "-f", "--filter", "foo=bar"])).toMatchObject({
      exitCode: 125,
      stderr: "Error: foo is an invalid filter",
    });
  });
});
