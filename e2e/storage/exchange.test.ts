/**
 * One store, two makes of tools: what ours wrote the originals use, what they wrote ours use, layers come out with the bytes
 * they came in with, and both at work at once spoil nothing.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { originalPath, systemProgram } from "../harness/binaries.ts";
import { type CommandResult, describeResult } from "../harness/run-command.ts";
import { createWorld, type World } from "../harness/world.ts";

const podman = originalPath("podman") ?? "";
const skopeo = originalPath("skopeo") ?? "";

interface StoredRecord {
  readonly id: string;
  readonly parent?: string;
  readonly layer?: string;
  readonly names?: readonly string[];
  readonly flags?: Readonly<Record<string, unknown>>;
}

describe.skipIf(podman === "" || skopeo === "")("one store with the originals (needs podman and skopeo of the distribution)", () => {
  let world: World;
  let image: string;
  let diffIds: readonly string[];

  beforeAll(async () => {
    world = await createWorld();
    image = join(world.directory, "tmp", "image");
    diffIds = makeImage(world, image);
  });
  afterAll(async () => {
    await world?.runProgram(podman, ["rm", "-f", "-a", "-t", "0"]);
    await world?.destroy();
  });

  const original = async (program: string, ...args: string[]): Promise<string> => {
    const result: CommandResult = await world.runProgram(program, args);
    if (result.exitCode !== 0) throw new Error(describeResult(result));
    return result.stdout;
  };
  const layersOf = (directory: string): readonly string[] => {
    const manifest = JSON.parse(readFileSync(join(directory, "manifest.json"), "utf8")) as { layers: { digest: string }[] };
    return manifest.layers.map(({ digest }) => {
      const blob = readFileSync(join(directory, digest.slice("sha256:".length)));
      return sha256(blob[0] === 0x1f ? gunzipSync(blob) : blob);
    });
  };
  const script = "cat /etc/kept; test ! -e /etc/deleted && test ! -e /var/hidden && ls /var; touch /written && echo written";
  const printed = "kept\nshown\nwritten";

  it("the originals use an image that ours stored", async () => {
    await world.skopeo("copy", "-q", `dir:${image}`, "containers-storage:localhost/ours:1");
    expect(await original(podman, "images", "--format", "{{.Names}}")).toContain("localhost/ours:1");
    expect(await original(podman, "run", "--rm", "--network", "none", "localhost/ours:1", "sh", "-c", script)).toBe(printed);
    const out = join(world.directory, "tmp", "out-original");
    await original(skopeo, "--insecure-policy", "copy", "-q", "containers-storage:localhost/ours:1", `dir:${out}`);
    expect(layersOf(out)).toEqual(diffIds);
    await original(podman, "system", "check");
  });

  it("ours use an image that the originals stored", async () => {
    await original(podman, "rmi", "-f", "localhost/ours:1");
    await original(skopeo, "--insecure-policy", "copy", "-q", `dir:${image}`, "containers-storage:localhost/theirs:1");
    expect(await world.podman("images", "--format", "{{.Repository}}:{{.Tag}}")).toContain("localhost/theirs:1");
    expect(await world.podman("run", "--rm", "--network", "none", "localhost/theirs:1", "sh", "-c", script)).toBe(printed);
    const out = join(world.directory, "tmp", "out-ours");
    await world.skopeo("copy", "-q", "containers-storage:localhost/theirs:1", `dir:${out}`);
    expect(layersOf(out)).toEqual(diffIds);
  });

  it("each sees at once what the other changes", async () => {
    await world.podman("tag", "localhost/theirs:1", "localhost/by-ours:1");
    expect(await original(podman, "images", "-q", "localhost/by-ours:1")).not.toBe("");
    await original(podman, "tag", "localhost/theirs:1", "localhost/by-original:1");
    expect(await world.podman("images", "-q", "localhost/by-original:1")).not.toBe("");
    await world.podman("rmi", "localhost/by-original:1");
    expect(await original(podman, "images", "--format", "{{.Names}}")).not.toContain("by-original");
  });

  it("both writing at once lose and spoil nothing", async () => {
    const rounds = Array.from({ length: 8 }, (_, index) => index);
    const inTurn = async (action: (index: number) => Promise<unknown>): Promise<void> => {
      for (const index of rounds) await action(index);
    };
    await Promise.all([
      inTurn((index) => world.podman("tag", "localhost/theirs:1", `localhost/ours-${index}:1`)),
      inTurn((index) => original(podman, "tag", "localhost/theirs:1", `localhost/original-${index}:1`)),
      inTurn(() => world.podman("run", "--rm", "--network", "none", "localhost/theirs:1", "true")),
      inTurn(() => original(podman, "run", "--rm", "--network", "none", "localhost/theirs:1", "true")),
      inTurn((index) => world.skopeo("copy", "-q", `dir:${image}`, `containers-storage:localhost/copied-ours-${index}:1`)),
      inTurn((index) =>
        original(skopeo, "--insecure-policy", "copy", "-q", `dir:${image}`, `containers-storage:localhost/copied-original-${index}:1`),
      ),
    ]);
    const names = recordsOf(world, "images", "images.json").flatMap((record) => record.names ?? []);
    for (const index of rounds) {
      for (const kind of ["ours", "original", "copied-ours", "copied-original"]) expect(names).toContain(`localhost/${kind}-${index}:1`);
    }
    expectWhole(world);
    await original(podman, "system", "check");
  });
});

/** Every record's layer is there, every layer's files are, and nothing is half-made. */
function expectWhole(world: World): void {
  const layers = [...recordsOf(world, "layers", "layers.json"), ...recordsOf(world, "layers", "volatile-layers.json")];
  const ids = layers.map((layer) => layer.id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const layer of layers) {
    expect(layer.flags?.incomplete).toBeUndefined();
    if (layer.parent !== undefined) expect(ids).toContain(layer.parent);
  }
  const users = [
    ...recordsOf(world, "images", "images.json"),
    ...recordsOf(world, "containers", "containers.json"),
    ...recordsOf(world, "containers", "volatile-containers.json"),
  ];
  for (const user of users) expect(ids).toContain(user.layer);
  const directories = readdirSync(join(world.graphRoot, "overlay")).filter((name) => name.length === 64);
  expect(directories.sort()).toEqual([...ids].sort());
}

function recordsOf(world: World, kind: string, file: string): readonly StoredRecord[] {
  try {
    return JSON.parse(readFileSync(join(world.graphRoot, `overlay-${kind}`, file), "utf8")) as StoredRecord[];
  } catch {
    return [];
  }
}

/** An image of two layers in a directory (`dir:`): busybox with a hard link, and a layer that deletes. Returns the diff ids. */
function makeImage(world: World, directory: string): readonly string[] {
  const busybox = systemProgram("busybox");
  if (busybox === undefined) throw new Error("busybox is missing; install the package busybox-static");
  const [lower, upper] = ["lower", "upper"].map((name) => join(world.directory, "tmp", name)) as [string, string];
  for (const path of ["bin", "etc", "var/hidden"]) mkdirSync(join(lower, path), { recursive: true });
  for (const path of ["etc", "var/shown"]) mkdirSync(join(upper, path), { recursive: true });
  copyFileSync(busybox, join(lower, "bin/busybox"));
  for (const applet of ["sh", "cat", "ls", "test", "touch", "echo", "true"])
    linkSync(join(lower, "bin/busybox"), join(lower, "bin", applet));
  writeFileSync(join(lower, "etc/kept"), "kept\n");
  writeFileSync(join(lower, "etc/deleted"), "deleted\n");
  writeFileSync(join(upper, "etc/.wh.deleted"), "");
  writeFileSync(join(upper, "var/.wh..wh..opq"), "");
  mkdirSync(directory);
  const layers = [lower, upper].map((tree) => {
    const tar = spawnSync("tar", ["--format=pax", "-C", tree, "-c", "."], { maxBuffer: 1 << 28 }).stdout;
    return { diffId: sha256(tar), ...store(directory, gzipSync(tar)) };
  });
  const config = store(
    directory,
    Buffer.from(
      JSON.stringify({
        architecture: process.arch === "arm64" ? "arm64" : "amd64",
        os: "linux",
        config: { Env: ["PATH=/bin"] },
        rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
      }),
    ),
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
    layers: layers.map(({ digest, size }) => ({ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest, size })),
  };
  writeFileSync(join(directory, "manifest.json"), JSON.stringify(manifest));
  writeFileSync(join(directory, "version"), "Directory Transport Version: 1.1\n");
  return layers.map((layer) => layer.diffId);
}

function store(directory: string, bytes: Uint8Array): { digest: string; size: number } {
  const digest = sha256(bytes);
  writeFileSync(join(directory, digest.slice("sha256:".length)), bytes);
  return { digest, size: bytes.length };
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
