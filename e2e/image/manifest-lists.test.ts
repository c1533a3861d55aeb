/** Manifest lists through podman and buildah, and on one store with the original. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyImage } from "@containers/image/copy/copy-image";
import { memoryReference } from "@containers/image/testing/memory-source";
import { randomImage } from "@containers/image/testing/random-image";
import { parseImageName } from "@containers/image/transports/register";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { originalPath } from "../harness/binaries.ts";
import { type RegistryServer, startRegistry } from "../harness/registry.ts";
import { describeResult } from "../harness/run-command.ts";
import { createWorld, type World } from "../harness/world.ts";

const original = originalPath("podman");
const images = { amd64: randomImage({ layers: 1, seed: 1 }), arm64: randomImage({ layers: 1, seed: 2, architecture: "arm64" }) };

describe.each([{ rootless: false }, { rootless: true }])("manifest lists, rootless: $rootless", ({ rootless }) => {
  let world: World;
  let registry: RegistryServer;
  const at = (name: string): string => join(world.directory, "tmp", name);
  const inspect = async (name: string) => JSON.parse(await world.podman("manifest", "inspect", name));

  beforeAll(async () => {
    [world, registry] = await Promise.all([createWorld({ rootless }), startRegistry()]);
    for (const [name, image] of Object.entries(images)) {
      await copyImage(memoryReference([image]), parseImageName(`oci-archive:${at(`${name}.tar`)}:localhost/${name}:latest`));
      await world.runProgram("chmod", ["644", at(`${name}.tar`)]);
    }
  });
  afterAll(async () => {
    await registry?.stop();
    await world?.destroy();
  });
  beforeEach(async () => {
    await world.podman("rmi", "-a", "-f");
    for (const name of Object.keys(images)) await world.podman("load", "-q", "-i", at(`${name}.tar`));
  });

  it("are made, changed by podman and buildah, and removed", async () => {
    const id = (await world.podman("manifest", "create", "--annotation", "a=b", "list", "amd64")).trim();
    const taken = await world.run("podman", ["manifest", "create", "list"]);
    expect(taken.exitCode).toBe(125);
    expect(taken.stderr).toContain(`image name "localhost/list:latest" is already associated with image "${id}"`);
    expect((await world.buildah("manifest", "add", "list", "arm64")).trim()).toBe(`${id}: ${images.arm64.digest}`);
    await world.podman("manifest", "annotate", "--variant", "v8", "--annotation", "k=v", "list", images.arm64.digest);
    expect(await inspect("list")).toMatchObject({
      annotations: { a: "b" },
      manifests: [
        { digest: images.amd64.digest, platform: { architecture: "amd64", os: "linux" } },
        { digest: images.arm64.digest, platform: { architecture: "arm64", os: "linux", variant: "v8" }, annotations: { k: "v" } },
      ],
    });
    expect(JSON.parse(await world.buildah("manifest", "inspect", "list"))).toEqual(await inspect("list"));
    expect((await world.podman("manifest", "remove", "list", images.amd64.digest)).trim()).toBe(id);
    expect((await world.run("podman", ["manifest", "exists", "list"])).exitCode).toBe(0);
    expect((await world.run("podman", ["manifest", "exists", "amd64"])).exitCode).not.toBe(0);
    const wrong = await world.run("podman", ["manifest", "rm", "amd64"]);
    expect(wrong.stderr).toContain("localhost/amd64:latest: image is not a manifest list");
    expect(await world.podman("manifest", "rm", "list")).toBe(`Untagged: localhost/list:latest\nDeleted: ${id}`);
    expect(await world.podman("image", "exists", "arm64")).toBe("");
  });

  it("are pushed whole, with artifacts, and come back", async () => {
    writeFileSync(at("notes.json"), '{"a":1}');
    await world.podman("manifest", "create", "list", "amd64", "arm64");
    await world.podman("manifest", "add", "--artifact", "--artifact-type", "application/x.notes", "list", at("notes.json"));
    const target = `docker://${registry.address}/list:1`;
    await world.podman("manifest", "push", "-q", "--tls-verify=false", "--digestfile", at("digest"), "list", target);
    const raw = await world.ok("skopeo", ["inspect", "--raw", "--tls-verify=false", target]);
    expect(JSON.parse(raw).manifests).toHaveLength(3);
    expect(readFileSync(at("digest"), "utf8")).toMatch(/^sha256:/);
    await world.ok("skopeo", ["copy", "-q", "--all", "--src-tls-verify=false", target, `dir:${at(`copy-${rootless}`)}`]);
    await world.podman("manifest", "create", "--tls-verify=false", "--all", "again", target);
    expect((await inspect("again")).manifests.map((entry: { digest: string }) => entry.digest)).toEqual(
      JSON.parse(raw).manifests.map((entry: { digest: string }) => entry.digest),
    );
    await world.podman("manifest", "rm", "again", "list");
  });

  it("are pushed with images in more compressions, as the flag or containers.conf says", async () => {
    await world.podman("manifest", "create", "list", "amd64", "arm64");
    await world.podman("manifest", "push", "-q", "--add-compression", "zstd", "list", `oci:${at("more")}:1`);
    writeFileSync(at("more.conf"), '[engine]\nadd_compression = ["zstd"]\n');
    world.give(at("more.conf"));
    const env = { CONTAINERS_CONF_OVERRIDE: at("more.conf") };
    await world.ok("buildah", ["manifest", "push", "-q", "list", `oci:${at("again")}:1`], { env });
    for (const place of ["more", "again"]) {
      const { manifests } = JSON.parse(await world.skopeo("inspect", "--raw", `oci:${at(place)}:1`));
      const marks = manifests.map(({ annotations }: { annotations?: Record<string, string> }) => annotations);
      expect(marks).toEqual([undefined, undefined, ...Array(2).fill({ "io.github.containers.compression.zstd": "true" })]);
    }
    expect(await world.skopeo("inspect", `oci:${at("more")}:1`)).toContain("tar+zstd");
    const refused = await world.run("podman", ["manifest", "push", "--add-compression", "zip", "list", `oci:${at("never")}:1`]);
    expect(refused.stderr).toContain("requested algorithm zip is not supported for replication");
    await world.podman("manifest", "rm", "list");
  });

  it.skipIf(original === undefined || rootless)("the original goes on with our list, and we with its", async () => {
    const theirs = async (...args: string[]): Promise<string> => {
      const result = await world.runProgram(original ?? "", args);
      expect(result.exitCode, describeResult(result)).toBe(0);
      return result.stdout;
    };
    await world.podman("manifest", "create", "ours", "amd64");
    await theirs("manifest", "add", "ours", "containers-storage:localhost/arm64:latest");
    expect((await inspect("ours")).manifests).toHaveLength(2);
    expect(JSON.parse(await theirs("manifest", "inspect", "ours"))).toEqual(await inspect("ours"));
    await theirs("manifest", "create", "theirs", "containers-storage:localhost/amd64:latest");
    await world.podman("manifest", "add", "theirs", "arm64");
    await theirs("manifest", "push", "-q", "--all", "theirs", `dir:${at("theirs")}`);
    await world.podman("manifest", "push", "-q", "--all", "ours", `dir:${at("ours")}`);
    expect(readFileSync(join(at("theirs"), "manifest.json"), "utf8")).toBe(readFileSync(join(at("ours"), "manifest.json"), "utf8"));
  });
});
