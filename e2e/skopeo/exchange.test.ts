/** Images go back and forth between our skopeo and the original: in every transport, with equal digests. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { originalPath } from "../harness/binaries.ts";
import { type RegistryServer, startRegistry } from "../harness/registry.ts";
import { describeResult } from "../harness/run-command.ts";
import { createWorld, type World } from "../harness/world.ts";

const original = originalPath("skopeo");

describe("skopeo", () => {
  let world: World;
  let registry: RegistryServer;
  const at = (name: string): string => join(world.directory, "tmp", name);

  beforeAll(async () => {
    [world, registry] = await Promise.all([createWorld(), startRegistry()]);
    const tar = at("root.tar");
    const made = await world.runProgram("tar", ["-cf", tar, "-C", "/etc", "hostname", "passwd"]);
    expect(made.exitCode, describeResult(made)).toBe(0);
    await world.podman("import", "-q", "-c", "CMD=/bin/true", "-c", "LABEL who=e2e", tar, "localhost/small:1");
    await world.podman("push", "-q", "--tls-verify=false", "localhost/small:1", `docker://${registry.address}/small:1`);
  });
  afterAll(async () => {
    await registry?.stop();
    await world?.destroy();
  });

  it("copies through every transport and keeps the digest", async () => {
    const source = `docker://${registry.address}/small:1`;
    const { Digest } = JSON.parse(await world.skopeo("inspect", "--tls-verify=false", source));
    const places = [`dir:${at("dir")}`, `oci:${at("oci")}:1`, `oci-archive:${at("oci.tar")}:1`];
    for (const place of places) {
      await world.skopeo("copy", "-q", "--src-tls-verify=false", source, place);
      expect(JSON.parse(await world.skopeo("inspect", place)).Digest).toBe(Digest);
    }
    await world.skopeo("copy", "-q", "--src-tls-verify=false", source, `docker-archive:${at("docker.tar")}:small:1`);
    expect(JSON.parse(await world.skopeo("list-tags", `docker-archive:${at("docker.tar")}`)).Tags).toEqual(["docker.io/library/small:1"]);
    expect(JSON.parse(await world.skopeo("inspect", `docker-archive:${at("docker.tar")}`)).Labels).toEqual({ who: "e2e" });
  });

  it("writes layers into a new directory, as it did for old callers", async () => {
    const result = await world.run("skopeo", ["layers", "--tls-verify=false", `docker://${registry.address}/small:1`]);
    expect(result.exitCode, describeResult(result)).toBe(0);
    expect(result.stderr).toContain("deprecated in favor of skopeo copy");
    const made = readdirSync(world.directory).find((name) => name.startsWith("layers-")) ?? "";
    const files = readdirSync(join(world.directory, made)).filter((name) => /^[0-9a-f]{64}$/.test(name));
    expect(files).toHaveLength(2);
    const { Digest } = JSON.parse(await world.skopeo("inspect", `dir:${join(world.directory, made)}`));
    expect(JSON.parse(await world.skopeo("inspect", "--tls-verify=false", `docker://${registry.address}/small:1`)).Digest).toBe(Digest);
  });

  it("makes an image of archives", async () => {
    const [one, two] = [at("root.tar"), at("second.tar.gz")];
    expect((await world.runProgram("tar", ["-czf", two, "-C", "/etc", "group"])).exitCode).toBe(0);
    await world.skopeo("copy", "-q", `tarball:${one}:${two}`, `oci:${at("from-tarball")}:1`);
    const { config, layers } = JSON.parse(await world.skopeo("inspect", "--raw", `oci:${at("from-tarball")}:1`));
    expect(layers.map((layer: { mediaType: string }) => layer.mediaType)).toEqual([
      "application/vnd.oci.image.layer.v1.tar+gzip",
      "application/vnd.oci.image.layer.v1.tar+gzip",
    ]);
    if (original !== undefined) {
      const theirs = await world.runProgram(original, ["inspect", "--raw", `tarball:${one}:${two}`], { env: { TZ: "UTC" } });
      expect(JSON.parse(theirs.stdout).config).toEqual(config);
    }
    const typed = await world.run("skopeo", ["inspect", "--config", "tarball:-"], { input: readFileSync(one) });
    expect(JSON.parse(typed.stdout).rootfs.diff_ids).toHaveLength(1);
    expect((await world.run("skopeo", ["copy", `tarball:${one}`, `tarball:${two}`])).stderr).toContain("can only be read from");
    expect((await world.run("skopeo", ["inspect", "sif:image.sif"])).stderr).toContain("loading SIF file: open image.sif: no such file");
  });

  it("copies out of the store and into it", async () => {
    const store = `containers-storage:[overlay@${world.graphRoot}+${join(world.directory, "run")}]`;
    await world.skopeo("copy", "-q", `${store}localhost/small:1`, `oci:${at("from-store")}:1`);
    await world.skopeo("copy", "-q", `oci:${at("from-store")}:1`, `${store}localhost/again:1`);
    const ids = (await world.podman("images", "--no-trunc", "--format", "{{.Repository}} {{.ID}}", "--sort", "repository")).split("\n");
    expect(ids.map((line) => line.split(" ")[0])).toEqual(["localhost/again", "localhost/small"]);
    expect(new Set(ids.map((line) => line.split(" ")[1])).size).toBe(1);
    await world.skopeo("delete", `${store}localhost/again:1`);
    // As with the original, the whole image goes and not only this name.
    expect(await world.podman("images", "-q")).toBe("");
    expect((await world.run("skopeo", ["inspect", `${store}localhost/nosuch:1`])).exitCode).toBe(2);
  });

  it("refuses a blob with a wrong digest and leaves nothing", async () => {
    await world.skopeo("copy", "-q", "--src-tls-verify=false", `docker://${registry.address}/small:1`, `dir:${at("tampered")}`);
    const manifest = JSON.parse(readFileSync(join(at("tampered"), "manifest.json"), "utf8"));
    const blob = join(at("tampered"), manifest.layers[0].digest.slice("sha256:".length));
    const bytes = readFileSync(blob);
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
    writeFileSync(blob, bytes);
    const result = await world.run("skopeo", ["copy", "-q", `dir:${at("tampered")}`, `oci:${at("refused")}:1`]);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/level=fatal/);
    expect(existsSync(join(at("refused"), "index.json"))).toBe(false);
  });

  it.skipIf(original === undefined)(
    "reads what the original wrote, and the original what ours wrote (needs the original skopeo)",
    async () => {
      const tool = original ?? "";
      const both = ["--src-tls-verify=false", "--dest-tls-verify=false"];
      const theirs = async (...args: string[]): Promise<string> => {
        const result = await world.runProgram(tool, ["--insecure-policy", ...args]);
        expect(result.exitCode, describeResult(result)).toBe(0);
        return result.stdout;
      };
      const source = `docker://${registry.address}/small:1`;
      for (const [name, place] of [
        ["dir", `dir:${at("x-dir")}`],
        ["oci", `oci:${at("x-oci")}:1`],
        ["oci-archive", `oci-archive:${at("x-oci.tar")}:1`],
        ["docker-archive", `docker-archive:${at("x-docker.tar")}:small:1`],
        ["docker", `docker://${registry.address}/x/small:1`],
      ] as const) {
        const tls = name === "docker" ? ["--tls-verify=false"] : [];
        await world.skopeo("copy", "-q", ...both, source, place);
        const oursSeenByThem = await theirs("inspect", "-n", ...tls, place);
        expect(await world.skopeo("inspect", "-n", ...tls, place), name).toBe(oursSeenByThem);
        const other = place.replace("x-", "y-").replace("/x/", "/y/");
        await theirs("copy", "-q", ...both, source, other);
        expect(await world.skopeo("inspect", "-n", ...tls, other), name).toBe(await theirs("inspect", "-n", ...tls, other));
        expect(await world.skopeo("inspect", "--raw", ...tls, other), name).toBe(await theirs("inspect", "--raw", ...tls, other));
      }
    },
  );
});
