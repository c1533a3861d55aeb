/** podman system check, migrate, renumber, reset, df. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { createWorld, type World } from "../harness/world.ts";

describe.each([{ rootless: false }, { rootless: true }])("the whole system, rootless: $rootless", ({ rootless }) => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
  });
  afterAll(async () => {
    await world?.destroy();
  });

  it("is sound, and says so by silence", async () => {
    expect(await world.run("podman", ["system", "check"])).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
  });

  it("tells damage and removes it, what containers hold only by force", async () => {
    await world.podman("create", "--name", "c", baseImage, "true");
    const top = await world.podman("image", "inspect", "-f", "{{.GraphDriver.Data.UpperDir}}", baseImage);
    rmSync(join(top, "bin", "cat"));
    const found = await world.run("podman", ["system", "check"]);
    expect(found).toMatchObject({ exitCode: 125, stderr: "Error: damage detected in local storage" });
    expect(found.stdout).toMatch(
      /^Damaged layer [0-9a-f]{64}:\n1 error occurred:\n\t\* layer [0-9a-f]{64}: -\/bin\/cat, layer content modified/,
    );
    expect(found.stdout).toContain("Damaged image");
    expect(found.stdout).toContain("Damaged container");
    expect((await world.run("podman", ["system", "check", "--quick"])).exitCode).toBe(0);
    const kept = await world.run("podman", ["system", "check", "-r"]);
    expect(kept.stderr).toContain("Error: damage in local storage still present after repair attempt");
    expect(await world.podman("ps", "-a", "--format", "{{.Names}}")).toBe("c");
    expect(await world.podman("system", "check", "-r", "-f")).toContain("Deleted damaged image");
    expect(await world.podman("ps", "-aq")).toBe("");
    expect(await world.run("podman", ["system", "check", "-m", "0"])).toMatchObject({ exitCode: 0, stdout: "" });
    await buildBaseImage(world);
  });

  it("makes records of containers again whose files are there", async () => {
    await world.podman("run", "--name", "lost", "--network", "none", baseImage, "sh", "-c", "echo kept > /file");
    writeFileSync(join(world.graphRoot, "overlay-containers", "containers.json"), "[]");
    expect((await world.run("podman", ["system", "check", "--quick"])).stdout).toMatch(
      /Damaged container [0-9a-f]{64}:[^]*not in the store/,
    );
    expect(await world.podman("system", "check", "--quick", "--repair")).toMatch(/^container [0-9a-f]{64} was recovered$/);
    await world.podman("cp", "lost:/file", join(world.directory, "tmp", "file"));
    expect(readFileSync(join(world.directory, "tmp", "file"), "utf8")).toBe("kept\n");
    await world.podman("rm", "lost");
  });

  it("has locks without numbers, and an event for who wants them anew", async () => {
    await world.podman("system", "renumber");
    expect(await world.podman("events", "--stream=false", "--filter", "type=system", "--format", "{{.Type}} {{.Status}}")).toContain(
      "system renumber",
    );
  });

  it("migrates to another runtime", async () => {
    await world.podman("create", "--name", "m", baseImage, "true");
    await world.podman("system", "migrate", "--new-runtime", "runc");
    expect(await world.podman("inspect", "-f", "{{.OCIRuntime}}", "m")).toBe("runc");
    expect((await world.run("podman", ["system", "migrate", "--new-runtime", "nosuch"])).stderr).toContain(
      'change to runtime "nosuch" requested but no such runtime is defined: invalid argument',
    );
    await world.podman("rm", "m");
  });

  it("shows what each thing takes", async () => {
    await world.podman("create", "--name", "d", "-v", "vol:/x", baseImage, "true");
    const shown = await world.podman("system", "df", "-v");
    expect(shown).toMatch(/REPOSITORY +TAG +IMAGE ID +CREATED +SIZE +SHARED SIZE +UNIQUE SIZE +CONTAINERS\nlocalhost\/base +latest /);
    expect(shown).toMatch(/\n[0-9a-f]{12} +[0-9a-f]{12} +true +1 .* created +d\n/);
    expect(shown).toMatch(/VOLUME NAME +LINKS +SIZE\nvol +1 +0B/);
    expect(JSON.parse(await world.podman("system", "df", "--format", "json"))).toMatchObject([
      { Type: "Images", TotalCount: 1 },
      { Type: "Containers", TotalCount: 1 },
      { Type: "Local Volumes", TotalCount: 1 },
    ]);
    expect((await world.run("podman", ["system", "df", "-v", "--format", "x"])).stderr).toBe(
      "Error: cannot combine --format and --verbose flags",
    );
  });

  it("is as new after a reset, and asks before", async () => {
    await world.podman("run", "-d", "--name", "r", "-v", "data:/x", baseImage, "sleep", "100");
    await world.podman("pod", "create", "p");
    await world.podman("network", "create", "n");
    writeFileSync(join(world.directory, "keep"), "");
    const asked = await world.run("podman", ["system", "reset"], { input: "n\n" });
    expect(asked.stdout).toContain(`the graphRoot directory: "${world.graphRoot}"`);
    expect(await world.podman("ps", "-q")).not.toBe("");
    await world.podman("system", "reset", "--force");
    expect(readdirSync(world.graphRoot)).toEqual([]);
    expect(existsSync(join(world.directory, "keep"))).toBe(true);
    expect(await world.podman("images", "-q")).toBe("");
    expect(await world.podman("volume", "ls", "-q")).toBe("");
    expect(await world.podman("pod", "ps", "-q")).toBe("");
    await buildBaseImage(world);
    expect(await world.podman("run", "--rm", baseImage, "echo", "again")).toBe("again");
  });
});
