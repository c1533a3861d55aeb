/** The quick file: the main job once, as root and as an ordinary user. When this fails, nothing else is worth reading. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "./harness/base-image.ts";
import { type RegistryServer, startRegistry } from "./harness/registry.ts";
import { createWorld, type World } from "./harness/world.ts";

describe.each([{ rootless: false }, { rootless: true }])("the main job, rootless: $rootless", ({ rootless }) => {
  let world: World;
  let registry: RegistryServer;

  beforeAll(async () => {
    [world, registry] = await Promise.all([createWorld({ rootless }), startRegistry()]);
  });
  afterAll(async () => {
    await registry?.stop();
    await world?.destroy();
  });

  it("builds an image from scratch", async () => {
    await buildBaseImage(world);
    expect(await world.podman("images", "--format", "{{.Repository}}:{{.Tag}}")).toContain(baseImage);
  });

  it("pushes it, copies it between registries and inspects the copy", async () => {
    const [hello, mirror] = [`docker://${registry.address}/hello:1`, `docker://${registry.address}/mirror/hello:1`];
    await world.buildah("push", "--tls-verify=false", baseImage, hello);
    await world.skopeo("copy", "--src-tls-verify=false", "--dest-tls-verify=false", hello, mirror);
    const [source, copy] = await Promise.all(
      [hello, mirror].map(async (name) => JSON.parse(await world.skopeo("inspect", "--tls-verify=false", name))),
    );
    expect(copy.Digest).toBe(source.Digest);
    expect(copy.Name).toBe(`${registry.address}/mirror/hello`);
    expect(copy.Layers).toEqual(source.Layers);
  });

  it("pulls the copy and runs it", async () => {
    const image = `${registry.address}/mirror/hello:1`;
    const id = await world.podman("pull", "-q", "--tls-verify=false", image);
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(await world.podman("run", "--rm", image, "echo", "hi")).toBe("hi");
    expect(await world.podman("ps", "-a", "-q")).toBe("");
  });

  it("runs a web server in the background and reaches it from the host", async () => {
    const port = 18_000 + Math.floor(Math.random() * 2_000);
    await world.podman(
      "run",
      "-d",
      "--name",
      "web",
      "-p",
      `127.0.0.1:${port}:80`,
      baseImage,
      "sh",
      "-c",
      "mkdir -p /www; echo served >/www/index.html; exec httpd -f -p 80 -h /www",
    );
    const page = await world.runProgram("curl", [
      "-s",
      "--retry",
      "20",
      "--retry-connrefused",
      "--retry-delay",
      "1",
      "--max-time",
      "20",
      `http://127.0.0.1:${port}/index.html`,
    ]);
    expect(page.stdout).toBe("served");
    expect(await world.podman("ps", "--format", "{{.Names}} {{.State}}")).toBe("web running");
    await world.podman("rm", "-f", "-t", "0", "web");
  });
});
