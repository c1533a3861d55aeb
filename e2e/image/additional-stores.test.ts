/** Images of read-only stores beside those of the store itself. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { createWorld, type World } from "../harness/world.ts";

describe("an additional image store", () => {
  let world: World;
  let other: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    world = await createWorld();
    await buildBaseImage(world);
    other = join(world.directory, "graph-other");
    mkdirSync(other);
    await world.skopeo(
      "copy",
      `containers-storage:${baseImage}`,
      `containers-storage:[overlay@${other}+${world.directory}/run/other]${baseImage}`,
    );
    const conf = join(world.directory, "conf", "both.conf");
    writeFileSync(
      conf,
      `[storage]\ndriver = "overlay"\ngraphroot = "${world.graphRoot}"\nrunroot = "${world.directory}/run"\n[storage.options]\nadditionalimagestores = ["${other}"]\n`,
    );
    env = { CONTAINERS_STORAGE_CONF: conf };
  });
  afterAll(() => world?.destroy());

  const podman = (...args: string[]) => world.ok("podman", args, { env });

  it("shows an image of both stores twice, the own one first, and uses the other one when that is gone", async () => {
    const rows = await podman("images", "-a", "-n", "--format", "{{.Repository}}:{{.Tag}} {{.ReadOnly}}");
    expect(rows.split("\n")).toEqual([`${baseImage} false`, `${baseImage} true`]);
    expect(await podman("image", "inspect", "--format", "{{.Id}}", baseImage)).toMatch(/^[0-9a-f]{64}$/);
    expect(await podman("rmi", baseImage)).toContain("Untagged");
    expect(await podman("images", "-n", "--format", "{{.ReadOnly}}")).toBe("true");
    expect(await podman("run", "--rm", "--network", "none", baseImage, "echo", "from below")).toBe("from below");
    const refused = await world.run("podman", ["rmi", baseImage], { env });
    expect(refused.exitCode).toBe(125);
    expect(refused.stderr).toContain("cannot remove read-only image");
  });

  it("lends its images to names, archives and builds of the store itself, and stays as it is", async () => {
    const names = () => podman("images", "-n", "--format", "{{.Repository}}:{{.Tag}} {{.ReadOnly}}");
    await podman("tag", baseImage, "localhost/lent:1");
    expect((await names()).split("\n").sort()).toEqual([`${baseImage} false`, `${baseImage} true`, "localhost/lent:1 false"].sort());
    expect(await podman("run", "--rm", "--network", "none", "localhost/lent:1", "echo", "lent")).toBe("lent");
    await podman("untag", "localhost/lent:1", "localhost/lent:1");
    const archive = join(world.directory, "lent.tar");
    await podman("save", "-q", "-o", archive, baseImage);
    await podman("rmi", "--all", "--force");
    expect(await names()).toBe(`${baseImage} true`);
    // What comes is there already, but for its record.
    expect(await podman("load", "-q", "-i", archive)).toBe(`Loaded image: ${baseImage}`);
    expect(await names()).toBe(`${baseImage} false\n${baseImage} true`);
    await podman("rmi", baseImage);
    expect(await names()).toBe(`${baseImage} true`);
  });

  it("is told by info, all of several by name", async () => {
    const format = '{{index .Store.GraphOptions "overlay.additionalImageStores"}} {{index .Store.GraphOptions "overlay.imagestore"}}';
    const flags = [`--storage-opt=overlay.imagestore=${other}`, `--storage-opt=overlay.imagestore=${world.directory}/tmp`];
    expect(await world.podman("info", ...flags, "--format", format)).toBe(`[${other} ${world.directory}/tmp] ${world.directory}/tmp`);
    expect(await world.podman("--storage-opt=", "info")).toContain("graphOptions: {}");
  });
});
