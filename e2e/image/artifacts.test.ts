/** Artifacts: files that travel through registries as images do, root and rootless; and on one store with the original. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { originalPath } from "../harness/binaries.ts";
import { type RegistryServer, startRegistry } from "../harness/registry.ts";
import { describeResult } from "../harness/run-command.ts";
import { createWorld, type World } from "../harness/world.ts";

const original = originalPath("podman");

describe.each([{ rootless: false }, { rootless: true }])("artifacts, rootless: $rootless", ({ rootless }) => {
  let world: World;
  let registry: RegistryServer;
  const at = (name: string): string => join(world.directory, "tmp", name);
  const shell = async (line: string): Promise<void> => {
    const result = await world.runProgram("sh", ["-c", line]);
    expect(result.exitCode, describeResult(result)).toBe(0);
  };

  beforeAll(async () => {
    [world, registry] = await Promise.all([createWorld({ rootless }), startRegistry()]);
    await shell(`printf 'some text\\n' >${at("notes.txt")}; head -c 3000000 /dev/zero >${at("model.bin")}`);
  });
  afterAll(async () => {
    await registry?.stop();
    await world?.destroy();
  });

  it("are made of files, pushed, removed, pulled and extracted", async () => {
    const name = `${registry.address}/team/model:1`;
    const digest = (await world.podman("artifact", "add", "--type", "application/x.model", name, at("notes.txt"), at("model.bin"))).trim();
    expect(await world.podman("artifact", "ls", "--no-trunc", "--format", "{{.Repository}} {{.Tag}} {{.Digest}} {{.Size}}")).toBe(
      `${registry.address}/team/model 1 ${digest} 3MB`,
    );
    await world.podman("artifact", "push", "--tls-verify=false", name);
    expect((await world.podman("artifact", "rm", name)).trim()).toBe(digest);
    await world.podman("artifact", "pull", "--tls-verify=false", name);
    const inspected = JSON.parse(await world.podman("artifact", "inspect", digest.slice(0, 12)));
    expect(inspected).toMatchObject({ Name: name, Digest: `sha256:${digest}`, Manifest: { artifactType: "application/x.model" } });
    expect(inspected.Manifest.layers.map((layer: { mediaType: string }) => layer.mediaType)).toEqual([
      "text/plain; charset=utf-8",
      "application/octet-stream",
    ]);
    await shell(`mkdir ${at("out")}`);
    await world.podman("artifact", "extract", name, at("out"));
    await shell(`cmp ${at("out/model.bin")} ${at("model.bin")}`);
    await world.podman("artifact", "extract", "--title", "notes.txt", name, at("one"));
    expect(readFileSync(at("one"), "utf8")).toBe("some text\n");
    const missing = await world.run("podman", ["artifact", "push", "--tls-verify=false", `${registry.address}/none:1`]);
    expect(missing).toMatchObject({ exitCode: 125, stderr: expect.stringMatching(/no descriptor found/) });
  });

  it.skipIf(original === undefined || rootless)("are the original's as well, and its are ours (needs podman)", async () => {
    const theirs = async (...args: string[]): Promise<string> => {
      const result = await world.runProgram(original ?? "", ["artifact", ...args]);
      expect(result.exitCode, describeResult(result)).toBe(0);
      return result.stdout.trim();
    };
    const ours = await world.podman("artifact", "add", "example.com/ours:1", at("notes.txt"));
    expect(await theirs("inspect", "example.com/ours:1", "--format", "{{.Digest}}")).toBe(`sha256:${ours.trim()}`);
    const added = await theirs("add", "example.com/theirs:1", at("model.bin"));
    expect(await world.podman("artifact", "inspect", "example.com/theirs:1", "--format", "{{.Digest}}")).toBe(`sha256:${added}`);
    await world.podman("artifact", "rm", "example.com/theirs:1");
    expect(await theirs("ls", "--format", "{{.Repository}}")).not.toContain("theirs");
  });
});
