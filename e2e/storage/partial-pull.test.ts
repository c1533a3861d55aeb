/** Layers compressed as zstd:chunked: pushed, and pulled in parts, whatever the registry is able to do. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type RegistryServer, startRegistryServer } from "@containers/image/testing/registry-server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorld, type World } from "../harness/world.ts";

interface StoredLayer {
  readonly id: string;
  readonly "diff-digest"?: string;
  readonly "toc-digest"?: string;
  readonly "compressed-diff-digest"?: string;
}

const PARTIAL = ["--pull-option=enable_partial_images=true", "--log-level=debug"];

describe("zstd:chunked", () => {
  let world: World;
  let registry: RegistryServer;
  let tars: { readonly first: Buffer; readonly second: Buffer };

  /** An archive of a large file, many small ones and, in the second, one more. */
  async function makeTar(name: string, more: Readonly<Record<string, string>>): Promise<Buffer> {
    const root = join(world.directory, "tmp", name);
    mkdirSync(join(root, "etc"), { recursive: true });
    let seed = createHash("sha256").update("zstd:chunked").digest();
    const blocks = Array.from({ length: 20_000 }, () => (seed = createHash("sha256").update(seed).digest()));
    writeFileSync(join(root, "large"), Buffer.concat(blocks));
    for (let index = 0; index < 50; index++) writeFileSync(join(root, "etc", `file-${index}`), `file ${index}\n`);
    for (const [path, content] of Object.entries(more)) writeFileSync(join(root, path), content);
    const tar = join(world.directory, "tmp", `${name}.tar`);
    const owned = ["--owner=0", "--group=0", "--numeric-owner", "--mtime=@1700000000", "--sort=name"];
    const made = await world.runProgram("tar", ["-C", root, ...owned, "-cf", tar, "."]);
    expect(made.exitCode).toBe(0);
    return readFileSync(tar);
  }

  beforeAll(async () => {
    [world, registry] = await Promise.all([createWorld(), startRegistryServer()]);
    tars = { first: await makeTar("first", {}), second: await makeTar("second", { "etc/new": "new\n", "etc/file-7": "changed\n" }) };
    for (const name of ["first", "second"]) {
      await world.podman("import", "-q", join(world.directory, "tmp", `${name}.tar`), `localhost/${name}`);
      const target = `${registry.host}/${name}:1`;
      await world.podman("push", "-q", "--tls-verify=false", "--compression-format", "zstd:chunked", `localhost/${name}`, target);
    }
    await world.podman("rmi", "-a", "-f");
  });
  afterAll(async () => {
    await registry?.close();
    await world?.destroy();
  });

  /** Pulls an image, and tells what podman said and how it asked for blobs. */
  async function pull(name: string): Promise<{ readonly said: string; readonly ranges: readonly (string | undefined)[] }> {
    const before = registry.requests.length;
    const result = await world.run("podman", [...PARTIAL, "pull", "--tls-verify=false", `${registry.host}/${name}:1`]);
    expect(result.exitCode, result.stderr).toBe(0);
    const blobs = registry.requests.slice(before).filter(({ url }) => url.includes("/blobs/"));
    return { said: result.stderr, ranges: blobs.map(({ headers }) => headers.range) };
  }

  function storedLayer(tar: Buffer): StoredLayer | undefined {
    const layers = JSON.parse(readFileSync(join(world.graphRoot, "overlay-layers", "layers.json"), "utf8")) as readonly StoredLayer[];
    return layers.find((layer) => layer["diff-digest"] === digestOf(tar));
  }

  const digestOf = (tar: Buffer): string => `sha256:${createHash("sha256").update(tar).digest("hex")}`;

  const partial = (said: string): readonly number[] => {
    const match = /Retrieved partial blob sha256:[0-9a-f]+: (\d+) of (\d+) bytes/.exec(said);
    return match === null ? [] : [Number(match[1]), Number(match[2])];
  };

  it("is pulled in parts: only what changed, and pushed again with the same contents", async () => {
    const [all = 0, size = 0] = partial((await pull("first")).said);
    expect(all).toBeGreaterThan(600_000);
    const [fetched = size] = partial((await pull("second")).said);
    expect(fetched).toBeLessThan(10_000);
    const layer = storedLayer(tars.second);
    expect(layer?.["toc-digest"]).toMatch(/^sha256:/);
    expect(layer?.["compressed-diff-digest"]).toBeUndefined();
    const directory = join(world.directory, "tmp", "pushed");
    await world.podman("push", "-q", `${registry.host}/second:1`, `dir:${directory}`);
    expect(readFileSync(join(directory, digestOf(tars.second).slice("sha256:".length))).equals(tars.second)).toBe(true);
    expect(await world.podman("system", "check")).toBe("");
  });

  it("comes as a whole from a registry without ranges, and one by one from one that gives one range at a time", async () => {
    await world.podman("rmi", "-f", `${registry.host}/second:1`);
    Object.assign(registry.misbehave, { noRange: true });
    const whole = await pull("second");
    expect(partial(whole.said)).toEqual([]);
    expect(storedLayer(tars.second)?.["compressed-diff-digest"]).toMatch(/^sha256:/);
    await world.podman("rmi", "-f", `${registry.host}/second:1`);
    Object.assign(registry.misbehave, { noRange: false, singleRange: true });
    const single = await pull("second");
    expect(partial(single.said)).not.toEqual([]);
    expect(single.ranges.filter((range) => range !== undefined && !range.includes(",")).length).toBeGreaterThan(0);
    Object.assign(registry.misbehave, { singleRange: false });
  });

  it("is refused when the registry gives other bytes, and leaves nothing behind", async () => {
    await world.podman("rmi", "-f", `${registry.host}/second:1`);
    const [key = "", bytes] = [...registry.blobs].find(([name, blob]) => name.startsWith("second@") && blob.length > 100_000) ?? [];
    const spoilt = Buffer.from(bytes ?? []);
    // The tar-split data and the table of contents are at the end.
    for (let at = spoilt.length - 300; at < spoilt.length - 200; at++) spoilt[at] = 0;
    registry.blobs.set(key, spoilt);
    const result = await world.run("podman", [...PARTIAL, "pull", "--tls-verify=false", "--retry=0", `${registry.host}/second:1`]);
    expect(result.exitCode).toBe(125);
    expect(result.stderr).toContain("digest");
    expect(storedLayer(tars.second)).toBeUndefined();
    expect(await world.podman("images", "-q", `${registry.host}/second`)).toBe("");
  });
});
