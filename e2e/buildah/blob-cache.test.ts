/** `--blob-cache`, and other flags that help does not show. */
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorld, type World } from "../harness/world.ts";

describe("hidden flags", () => {
  let world: World;
  let context: string;

  beforeAll(async () => {
    world = await createWorld();
    context = join(world.directory, "context");
    mkdirSync(context);
    for (const [name, text] of [
      ["one", "1"],
      ["two", "2"],
      ["Containerfile", "FROM scratch\nCOPY one /one\nCOPY two /two\n"],
    ] as const)
      writeFileSync(join(context, name), text);
    utimesSync(join(context, "one"), 1_000_000_000, 1_000_000_000);
    await world.buildah("build", "-q", "--layers", "-t", "localhost/cached", context);
  });
  afterAll(() => world?.destroy());

  const directory = (name: string): string => {
    const path = join(world.directory, name);
    mkdirSync(path);
    return path;
  };
  /** How many files of each kind a cache holds. */
  const kept = (cache: string) => {
    const kinds = readdirSync(cache).map((name) => /\.[a-z]+$/.exec(name)?.[0] ?? kindOf(readFileSync(join(cache, name))));
    return Object.fromEntries([...new Set(kinds)].sort().map((kind) => [kind, kinds.filter((one) => one === kind).length]));
  };
  const kindOf = (bytes: Buffer): string => (bytes[0] === 0x7b ? "manifest" : bytes[0] === 0x1f && bytes[1] === 0x8b ? "gzip" : "tar");

  it("--blob-cache keeps what comes in both forms, and pushes send what was kept", async () => {
    await world.buildah("push", "-q", "localhost/cached", `oci:${directory("layout")}:it`);
    const cache = directory("pulled");
    const id = await world.buildah("pull", "-q", "--blob-cache", cache, `oci:${world.directory}/layout:it`);
    expect(kept(cache)).toEqual({ ".config": 1, ".compressed": 2, ".decompressed": 2, gzip: 2, manifest: 1, tar: 2 });
    // Marks that the file, and no newly compressed one, is sent.
    await world.buildah("push", "-q", "--blob-cache", cache, id, `oci:${directory("sent")}:it`);
    const blobs = readdirSync(join(world.directory, "sent/blobs/sha256"));
    const compressed = readdirSync(cache).filter((name) => name.endsWith(".decompressed"));
    for (const note of compressed) expect(blobs).toContain(note.replace(/^sha256:|\.decompressed$/g, ""));
  });

  it("--blob-cache keeps what builds and commits make; a directory that is not there is passed over", async () => {
    const built = directory("built");
    await world.buildah("build", "-q", "--blob-cache", built, context);
    expect(kept(built)).toEqual({ ".config": 1, manifest: 1, tar: 1 });
    const container = await world.buildah("from", "--suffix", "mine", "localhost/cached");
    expect(container).toBe("cached-mine");
    expect(await world.buildah("from", "--suffix", "mine", "scratch")).toBe("mine");
    const committed = directory("committed");
    await world.buildah("copy", "-q", container, join(context, "one"), "/three");
    await world.buildah("commit", "-q", "--blob-cache", committed, container, "localhost/more");
    expect(kept(committed)).toEqual({ ".config": 1, manifest: 1, tar: 1 });
    const { exitCode, stderr } = await world.run("buildah", ["commit", "--blob-cache", `${committed}.gone`, container]);
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining("error saving manifest sha256:")]);
  });

  it("commit takes its time from a file, or none; copy --from pulls", async () => {
    const created = (name: string) => world.buildah("inspect", "--type", "image", "--format", "{{.OCIv1.Created}}", name);
    const container = await world.buildah("from", "scratch");
    await world.buildah("commit", "-q", "--reference-time", join(context, "one"), container, "localhost/old");
    expect(await created("localhost/old")).toBe("2001-09-09 01:46:40 +0000 UTC");
    await world.buildah("commit", "-q", "--omit-timestamp", container, "localhost/epoch");
    expect(await created("localhost/epoch")).toBe("1970-01-01 00:00:00 +0000 UTC");
    const both = await world.run("buildah", ["commit", "--omit-timestamp", "--timestamp", "5", container, "localhost/x"]);
    expect([both.exitCode, both.stderr]).toEqual([125, expect.stringContaining("cannot use more than one timestamp option")]);
    await world.buildah("copy", "-q", "--from", `oci:${world.directory}/layout:it`, container, "/one", "/copied");
    expect(readFileSync(join(await world.buildah("mount", "--notruncate", container), "copied"), "utf8")).toBe("1");
    await world.buildah("umount", container);
    const refused = await world.run("buildah", ["--cpu-profile", "x", "images"]);
    expect([refused.exitCode, refused.stderr]).toEqual([125, expect.stringContaining("--cpu-profile writes profiles of Go programs")]);
  });

  it("push --all --rm sends a list with its images, and then removes it", async () => {
    await world.buildah("manifest", "create", "several", "localhost/cached");
    await world.buildah("push", "-q", "--all", "--rm", "several", `dir:${directory("list")}`);
    const { manifests } = JSON.parse(readFileSync(join(world.directory, "list/manifest.json"), "utf8")) as { manifests: unknown[] };
    expect(manifests).toHaveLength(1);
    expect((await world.run("buildah", ["manifest", "exists", "several"])).exitCode).toBe(1);
  });
});
