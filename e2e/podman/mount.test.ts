/** podman mount and unmount: as root, and for an ordinary user inside podman unshare. */
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { toolPath } from "../harness/binaries.ts";
import { createWorld, type World } from "../harness/world.ts";

describe("mounted containers", () => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld();
    await buildBaseImage(world);
    await world.podman("create", "--name", "m", "--network", "none", baseImage, "true");
  });
  afterAll(async () => {
    await world?.destroy();
  });

  it("are listed until the last unmount", async () => {
    const path = await world.podman("mount", "m");
    expect(existsSync(`${path}/bin/busybox`)).toBe(true);
    expect(await world.podman("mount", "m")).toBe(path);
    expect(await world.podman("mount")).toMatch(new RegExp(`^[0-9a-f]{12} {2}${path}$`));
    expect(JSON.parse(await world.podman("mount", "--format", "json"))).toMatchObject([{ Names: ["m"], mountpoint: path }]);
    expect(await world.podman("unmount", "m")).toBe("m");
    expect(existsSync(`${path}/bin/busybox`)).toBe(true);
    await world.podman("umount", "m");
    expect(await world.podman("mount")).toBe("");
  });

  it("that run stay mounted, and work on", async () => {
    await world.podman("run", "-d", "--name", "r", "--network", "none", baseImage, "sleep", "100");
    const path = await world.podman("mount", "r");
    await world.podman("unmount", "r");
    await world.podman("unmount", "-f", "r");
    expect(await world.podman("mount")).toContain(path);
    expect(await world.podman("exec", "r", "echo", "alive")).toBe("alive");
    await world.podman("rm", "-f", "-t", "0", "r");
  });

  it("stay mounted when a run ends, for who mounted them before or meanwhile", async () => {
    await world.podman("run", "-d", "--name", "s", "--network", "none", baseImage, "sleep", "100");
    const path = await world.podman("mount", "s");
    await world.podman("stop", "-t", "0", "s");
    expect(existsSync(`${path}/bin/busybox`)).toBe(true);
    await world.podman("start", "s");
    await world.podman("stop", "-t", "0", "s");
    // What is tidied up already stays as it is.
    await world.podman("container", "cleanup", "s");
    expect(await world.podman("mount")).toContain(path);
    await world.podman("umount", "s");
    expect(existsSync(`${path}/bin/busybox`)).toBe(false);
    await world.podman("rm", "s");
  });

  it("need podman unshare for an ordinary user", async () => {
    const rootless = await createWorld({ rootless: true });
    try {
      await buildBaseImage(rootless);
      await rootless.podman("create", "--name", "m", "--network", "none", baseImage, "true");
      for (const words of [["mount"], ["image", "mount"]])
        expect(await rootless.run("podman", [...words, "m"])).toMatchObject({
          exitCode: 125,
          stderr: `Error: cannot run command "podman ${words.join(" ")}" in rootless mode, must execute \`podman unshare\` first`,
        });
      expect(await rootless.podman("umount", "m")).toBe("m");
      const script = `cat "$("$0" mount m)/etc/group" && "$0" umount m`;
      expect(await rootless.podman("unshare", "sh", "-c", script, toolPath("podman"))).toContain("wheel:x:10:alice\nm");
    } finally {
      await rootless.destroy();
    }
  });
});
