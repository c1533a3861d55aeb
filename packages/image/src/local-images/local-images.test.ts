import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeError, isErrorOfKind } from "@containers/common/errors/tool-error";
import { isRoot, type TempStore, tempStore } from "@containers/storage/testing/temp-store";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createList } from "../manifest-lists/create.ts";
import { tarOf } from "../testing/random-image.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";
import { imageHistory } from "./history.ts";
import { importImage } from "./import.ts";
import { inspectImage } from "./inspect.ts";
import { listImages } from "./list.ts";
import { loadArchive } from "./load.ts";
import type { LocalImages } from "./local-images.ts";
import { pruneImages } from "./prune.ts";
import { pullAllTags, pullImage, pullImages } from "./pull.ts";
import { pushImage } from "./push.ts";
import { removeExitCode, removeImages } from "./remove.ts";
import { requireLocalImage, resolveLocalImage } from "./resolve-name.ts";
import { saveFormats, saveImages } from "./save.ts";
import { tagImage, untagImage } from "./tag.ts";
import { imageTree } from "./tree.ts";
import { imageUsage } from "./usage.ts";

/** The whole message of what a promise fails with; its causes belong to it. */
async function failure(deed: Promise<unknown>): Promise<string> {
  return deed.then(
    () => "it did not fail",
    (error: unknown) => describeError(error),
  );
}

const reason = "the overlay store needs root";

describe.skipIf(!isRoot)(`local images (${reason} elsewhere)`, () => {
  let place: TempStore;
  let images: LocalImages;
  let directory = "";
  let lines: string[] = [];

  beforeEach(() => {
    place = tempStore();
    directory = mkdtempSync(join(tmpdir(), "local-images-"));
    lines = [];
    writeFileSync(join(directory, "policy.json"), '{"default":[{"type":"insecureAcceptAnything"}]}');
    writeFileSync(
      join(directory, "registries.conf"),
      'unqualified-search-registries = ["search.example"]\n[aliases]\nnick = "alias.example/team/nick"\n',
    );
    images = {
      store: place.store,
      registry: {
        tlsVerify: false,
        registriesConfPath: join(directory, "registries.conf"),
        registriesConfDir: directory,
        authFile: join(directory, "auth.json"),
      },
      policyPath: join(directory, "policy.json"),
      report: (line) => lines.push(line),
    };
  });
  afterEach(() => {
    place.remove();
    rmSync(directory, { recursive: true });
  });

  /** An image of one small file; other contents, another image. */
  async function image(name: string | undefined, content = "x", changes: readonly string[] = []): Promise<string> {
    const path = join(directory, `${content.length}-${content.slice(0, 8)}.tar`);
    writeFileSync(path, tarOf("file", Buffer.from(content)));
    return importImage(images, path, { name, changes });
  }

  describe("names", () => {
    test("are found as the user may write them", async () => {
      const id = await image("localhost/team/one:1");
      tagImage(images, id, ["search.example/two", "alias.example/team/nick:7", "docker.io/library/three:latest"]);
      const { digest } = requireLocalImage(images, id).image;
      for (const name of [
        id,
        id.slice(0, 12),
        `sha256:${id}`,
        "localhost/team/one:1",
        "team/one:1",
        "one:1",
        "two",
        "nick:7",
        "three",
        "docker.io/library/three",
        `one@${digest}`,
        `localhost/team/one:9@${digest}`,
        `containers-storage:localhost/team/one:1`,
      ]) {
        expect(resolveLocalImage(images, name)?.image.id, name).toBe(id);
      }
      for (const name of ["one", "two:2", "nosuch", `sha256:${"0".repeat(64)}`])
        expect(resolveLocalImage(images, name), name).toBeUndefined();
      expect(() => requireLocalImage(images, "nosuch")).toThrow("nosuch: image not known");
      const refused = (name: string): Promise<string> => failure((async () => resolveLocalImage(images, name))());
      expect(await refused("A/B")).toBe('parsing reference "A/B": repository name must be lowercase');
      expect(await refused("a b")).toBe('parsing reference "a b": invalid reference format');
    });

    test("move, go and come back", async () => {
      const one = await image("localhost/a:1", "one");
      const two = await image("localhost/b:1", "two");
      tagImage(images, "b:1", ["a:1", "c"]);
      expect(images.store.images.get(two)?.names).toEqual(["localhost/c:latest", "localhost/a:1", "localhost/b:1"]);
      expect(images.store.images.get(one)?.names).toEqual([]);
      untagImage(images, "b:1", ["a:1"]);
      expect(() => untagImage(images, "b:1", ["a:1"])).toThrow("localhost/a:1: tag not known");
      untagImage(images, "b:1");
      expect(images.store.images.get(two)?.names).toEqual([]);
      expect(() => tagImage(images, two, ["sha256:abc"])).toThrow(/by digest not supported/);
    });

    test("of a platform that the image is not for do not count", async () => {
      await image("localhost/a:1");
      expect(resolveLocalImage(images, "a:1", { platform: { architecture: "s390x" } })).toBeUndefined();
      expect(resolveLocalImage(images, "a:1", { platform: { os: "linux" } })).toBeDefined();
    });
  });

  describe("import", () => {
    test("keeps the bytes and applies changes", async () => {
      const id = await image("a", "content", [
        "CMD=/bin/sh",
        'ENTRYPOINT ["/init"]',
        "ENV A=b",
        "LABEL x=y",
        "EXPOSE 80",
        "WORKDIR /w",
        "USER me",
        "VOLUME /v",
        "STOPSIGNAL SIGINT",
      ]);
      const found = await inspectImage(images, "a");
      expect(found.Id).toBe(id);
      expect(found.Config).toMatchObject({
        Cmd: ["/bin/sh", "-c", "/bin/sh"],
        Entrypoint: ["/init"],
        Env: ["A=b"],
        Labels: { x: "y" },
        ExposedPorts: { "80/tcp": {} },
        WorkingDir: "/w",
        User: "me",
        Volumes: { "/v": {} },
        StopSignal: "2",
      });
      expect(found.RepoTags).toEqual(["localhost/a:latest"]);
      expect(found.RootFS.Layers).toHaveLength(1);
      expect(
        await image("a", "content", [
          "CMD=/bin/sh",
          'ENTRYPOINT ["/init"]',
          "ENV A=b",
          "LABEL x=y",
          "EXPOSE 80",
          "WORKDIR /w",
          "USER me",
          "VOLUME /v",
          "STOPSIGNAL SIGINT",
        ]),
      ).not.toBe("");
      expect(await imageHistory(images, "a")).toMatchObject([{ id, comment: "imported from tarball", tags: ["localhost/a:latest"] }]);
    });

    test("refuses what is no tar and bad changes, and leaves nothing", async () => {
      writeFileSync(join(directory, "no.tar"), "x".repeat(5000));
      await expect(importImage(images, join(directory, "no.tar"))).rejects.toThrow(/tar/);
      await expect(importImage(images, join(directory, "absent.tar"))).rejects.toThrow(/no such file or directory/);
      await expect(image("b", "x", ["NOSUCH x"])).rejects.toThrow(/invalid instruction NOSUCH/);
      expect(images.store.images.list()).toEqual([]);
      expect(images.store.layers.list()).toEqual([]);
    });
  });

  test("listing filters", async () => {
    const one = await image("localhost/one:1", "one", ["LABEL x=y"]);
    const two = await image("quay.example/team/two:2", "two");
    const bare = await image(undefined, "bare");
    const ids = async (...filters: string[]): Promise<string[]> =>
      (await listImages(images, { filters })).map((listing) => listing.id).sort();
    expect(await ids()).toEqual([one, two, bare].sort());
    expect(await ids("dangling=true")).toEqual([bare]);
    expect(await ids("label=x")).toEqual([one]);
    expect(await ids("label=x=z")).toEqual([]);
    expect(await ids("label!=x", "dangling=false")).toEqual([two]);
    expect(await ids("reference=one:1")).toEqual([one]);
    expect(await ids("reference=*/team/*")).toEqual([two]);
    expect(await ids("reference=one", "reference=two")).toEqual([one, two].sort());
    expect(await ids("reference!=two", "dangling=false")).toEqual([one]);
    expect(await ids(`id=${two.slice(0, 5)}`)).toEqual([two]);
    expect(await ids("containers=false")).toHaveLength(3);
    expect(await ids("until=1970-01-02")).toEqual([]);
    await expect(ids("foo=bar")).rejects.toThrow('invalid image filter "foo": must be in the format "filter=value or filter!=value"');
    expect(await failure(ids("before=nosuch"))).toBe('could not find local image for filter "before"="nosuch": nosuch: image not known');
    await expect(ids("dangling=perhaps")).rejects.toThrow(/non-boolean/);
    const listing = (await listImages(images, { filters: ["reference=localhost/one:1"] }))[0];
    expect(listing).toMatchObject({ names: ["localhost/one:1"], labels: { x: "y" }, containers: 0, dangling: false });
  });

  test("removal takes names first, then the image, and says what is in the way", async () => {
    const id = await image("localhost/one:1");
    tagImage(images, id, ["two:2"]);
    expect(await removeImages(images, ["one:1"])).toMatchObject({
      reports: [{ id, removed: false, untagged: ["localhost/one:1"] }],
      errors: [],
    });
    tagImage(images, id, ["one:1"]);
    const byId = await removeImages(images, [id]);
    expect(String(byId.errors[0])).toMatch(/by ID with more than one tag/);
    expect(removeExitCode(byId.errors)).toBe(125);
    const missing = await removeImages(images, ["nosuch"]);
    expect(removeExitCode(missing.errors)).toBe(1);
    expect(await removeImages(images, ["nosuch"], { ignore: true })).toEqual({ reports: [], errors: [] });
    const container = images.store.containers.create({ image: id });
    const used = await removeImages(images, ["one:1", "two:2"]);
    expect(isErrorOfKind(used.errors[0], "in-use")).toBe(true);
    expect(removeExitCode([...used.errors, ...missing.errors])).toBe(2);
    expect(images.store.images.get(id)?.names).toEqual(["localhost/two:2"]);
    expect(await removeImages(images, [id], { force: true })).toMatchObject({ reports: [{ id, removed: true }], errors: [] });
    expect(images.store.containers.get(container.id)).toBeUndefined();
    expect(images.store.layers.list()).toEqual([]);
  });

  test("prune removes what nobody names or uses", async () => {
    const bare = await image(undefined, "bare");
    const used = await image(undefined, "used");
    await image("a", "named");
    images.store.containers.create({ image: used });
    expect((await pruneImages(images)).map((report) => report.id)).toEqual([bare]);
    expect(await pruneImages(images, { all: true })).toHaveLength(1);
    expect(images.store.images.list().map((left) => left.id)).toEqual([used]);
  });

  test("tree and usage", async () => {
    const id = await image("a", "one");
    const tree = await imageTree(images, "a");
    expect(tree).toMatchObject({ id, tags: ["localhost/a:latest"], layers: [{ topLayerOf: ["localhost/a:latest"], children: [] }] });
    const usage = await imageUsage(images);
    expect(usage.images).toMatchObject([{ id, repository: "localhost/a", tag: "latest", sharedSize: 0, containers: 0 }]);
    expect(usage.totalSize).toBe(usage.images[0]?.size);
    expect(usage.totalSize).toBeGreaterThan(tree.layers[0]?.size ?? 0);
  });

  test("an image that lost its manifest: a listing names it, a removal warns and works", async () => {
    const id = await image("a", "one");
    rmSync(join(images.store.graphRoot, `${images.store.driverName}-images`, id, "manifest"));
    await expect(listImages(images)).rejects.toThrow(`locating item named "manifest" for image with ID "${id}"`);
    const warnings: string[] = [];
    const { errors } = await removeImages({ ...images, warn: (message) => warnings.push(message) }, [id], { force: true });
    expect(errors).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/^Failed to determine parent of image: .*, ignoring the error$/)]);
    expect(await listImages(images)).toEqual([]);
  });

  describe("archives", () => {
    test.each(saveFormats)("%s comes back with its id", async (format) => {
      const id = await image("localhost/one:1", "one", ["LABEL a=b"]);
      const output = join(directory, "saved");
      await saveImages(images, ["one:1"], { format, output });
      await removeImages(images, [id]);
      const names = await loadArchive(images, output);
      expect(names).toEqual([format.endsWith("archive") ? "localhost/one:1" : `sha256:${id}`]);
      expect(images.store.images.get(id)?.names).toEqual(format.endsWith("archive") ? ["localhost/one:1"] : []);
    });

    test("a docker archive holds several images and names", async () => {
      const [one, two] = [await image("one", "one"), await image("two", "two")];
      tagImage(images, "one", ["uno"]);
      const output = join(directory, "saved.tar");
      await saveImages(images, ["one", "uno", "two"], { format: "docker-archive", output });
      await removeImages(images, [one, two], { force: true });
      const names = await loadArchive(images, output);
      expect(names).toEqual(["localhost/one:latest", "localhost/uno:latest", "localhost/two:latest"]);
      await expect(pullImages(images, `docker-archive:${output}`, { policy: "always" })).rejects.toThrow(/expected 1 item, got 2/);
      expect(await pullImages(images, `docker-archive:${output}:localhost/two:latest`, { policy: "always" })).toMatchObject([{ id: two }]);
      await expect(saveImages(images, ["one", "two"], { format: "oci-archive", output: join(directory, "o") })).rejects.toThrow(
        /only docker-archive/,
      );
    });

    test("compressed and streamed archives are read", async () => {
      const id = await image("one");
      const output = join(directory, "saved.tar");
      await saveImages(images, ["one"], { format: "docker-archive", output });
      await removeImages(images, [id]);
      const packed = Bun.gzipSync(readFileSync(output));
      expect(
        await loadArchive(
          images,
          (async function* () {
            yield packed;
          })(),
        ),
      ).toEqual(["localhost/one:latest"]);
    });

    test("nothing is left of a truncated, a foreign or an unknown file", async () => {
      const id = await image("one", "x".repeat(100_000));
      const output = join(directory, "saved.tar");
      await saveImages(images, ["one"], { format: "docker-archive", output });
      await removeImages(images, [id]);
      truncateSync(output, 30_000);
      await expect(loadArchive(images, output)).rejects.toThrow();
      writeFileSync(output, "what is this");
      await expect(loadArchive(images, output)).rejects.toThrow(/payload does not match any of the supported image formats/);
      await expect(saveImages(images, ["nosuch"], { format: "docker-archive", output: join(directory, "never") })).rejects.toThrow(
        /image not known/,
      );
      expect(existsSync(join(directory, "never"))).toBe(false);
      expect(images.store.images.list()).toEqual([]);
      expect(images.store.layers.list()).toEqual([]);
    });
  });

  describe("registries", () => {
    let registry: RegistryServer;
    beforeEach(async () => {
      registry = await startRegistryServer();
    });
    afterEach(() => registry.close());

    test("push, pull by every policy, all tags", async () => {
      const id = await image("one", "one");
      const name = `${registry.host}/team/one`;
      const pushed = await pushImage(images, "one", `${name}:1`);
      expect(registry.manifests.get("team/one:1")).toBeDefined();
      await expect(pushImage(images, "nosuch")).rejects.toThrow("nosuch: image not known");
      await removeImages(images, [id]);
      await expect(pullImage(images, `${name}:1`, { policy: "never" })).rejects.toThrow(/image not known/);
      expect(await pullImage(images, `${name}:1`, { policy: "missing" })).toEqual({ id, name: `${name}:1` });
      expect(lines).toEqual([`Trying to pull ${name}:1...`]);
      for (const policy of ["missing", "newer", "never"] as const) expect((await pullImage(images, `${name}:1`, { policy })).id).toBe(id);
      expect(lines).toHaveLength(1);
      expect((await pullImage(images, `${name}:1`, { policy: "always" })).id).toBe(id);
      expect((await pullImage(images, `${name}@${pushed.digest}`, { policy: "always" })).id).toBe(id);
      const changed = await image("two", "two");
      await pushImage(images, "two", `${name}:1`);
      await removeImages(images, ["two"]);
      expect((await pullImage(images, `${name}:1`, { policy: "missing" })).id).toBe(id);
      expect((await pullImage(images, `${name}:1`, { policy: "newer" })).id).toBe(changed);
      // A list of that name which has nothing for this machine is no such image.
      untagImage(images, `${name}:1`, [`${name}:1`]);
      await createList(images, `${name}:1`, []);
      expect((await pullImage(images, `${name}:1`, { policy: "missing" })).id).toBe(changed);
      await pushImage(images, id, `docker://${name}:2`);
      expect((await pullAllTags(images, name, { policy: "always" })).map((pulled) => pulled.id).sort()).toEqual([changed, id].sort());
    });

    test("a wrong digest, a missing image and an unreachable registry leave nothing", async () => {
      const id = await image("one", "one");
      const name = `${registry.host}/one:1`;
      await pushImage(images, "one", name);
      await removeImages(images, [id]);
      const layer = [...registry.blobs.keys()].map((key) => key.split("@")[1] ?? "").find((digest) => digest !== `sha256:${id}`);
      registry.misbehave.corruptBlob = layer;
      await expect(pullImage(images, name, { policy: "always" })).rejects.toSatisfy((error) => isErrorOfKind(error, "corrupt"));
      registry.misbehave.corruptBlob = undefined;
      await expect(pullImage(images, `${registry.host}/nosuch:1`, { policy: "always" })).rejects.toSatisfy((error) =>
        isErrorOfKind(error, "not-found"),
      );
      expect(await failure(pullImage(images, "127.0.0.1:1/x:1", { policy: "always" }))).toMatch(
        /pinging container registry 127.0.0.1:1.*connection refused/,
      );
      expect(images.store.images.list()).toEqual([]);
      expect(images.store.layers.list()).toEqual([]);
    });

    test("short names go to their registries, and the policy file decides", async () => {
      await image("one", "one");
      await pushImage(images, "one", `${registry.host}/one:1`);
      writeFileSync(join(directory, "registries.conf"), `unqualified-search-registries = ["127.0.0.1:1", "${registry.host}"]\n`);
      const { name } = await pullImage(images, "one:1", { policy: "always" });
      expect(name).toBe(`${registry.host}/one:1`);
      expect(lines[0]).toMatch(/^Resolving "one" using unqualified-search registries/);
      writeFileSync(join(directory, "registries.conf"), `[[registry]]\nlocation = "blocked.example"\nblocked = true\n`);
      expect(await failure(pullImage(images, "blocked.example/x", { policy: "always" }))).toMatch(/registry blocked.example is blocked in/);
      writeFileSync(join(directory, "policy.json"), '{"default":[{"type":"reject"}]}');
      expect(await failure(pullImage(images, `${registry.host}/one:1`, { policy: "always" }))).toMatch(/rejected by policy/);
    });

    test("mirrors are asked first", async () => {
      const id = await image("one", "one");
      await pushImage(images, "one", `${registry.host}/cache/one:1`);
      await removeImages(images, ["one"]);
      writeFileSync(
        join(directory, "registries.conf"),
        `[[registry]]\nlocation = "far.example/team"\n[[registry.mirror]]\nlocation = "${registry.host}/cache"\ninsecure = true\n`,
      );
      expect(
        await pullImage({ ...images, registry: { ...images.registry, tlsVerify: undefined } }, "far.example/team/one:1", {
          policy: "always",
        }),
      ).toEqual({ id, name: "far.example/team/one:1" });
    });
  });
});
