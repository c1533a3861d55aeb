/** What `--remote` sends and fetches: archives of volumes, artifacts, manifest lists, units; and changes of a container. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage } from "../harness/base-image.ts";
import { toolPath } from "../harness/binaries.ts";
import { describeResult } from "../harness/run-command.ts";
import type { World } from "../harness/world.ts";
import { createRemoteWorld, type RunningService, remotePairs, startService } from "./service.ts";

describe.each(remotePairs)("$title", ({ client, service: program }) => {
  const able = client !== undefined && program !== undefined;
  let world: World;
  let service: RunningService;

  beforeAll(async () => {
    if (!able) return;
    world = await createRemoteWorld();
    service = await startService(world, program);
  });
  afterAll(async () => {
    if (!able) return;
    await world.runProgram(client, ["--url", service.uri, "rm", "-f", "-a", "-t", "0"]);
    await service?.stop();
    await world?.destroy();
  });

  const ok = async (...args: string[]): Promise<string> => {
    const result = await world.runProgram(client ?? "", ["--url", service.uri, ...args]);
    if (result.exitCode !== 0) throw new Error(describeResult(result));
    return result.stdout;
  };
  const refusal = async (...args: string[]): Promise<string> => {
    const result = await world.runProgram(client ?? "", ["--url", service.uri, ...args]);
    expect(result.exitCode, describeResult(result)).toBe(125);
    return result.stderr;
  };

  it.skipIf(!able)("volumes are exported and imported", async () => {
    const archive = join(world.directory, "volume.tar");
    for (const name of ["from", "to"]) await ok("volume", "create", name);
    await ok("run", "--rm", "--network", "none", "-v", "from:/v", baseImage, "sh", "-c", "echo kept > /v/file");
    await ok("volume", "export", "from", "--output", archive);
    await ok("volume", "import", "to", archive);
    expect(await ok("run", "--rm", "--network", "none", "-v", "to:/v", baseImage, "cat", "/v/file")).toBe("kept");
    expect(await refusal("volume", "export", "nosuch", "--output", archive)).toContain("no such volume");
  });

  it.skipIf(!able)("manifest lists are annotated, and pushed to registries alone", async () => {
    await ok("manifest", "create", "list", baseImage);
    const [{ digest }] = JSON.parse(await ok("manifest", "inspect", "list")).manifests;
    await ok("manifest", "annotate", "--arch", "arm64", "--annotation", "a=b", "list", digest);
    await ok("manifest", "annotate", "--index", "--annotation", "x=y", "list");
    expect(JSON.parse(await ok("manifest", "inspect", "list"))).toMatchObject({
      annotations: { x: "y" },
      manifests: [{ platform: { architecture: "arm64" }, annotations: { a: "b" } }],
    });
    expect(await refusal("manifest", "push", "list", `dir:${world.directory}/list`)).toContain("pushing manifest list list:");
  });

  // The original's client waits for ever once it has sent the files, whoever serves.
  it.skipIf(!able || client !== toolPath("podman"))(
    "artifacts of files of this machine are added to manifest lists (needs our client: the original's waits for ever)",
    async () => {
      const files = ["first.txt", "second.txt"].map((name) => join(world.directory, name));
      for (const file of files) writeFileSync(file, `in ${file}`);
      await ok("manifest", "create", "files");
      await ok("manifest", "add", "--artifact", "--artifact-type", "application/x.notes", "files", ...files);
      const { manifests } = JSON.parse(await ok("manifest", "inspect", "files"));
      expect(manifests).toMatchObject([{ artifactType: "application/x.notes" }]);
      expect(await refusal("manifest", "add", "--artifact", "files", join(world.directory, "none"))).toContain("no such file");
      expect(await refusal("manifest", "add", "--artifact", "nosuch", ...files)).toContain("nosuch");
    },
  );

  it.skipIf(!able)("artifacts are sent and fetched", async () => {
    const files = ["one", "two"].map((name) => join(world.directory, name));
    for (const file of files) writeFileSync(file, `in ${file}`);
    const directory = join(world.directory, "fetched");
    mkdirSync(directory);
    await ok("artifact", "add", "--annotation", "k=v", "localhost/files:1", ...files);
    expect(await ok("artifact", "ls", "--noheading", "--format", "{{.Repository}}:{{.Tag}}")).toContain("localhost/files:1");
    await ok("artifact", "extract", "localhost/files:1", directory);
    expect(readFileSync(join(directory, "two"), "utf8")).toBe(`in ${files[1]}`);
    expect(await refusal("artifact", "extract", "localhost/files:1", join(world.directory, "none"))).toContain("several blobs");
    await ok("artifact", "rm", "localhost/files:1");
    expect(await refusal("artifact", "inspect", "localhost/files:1")).toContain("artifact does not exist");
  });

  it.skipIf(!able)("containers are changed, and units made for them", async () => {
    await ok("create", "--name", "changed", "--network", "none", baseImage, "sleep", "60");
    await ok("update", "--restart", "on-failure:3", "--health-cmd", "true", "-e", "NEW=1", "changed");
    const [{ Config, HostConfig }] = JSON.parse(await ok("container", "inspect", "changed"));
    expect(HostConfig.RestartPolicy).toMatchObject({ Name: "on-failure", MaximumRetryCount: 3 });
    expect(Config.Healthcheck.Test).toEqual(["CMD-SHELL", "true"]);
    expect(Config.Env).toContain("NEW=1");
    expect(await ok("generate", "systemd", "--name", "--restart-sec", "3", "changed")).toMatch(
      /^# container-changed\.service\n[^]*\nRestartSec=3\n/,
    );
    expect(await ok("system", "check", "--quick")).toBe("");
  });
});
