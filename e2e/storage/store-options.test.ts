/** Stores that are not as usual: transient ones, images apart from containers, mounts by a FUSE program. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { systemProgram } from "../harness/binaries.ts";
import { createWorld, type World } from "../harness/world.ts";

const RUN = ["run", "--network", "none"];

describe("a transient store, rootless", () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ rootless: true, storageConf: "transient_store = true\n" });
    await buildBaseImage(world);
  });
  afterAll(() => world?.destroy());

  it("keeps containers below the run root and images where they always are", async () => {
    expect(await world.podman("info", "--format", "{{.Store.TransientStore}}")).toBe("true");
    await world.podman(...RUN, "--name", "one", baseImage, "true");
    expect(await world.podman("ps", "-a", "--format", "{{.Names}}")).toBe("one");
    const records = JSON.parse(readFileSync(join(world.directory, "run/overlay-containers/volatile-containers.json"), "utf8")) as Array<{
      readonly names: readonly string[];
    }>;
    expect(records.map(({ names }) => names)).toContainEqual(["one"]);
    expect(existsSync(join(world.graphRoot, "overlay-containers/containers.json"))).toBe(false);
    expect(readFileSync(join(world.graphRoot, "overlay-images/images.json"), "utf8")).toContain(baseImage);
    await world.podman("rm", "one");
  });
});

describe.each(["overlay", "vfs"])("an image store apart, with %s", (driver) => {
  let world: World;
  let images: string;
  beforeAll(async () => {
    world = await createWorld();
    images = join(world.directory, "images");
    mkdirSync(images);
  });
  afterAll(() => world?.destroy());

  const podman = (...args: readonly string[]) => world.podman("--storage-driver", driver, "--imagestore", images, ...args);

  it("holds the images, and the containers' layers stay in the graph root", async () => {
    const context = join(world.directory, "tmp", "context");
    mkdirSync(context);
    const busybox = systemProgram("busybox") ?? "";
    const tar = join(context, "image.tar");
    expect((await world.runProgram("tar", ["-C", join(busybox, ".."), "-cf", tar, "busybox"])).exitCode).toBe(0);
    await podman("import", "-q", tar, "localhost/apart");
    expect(await podman(...RUN, "--name", "two", "localhost/apart", "/busybox", "echo", "hello")).toBe("hello");
    const layers = (root: string) =>
      (JSON.parse(readFileSync(join(root, `${driver}-layers/layers.json`), "utf8")) as Array<{ readonly names?: readonly string[] }>).map(
        ({ names }) => names?.[0],
      );
    expect(layers(images)).toEqual([undefined]);
    expect(layers(world.graphRoot)).toEqual(["two-layer"]);
    expect(existsSync(join(world.graphRoot, `${driver}-images/images.json`))).toBe(false);
    // Its images can be read by who does not keep his own there.
    expect(await world.podman("--storage-driver", driver, "images", "-q")).toBe("");
    const beside = ["--storage-driver", driver, `--storage-opt=${driver}.imagestore=${images}`];
    expect(await world.podman(...beside, "images", "-n", "--format", "{{.Repository}}")).toBe("localhost/apart");
    expect(await world.buildah("--storage-driver", driver, "--imagestore", images, "images", "-n", "--format", "{{.Name}}")).toBe(
      "localhost/apart",
    );
    await podman("rm", "two");
    await podman("rmi", "localhost/apart");
    expect(layers(images)).toEqual([]);
  });
});

const fuse = "/usr/bin/fuse-overlayfs";
describe.skipIf(!existsSync(fuse) || !existsSync("/dev/fuse"))(
  "mounts by fuse-overlayfs, rootless, with forced modes (needs it and /dev/fuse)",
  () => {
    let world: World;
    beforeAll(async () => {
      const options = `mount_program = "${fuse}"\nforce_mask = "private"\n`;
      world = await createWorld({ rootless: true, storageConf: `[storage.options.overlay]\n${options}` });
      await buildBaseImage(world);
    });
    afterAll(() => world?.destroy());

    it("show the files as the image says, and what changed", async () => {
      const script = "touch /new; chmod 711 /new; chown 5:6 /new; rm /etc/group; grep -c fuse-overlayfs /proc/mounts";
      const told = await world.podman(...RUN, "--name", "three", baseImage, "sh", "-c", script);
      expect(told).toBe("1");
      const changes = (await world.podman("diff", "three")).split("\n");
      expect(changes).toContain("A /new");
      expect(changes).toContain("D /etc/group");
      await world.podman("commit", "-q", "three", "localhost/changed");
      const shown = await world.podman(
        ...RUN,
        "--rm",
        "localhost/changed",
        "sh",
        "-c",
        "ls -ln /new; ls -ld /tmp; ls /etc/group 2>&1; true",
      );
      expect(shown).toMatch(/^-rwx--x--x +1 +5 +6 /);
      expect(shown).toMatch(/^drwxrwxrwt/m);
      expect(shown).toContain("No such file");
      await world.podman("rm", "three");
    });
  },
);
