/** Work on images that is cut off: by the registry, by kill -9, by a signal. What was there stays, what was begun goes, the space comes back. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startRegistryServer, type RegistryServer as UnreliableServer } from "@containers/image/testing/registry-server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { originalPath } from "../harness/binaries.ts";
import { patience } from "../harness/eventually.ts";
import { type RegistryServer, startRegistry } from "../harness/registry.ts";
import { createWorld, type World } from "../harness/world.ts";

/** Milliseconds after which a command is killed: from its first steps to about its end. */
const MOMENTS = [15, 40, 70, 100, 140, 190, 250, 330];
const MIB = 1024 * 1024;

describe.each([{ rootless: false }, { rootless: true }])("interrupted, rootless: $rootless", ({ rootless }) => {
  let world: World;
  let registry: RegistryServer;
  let large: string;
  let archive: string;
  /** Listing and size of the store before anything was interrupted. */
  let before: string;
  let space: number;

  beforeAll(async () => {
    [world, registry] = await Promise.all([createWorld({ rootless }), startRegistry()]);
    await buildBaseImage(world);
    large = `${registry.address}/large:1`;
    archive = join(world.directory, "tmp", "large.tar");
    for (const file of ["one", "two"]) {
      await world.podman("run", "--network", "none", "--name", file, file === "one" ? baseImage : "localhost/one", ...fill(file));
      await world.podman("commit", "-q", file, `localhost/${file}`);
      await world.podman("rm", file);
    }
    await world.podman("push", "-q", "--tls-verify=false", "localhost/two", large);
    await world.podman("save", "-q", "-o", archive, "localhost/two");
    await world.podman("rmi", "localhost/two", "localhost/one");
    before = await listing();
    space = await used();
  });
  afterAll(async () => {
    await registry?.stop();
    await world?.destroy();
  });

  const fill = (file: string) => ["dd", "if=/dev/urandom", `of=/${file}`, "bs=1M", "count=12"];
  const listing = async () =>
    `${await world.podman("images", "-a", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}")}\n${await world.podman("ps", "-a", "-q")}\n${await world.buildah("containers", "-a", "-q")}`;
  /** Bytes of the store without the state's log, which grows and is merged; some of its files are readable to the user's namespace alone. */
  async function used(): Promise<number> {
    const count = ["-s", "-B1", "--exclude=podman-state.sqlite-*", world.graphRoot];
    const plain = rootless ? await world.runProgram("podman", ["unshare", "du", ...count]) : await world.runProgram("du", count);
    return Number(plain.stdout.split("\t")[0]);
  }
  async function expectAsBefore(): Promise<void> {
    expect(await listing()).toBe(before);
    // Directories keep the size that they once had, lock files stay.
    expect((await used()) - space).toBeLessThan(MIB / 2);
    expect(await world.podman("run", "--rm", "--network", "none", baseImage, "echo", "works")).toBe("works");
  }
  async function killedAt(delay: number, args: readonly string[], signal: NodeJS.Signals = "SIGKILL"): Promise<number | undefined> {
    const child = world.spawn("podman", args);
    await Bun.sleep(delay);
    child.kill(signal);
    return (await child).exitCode;
  }

  it("a pull whose registry stops half way fails with one line, and works once the registry does", async () => {
    const server = await unreliable(registry);
    const image = `${server.host}/large:1`;
    server.misbehave.cutAfter = { bytes: 2 * MIB, times: 1_000_000 };
    server.misbehave.noRange = true;
    const cut = await world.run("podman", ["pull", "-q", "--tls-verify=false", image]);
    expect(cut.exitCode).toBe(125);
    expect(cut.stderr.split("\n").filter((line) => line.startsWith("Error:"))).toHaveLength(1);
    await expectAsBefore();
    server.misbehave.cutAfter = { bytes: 2 * MIB, times: 2 };
    server.misbehave.noRange = false;
    await world.podman("pull", "-q", "--tls-verify=false", image);
    expect(await world.podman("run", "--rm", "--network", "none", image, "wc", "-c", "/two")).toContain(String(12 * MIB));
    await world.podman("rmi", image);
    await server.close();
    await expectAsBefore();
  });

  it("a pull killed with -9", async () => {
    for (const moment of MOMENTS) {
      await killedAt(moment, ["pull", "-q", "--tls-verify=false", large]);
      await world.run("podman", ["rmi", large]);
      await expectAsBefore();
    }
    await world.podman("pull", "-q", "--tls-verify=false", large);
    await world.podman("rmi", large);
    await expectAsBefore();
  });

  it("a pull ended by SIGINT or SIGTERM leaves nothing", async () => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      for (const moment of [60, 120]) {
        const code = await killedAt(moment, ["pull", "-q", "--tls-verify=false", large], signal);
        expect(code).not.toBe(0);
        expect(await listing()).toBe(before);
      }
      await killedAt(90, ["run", "--rm", "--tls-verify=false", "--network", "none", large, "sleep", "100"], signal);
      await world.run("podman", ["rmi", large]);
      await expectAsBefore();
    }
  });

  it("a load killed with -9", async () => {
    for (const moment of MOMENTS) {
      await killedAt(moment, ["load", "-q", "-i", archive]);
      await world.run("podman", ["rmi", "localhost/two"]);
      await expectAsBefore();
    }
    await world.podman("load", "-q", "-i", archive);
    await world.podman("rmi", "localhost/two");
    await expectAsBefore();
  });

  it("a commit killed with -9", async () => {
    await world.podman("run", "--network", "none", "--name", "full", baseImage, ...fill("full"));
    const [held, kept] = [await used(), await listing()];
    for (const moment of MOMENTS) {
      await killedAt(moment, ["commit", "-q", "full", "localhost/full"]);
      await world.run("podman", ["rmi", "localhost/full"]);
      expect(await listing()).toBe(kept);
      expect((await used()) - held).toBeLessThan(MIB / 2);
    }
    await world.podman("commit", "-q", "full", "localhost/full");
    await world.podman("rmi", "localhost/full");
    await world.podman("rm", "full");
    await expectAsBefore();
  });

  it("a build killed with -9", async () => {
    const context = join(world.directory, "tmp", "context");
    await world.runProgram("mkdir", ["-p", context]);
    await world.runProgram("dd", ["if=/dev/urandom", `of=${context}/data`, "bs=1M", "count=8"]);
    const recipe = `FROM ${baseImage}\nCOPY data /data\nRUN cp /data /more\nRUN sleep 0.1\nLABEL a=b\n`;
    await world.runProgram("sh", ["-c", `cat >${context}/Containerfile`], { input: recipe });
    const build = ["build", "-q", "--no-cache", "--network", "host", "-t", "localhost/built", context];
    for (const moment of [...MOMENTS, 420, 520]) {
      await killedAt(moment, build);
      // The container that it worked in goes first; images of finished steps are the cache, which prune empties.
      await expect.poll(() => world.buildah("containers", "-a", "-q"), patience).toBe("");
      await world.run("podman", ["rmi", "localhost/built"]);
      await world.podman("image", "prune", "-f");
      await expectAsBefore();
    }
    await world.podman(...build);
    await world.podman("rmi", "localhost/built");
    await world.podman("image", "prune", "-f");
    await expectAsBefore();
  });

  it("a blob whose digest is wrong is refused by its name", async () => {
    const digest = await tamper(registry);
    const result = await world.run("podman", ["pull", "-q", "--tls-verify=false", large]);
    expect(result.exitCode).toBe(125);
    const errors = result.stderr.split("\n").filter((line) => line.startsWith("Error:"));
    expect(errors, result.stderr).toHaveLength(1);
    expect(errors[0]).toContain(digest);
    await expectAsBefore();
    const copied = await world.run("skopeo", [
      "copy",
      "-q",
      "--src-tls-verify=false",
      `docker://${large}`,
      `dir:${world.directory}/tmp/dir`,
    ]);
    expect(copied.exitCode).not.toBe(0);
    expect(copied.stderr).toContain(digest);
  });

  it.skipIf(originalPath("podman") === undefined)("the original podman finds the store in order (needs podman)", async () => {
    const seen = await world.runProgram(originalPath("podman") ?? "", ["system", "check"]);
    expect(seen.exitCode, seen.stderr + seen.stdout).toBe(0);
  });
});

/** A registry that breaks connections off, with all that `source` holds of `large`. */
async function unreliable(source: RegistryServer): Promise<UnreliableServer> {
  const server = await startRegistryServer();
  const base = `http://${source.address}/v2/large`;
  const answer = await fetch(`${base}/manifests/1`, {
    headers: { accept: "application/vnd.oci.image.manifest.v1+json,application/vnd.docker.distribution.manifest.v2+json" },
  });
  const mediaType = answer.headers.get("content-type") ?? "";
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const manifest = JSON.parse(new TextDecoder().decode(bytes)) as { config: { digest: string }; layers: { digest: string }[] };
  for (const { digest } of [manifest.config, ...manifest.layers]) {
    const blob = await fetch(`${base}/blobs/${digest}`);
    server.blobs.set(`large@${digest}`, new Uint8Array(await blob.arrayBuffer()));
  }
  server.manifests.set("large:1", { bytes, mediaType });
  return server;
}

/** Changes one byte of the largest blob on the registry's disk; its digest. */
async function tamper(registry: RegistryServer): Promise<string> {
  const root = join(registry.directory, "data/docker/registry/v2/blobs/sha256");
  const blobs = readdirSync(root).flatMap((prefix) =>
    readdirSync(join(root, prefix)).map((hex) => ({ hex, path: join(root, prefix, hex, "data") })),
  );
  const [largest] = blobs.toSorted((one, other) => statSync(other.path).size - statSync(one.path).size);
  if (largest === undefined) throw new Error("the registry holds no blob");
  const bytes = readFileSync(largest.path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(largest.path, bytes);
  return `sha256:${largest.hex}`;
}
