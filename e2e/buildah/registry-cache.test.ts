/** Steps of builds that other machines take from a registry. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildBaseImage } from "../harness/base-image.ts";
import { systemProgram } from "../harness/binaries.ts";
import { type RegistryServer, startRegistry } from "../harness/registry.ts";
import { createWorld, type World } from "../harness/world.ts";

const able = process.getuid?.() === 0 && systemProgram("docker-registry") !== undefined;

describe.skipIf(!able)("steps in a registry (needs root and docker-registry)", () => {
  let world: World;
  let registry: RegistryServer;

  beforeAll(async () => {
    registry = await startRegistry();
    world = await createWorld({ insecure: [registry.address] });
    await buildBaseImage(world);
  });
  afterAll(async () => {
    await world?.destroy();
    await registry?.stop();
  });

  it("pushes steps, and takes them from there when the store has them no more", async () => {
    const directory = join(world.directory, "tmp", "cached");
    mkdirSync(directory);
    writeFileSync(join(directory, "Containerfile"), "FROM localhost/base\nRUN echo once > /once\nENV A=1\n");
    const repository = `${registry.address}/steps`;
    const build = (...flags: string[]) => world.buildah("bud", "--layers", "--network", "none", ...flags, directory);
    const first = await build("--cache-to", repository, "--iidfile", join(directory, "id"));
    expect(first.match(/--> Pushing cache \[/g)).toHaveLength(2);
    await world.buildah("prune", "-f");
    const again = await build("--cache-from", repository, "-t", "localhost/again");
    expect(again.match(/--> Cache pulled from remote/g)).toHaveLength(2);
    expect(again.match(/--> Using cache/g)).toHaveLength(2);
    expect(await build("--cache-ttl", "0s")).not.toContain("Using cache");
    const refused = await world.run("buildah", ["bud", "--layers", "--cache-to", `${repository}:tag`, directory]);
    expect(refused.stderr).toContain("repository must contain neither a tag nor digest");
  });
});
