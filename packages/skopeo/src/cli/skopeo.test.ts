import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "@containers/common/cli/build-program";
import { DOCKER_MANIFEST, OCI_MANIFEST } from "@containers/image/manifest/media-types";
import { type RandomImage, randomImage } from "@containers/image/testing/random-image";
import { type RegistryServer, startRegistryServer } from "@containers/image/testing/registry-server";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { skopeoProgram } from "./program.ts";

interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the program in this process. */
async function skopeo(...args: string[]): Promise<Result> {
  let out = "";
  let err = "";
  const text = (data: string | Uint8Array): string => (typeof data === "string" ? data : Buffer.from(data).toString("utf8"));
  const code = await runProgram(skopeoProgram, args, {
    isTerminal: false,
    stdout: (data) => {
      out += text(data);
    },
    stderr: (data) => {
      err += text(data);
    },
  });
  return { code, out, err };
}

async function ok(...args: string[]): Promise<string> {
  const result = await skopeo(...args);
  expect(result, result.err).toMatchObject({ code: 0 });
  return result.out;
}

let directory = "";
let registry: RegistryServer;
let image: RandomImage;
const saved = process.env["REGISTRY_AUTH_FILE"];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "skopeo-"));
  writeFileSync(join(directory, "policy.json"), '{"default":[{"type":"insecureAcceptAnything"}]}');
  process.env["REGISTRY_AUTH_FILE"] = join(directory, "auth.json");
  registry = await startRegistryServer();
  image = randomImage();
  writeDir("source", image);
});
afterEach(async () => {
  await registry.close();
  rmSync(directory, { recursive: true });
  if (saved === undefined) delete process.env["REGISTRY_AUTH_FILE"];
  else process.env["REGISTRY_AUTH_FILE"] = saved;
});

/** An image as the dir: transport has it. */
function writeDir(name: string, contents: RandomImage): void {
  const path = join(directory, name);
  mkdirSync(path);
  writeFileSync(join(path, "version"), "Directory Transport Version: 1.1\n");
  writeFileSync(join(path, "manifest.json"), contents.manifest);
  for (const [digest, bytes] of contents.blobs) writeFileSync(join(path, digest.slice("sha256:".length)), bytes);
}

const plain = ["--tls-verify=false"];
const both = ["--src-tls-verify=false", "--dest-tls-verify=false"];
const place = (name: string): string => `${name.split(":", 1)[0]}:${join(directory, name.slice(name.indexOf(":") + 1))}`;
const copy = (...args: string[]): Promise<string> => ok("--policy", join(directory, "policy.json"), "copy", "-q", ...args);

describe("copy and inspect", () => {
  test("through every transport, the image stays what it was", async () => {
    const hello = `docker://${registry.host}/hello:1`;
    await copy(...both, place("dir:source"), hello);
    await copy(...both, hello, `docker://${registry.host}/mirror/hello:1`);
    await copy(...both, `docker://${registry.host}/mirror/hello:1`, place("oci:layout:tag"));
    await copy(place("oci:layout:tag"), place("oci-archive:archive.tar:tag"));
    await copy(place("oci-archive:archive.tar:tag"), place("dir:last"));
    expect(readFileSync(join(directory, "last", "manifest.json")).equals(image.manifest)).toBe(true);
    const inspected = JSON.parse(await ok("inspect", ...plain, hello));
    expect(inspected).toMatchObject({
      Name: `${registry.host}/hello`,
      Digest: image.digest,
      RepoTags: ["1"],
      Architecture: "amd64",
      Labels: null,
    });
    expect(inspected.LayersData).toHaveLength(2);
    expect(await ok("inspect", ...plain, "--raw", hello)).toBe(Buffer.from(image.manifest).toString());
    expect(await ok("inspect", ...plain, "--raw", "--config", hello)).toBe(Buffer.from(image.config).toString());
    expect(JSON.parse(await ok("inspect", ...plain, "--config", hello)).rootfs.diff_ids).toEqual(image.diffIds);
    expect(await ok("inspect", ...plain, "-n", "--format", "{{.Name}} {{.Digest}} {{.RepoTags}} {{.Labels}}", hello)).toBe(
      `${registry.host}/hello ${image.digest} [] map[]\n`,
    );
    expect(await ok("inspect", "--format", "{{.Name}}|{{len .Layers}}", place("dir:last"))).toBe("|2\n");
  });

  test("templates see Go's fields, times and texts", async () => {
    const source = place("dir:source");
    const format =
      "{{.Created}} {{.Architecture}} {{.Platform.OS}} {{.Config.Env}} {{len .RootFS.DiffIDs}} {{(index .History 0).CreatedBy}}";
    expect(await ok("inspect", "--config", "--format", format, source)).toBe(
      "2024-01-02 03:04:05 +0000 UTC amd64 linux [PATH=/usr/bin:/bin] 2 layer 0\n",
    );
    const json = JSON.parse(await ok("inspect", "--config", "--format", "{{json .}}", source));
    expect(json).toEqual(JSON.parse(await ok("inspect", "--config", source)));
    expect(await ok("inspect", "--format", "{{.Created}}{{range .LayersData}} {{.MIMEType}}{{end}}", source)).toMatch(
      /^2024-01-02 03:04:05 \+0000 UTC application\/\S+ application\/\S+\n$/,
    );
    const unknown = await skopeo("inspect", "--format", "{{.Nope}}", source);
    expect(unknown.err).toContain("can't evaluate field Nope in type interface {}");
  });

  test("what is missing in a registry ends lists and deletions with status 1, a time limit too", async () => {
    const missing = `docker://${registry.host}/nothing`;
    expect(await skopeo("list-tags", ...plain, missing)).toMatchObject({ code: 1 });
    const gone = await skopeo("delete", ...plain, `${missing}:1`);
    expect(gone).toMatchObject({
      code: 1,
      err: expect.stringContaining(`Unable to delete ${registry.host}/nothing:1. Image may not exist`),
    });
    registry.misbehave.silentAbout = "manifests";
    const late = await skopeo("--command-timeout", "200ms", "inspect", ...plain, `${missing}:1`);
    expect(late).toMatchObject({ code: 1, err: expect.stringContaining("context deadline exceeded") });
  });

  test("formats, digests and docker archives", async () => {
    await copy("--digestfile", join(directory, "digest"), "--format", "v2s2", place("dir:source"), place("dir:docker"));
    expect(JSON.parse(readFileSync(join(directory, "docker", "manifest.json"), "utf8")).mediaType).toBe(DOCKER_MANIFEST);
    expect(await ok("manifest-digest", join(directory, "docker", "manifest.json"))).toBe(
      `${readFileSync(join(directory, "digest"), "utf8")}\n`,
    );
    await copy("--additional-tag", "b.example/hi:2,hi:3", place("dir:source"), `${place("docker-archive:a.tar")}:hello:1`);
    const tags = ["docker.io/library/hello:1", "b.example/hi:2", "docker.io/library/hi:3"];
    expect(JSON.parse(await ok("list-tags", place("docker-archive:a.tar")))).toEqual({ Tags: tags });
    await copy("-f", "oci", place("docker-archive:a.tar"), place("dir:again"));
    expect(JSON.parse(readFileSync(join(directory, "again", "manifest.json"), "utf8")).config.mediaType).toMatch(/oci/);
    expect(OCI_MANIFEST).toMatch(/oci/);
  });

  test("layouts share their blobs", async () => {
    const shared = join(directory, "shared");
    for (const name of ["one", "two"]) await copy("--dest-shared-blob-dir", shared, place("dir:source"), place(`oci:${name}:1`));
    expect(readdirSync(join(shared, "sha256"))).toHaveLength(image.blobs.size + 1);
    expect(existsSync(join(directory, "one", "blobs"))).toBe(false);
    const { Digest } = JSON.parse(await ok("inspect", "--shared-blob-dir", shared, place("oci:two:1")));
    await ok("--insecure-policy", "delete", "--shared-blob-dir", shared, place("oci:one:1"));
    await copy("--src-shared-blob-dir", shared, place("oci:two:1"), place("oci:unshared:1"));
    await copy("--dest-shared-blob-dir", shared, place("oci:unshared:1"), place("oci:three:1"));
    expect(JSON.parse(await ok("inspect", place("oci:unshared:1"))).Digest).toBe(Digest);
  });

  test("tags are listed and deleted", async () => {
    for (const tag of ["1", "2"]) await copy(...both, place("dir:source"), `docker://${registry.host}/hello:${tag}`);
    expect(JSON.parse(await ok("list-tags", ...plain, `docker://${registry.host}/hello`))).toEqual({
      Repository: `${registry.host}/hello`,
      Tags: ["1", "2"],
    });
    await ok("delete", ...plain, `docker://${registry.host}/hello:1`);
    expect(await skopeo("inspect", ...plain, `docker://${registry.host}/hello:1`)).toMatchObject({ code: 2 });
  });
});

describe("sync", () => {
  const sync = (...args: string[]): Promise<Result> => skopeo("--insecure-policy", "sync", ...both, ...args);

  test("takes a repository with all its tags to directories, and back", async () => {
    for (const tag of ["1", "2"]) await copy(...both, place("dir:source"), `docker://${registry.host}/team/hello:${tag}`);
    expect(
      await sync("--src", "docker", "--dest", "dir", "--dry-run", `${registry.host}/team/hello`, join(directory, "usb")),
    ).toMatchObject({ code: 0 });
    expect(existsSync(join(directory, "usb"))).toBe(false);
    const first = await sync(
      "--src",
      "docker",
      "--dest",
      "dir",
      "--digestfile",
      join(directory, "digests"),
      `${registry.host}/team/hello`,
      join(directory, "usb"),
    );
    expect(first, first.err).toMatchObject({ code: 0 });
    for (const tag of ["1", "2"]) expect(existsSync(join(directory, "usb", `hello:${tag}`, "manifest.json"))).toBe(true);
    expect(readFileSync(join(directory, "digests"), "utf8").split("\n")[0]).toBe(
      `${image.digest} dir:${join(directory, "usb", "hello:1")}`,
    );
    expect((await sync("--src", "docker", "--dest", "dir", `${registry.host}/team/hello:1`, join(directory, "usb"))).err).toMatch(
      /Refusing to overwrite/,
    );
    const scoped = await sync(
      "--src",
      "docker",
      "--dest",
      "dir",
      "--scoped",
      "--append-suffix",
      "-x",
      `${registry.host}/team/hello:1`,
      join(directory, "scoped"),
    );
    expect(scoped, scoped.err).toMatchObject({ code: 0 });
    expect(existsSync(join(directory, "scoped", `${registry.host}/team/hello:1-x`, "manifest.json"))).toBe(true);
    const back = await sync("--src", "dir", "--dest", "docker", join(directory, "usb"), `${registry.host}/back`);
    expect(back, back.err).toMatchObject({ code: 0 });
    expect(back.err).toContain('msg="Synced 2 images from 1 sources"');
    const again = await sync("--src", "docker", "--dest", "docker", `${registry.host}/team/hello`, `${registry.host}/back`);
    expect(`${again.out}${again.err}`.match(/Skipping: image already present at destination/g)).toHaveLength(2);
    expect(JSON.parse(await ok("list-tags", ...plain, `docker://${registry.host}/back/hello`)).Tags).toEqual(["1", "2"]);
  });

  test("takes what a yaml file names: all tags, some, by pattern, by version, and passes over what is wrong", async () => {
    for (const tag of ["1.2.0", "1.3.1", "2.0.0", "edge"])
      await ok("--insecure-policy", "copy", ...both, `dir:${join(directory, "source")}`, `docker://${registry.host}/team/app:${tag}`);
    await ok("--insecure-policy", "copy", ...both, `dir:${join(directory, "source")}`, `docker://${registry.host}/team/all:only`);
    const taken = async (...lines: string[]): Promise<Result> => {
      writeFileSync(
        join(directory, "sync.yml"),
        [`${registry.host}:`, "  tls-verify: false", ...lines].map((line) => `${line}\n`).join(""),
      );
      return skopeo("--insecure-policy", "sync", "--src", "yaml", "--dest", "dir", "--dry-run", join(directory, "sync.yml"), "/usb");
    };
    const names = ({ err }: Result): string[] => [...err.matchAll(/to="dir:\/usb\/([^"]+)"/g)].map(([, name]) => name ?? "");
    expect(names(await taken("  images:", "    team/all: []", "    team/app: ['1.2.0', edge]"))).toEqual([
      "all:only",
      "app:1.2.0",
      "app:edge",
    ]);
    expect(names(await taken("  images-by-tag-regex:", "    team/app: ^1\\."))).toEqual(["app:1.2.0", "app:1.3.1"]);
    expect(names(await taken("  images-by-semver:", "    team/app: '>= 1.3'"))).toEqual(["app:1.3.1", "app:2.0.0"]);
    const partly = await taken("  images:", "    team/missing: []", "    team/app: ['no good', edge]");
    expect(partly.err).toMatch(/repo, skipping" [^]*repo=team\/missing[^]*ref, skipping" ref="no good"/);
    expect(names(partly)).toEqual(["app:edge"]);
    // A key that means nothing is passed over, as by the original.
    expect((await taken("  imags: {}")).err).toMatch(/No images specified for registry/);
    expect((await taken("  images: 1")).err).toMatch(/Failed to unmarshal/);
  });

  test.each([
    [["a", "b"], /source transport must be specified/],
    [["--src", "x", "a", "b"], /x.* is not a valid source transport/],
    [["--src", "dir", "--dest", "dir", "a", "b"], /consider using rsync/],
    [["--src", "dir", "--dest", "docker", "/nosuch", "b"], /Invalid source directory/],
  ])("%j", async (args, message) => expect((await sync(...args)).err).toMatch(message));
});

describe("trust", () => {
  test("the policy named decides, unless told otherwise", async () => {
    writeFileSync(join(directory, "strict.json"), '{"default":[{"type":"reject"}]}');
    const strict = await skopeo("--policy", join(directory, "strict.json"), "copy", place("dir:source"), place("dir:out"));
    expect(strict).toMatchObject({ code: 1 });
    expect(strict.err).toMatch(/rejected by policy/);
    expect(existsSync(join(directory, "out", "manifest.json"))).toBe(false);
    await ok("--policy", join(directory, "strict.json"), "--insecure-policy", "copy", "-q", place("dir:source"), place("dir:out"));
    const absent = await skopeo("--policy", join(directory, "absent.json"), "copy", place("dir:source"), place("dir:out2"));
    expect(absent.err).toMatch(/Error loading trust policy/);
  });
});

describe("login", () => {
  test("credentials are checked, kept in a file for us alone, used and forgotten", async () => {
    await registry.close();
    registry = await startRegistryServer({ auth: { kind: "basic", username: "u", password: "secret" } });
    const target = `docker://${registry.host}/hello:1`;
    const refused = await skopeo("--policy", join(directory, "policy.json"), "copy", "-q", ...both, place("dir:source"), target);
    expect(refused).toMatchObject({ code: 1 });
    const wrong = await skopeo("login", ...plain, "-u", "u", "-p", "wrong", registry.host);
    expect(wrong.err).toMatch(/invalid username\/password/);
    expect(wrong.err).not.toContain('wrong"');
    expect(await ok("login", ...plain, "-u", "u", "-p", "secret", registry.host)).toBe("Login Succeeded!\n");
    expect(statSync(join(directory, "auth.json")).mode & 0o777).toBe(0o600);
    expect(await ok("login", "--get-login", registry.host)).toBe("u\n");
    await copy(...both, place("dir:source"), target);
    expect(await skopeo("inspect", ...plain, "--no-creds", target)).toMatchObject({ code: 1 });
    await ok("inspect", ...plain, "--creds", "u:secret", target);
    expect(await ok("logout", registry.host)).toBe(`Removed login credentials for ${registry.host}\n`);
    expect((await skopeo("logout", registry.host)).err).toMatch(/not logged into/);
  });
});

describe("what goes wrong is said in one line", () => {
  test.each<[string[], number, RegExp]>([
    [["inspect"], 1, /Exactly one argument expected/],
    [["inspect", "nosuch:x"], 1, /Invalid image name \\"nosuch:x\\", unknown transport \\"nosuch\\"/],
    [["inspect", "nosuch"], 1, /expected colon-separated transport:reference/],
    [["inspect", "oci:/nosuch"], 1, /open \/nosuch\/index.json: no such file or directory/],
    [["inspect", "docker://127.0.0.1:1/x"], 1, /pinging container registry 127.0.0.1:1/],
    [["copy", "dir:/a"], 1, /Exactly two arguments expected/],
    [["copy", "--nosuch", "dir:/a", "dir:/b"], 1, /unknown flag: --nosuch/],
    [["copy", "--multi-arch", "some", "dir:/a", "dir:/b"], 1, /unknown multi-arch option/],
    [["copy", "--format", "v3", "dir:/a", "dir:/b"], 1, /unknown format/],
    [
      ["copy", "--sign-by-sq-fingerprint", "f", "dir:/a", "dir:/b"],
      1,
      /Error using --sign-by-sq-fingerprint: Sequoia-PGP support is not enabled in this build/,
    ],
    [["copy", "--src-creds", "a:b", "--src-no-creds", "dir:/a", "dir:/b"], 1, /creds and no-creds/],
    [["list-tags", "oci:/x"], 1, /Unsupported transport 'oci' for tag listing/],
    [["list-tags", "docker://127.0.0.1:1/x:tag"], 1, /No tag or digest allowed/],
    [["delete", "dir:/x"], 1, /Deleting images not implemented for dir: images/],
    [["manifest-digest", "/nosuch"], 1, /Error reading manifest from \/nosuch/],
    [["nosuch"], 1, /Unrecognized command `skopeo nosuch`/],
    [["login"], 1, /please provide a registry/],
  ])("%j", async (args, code, message) => {
    const result = await skopeo(...args);
    expect(result.code).toBe(code);
    expect(result.err).toMatch(message);
    expect(result.err.trimEnd().split("\n")).toHaveLength(1);
  });

  test("a wrong digest and a truncated archive", async () => {
    await copy(...both, place("dir:source"), `docker://${registry.host}/hello:1`);
    registry.misbehave.corruptBlob = [...image.blobs.keys()].find((digest) => digest !== image.configDigest);
    const corrupt = await skopeo("--insecure-policy", "copy", "-q", ...both, `docker://${registry.host}/hello:1`, place("oci:out:1"));
    expect(corrupt).toMatchObject({ code: 1 });
    expect(corrupt.err).toMatch(/sha256:/);
    expect(await skopeo("inspect", place("oci:out:1"))).not.toMatchObject({ code: 0 });
    await copy(place("dir:source"), place("docker-archive:whole.tar"));
    writeFileSync(join(directory, "half.tar"), readFileSync(join(directory, "whole.tar")).subarray(0, 4000));
    expect(await skopeo("inspect", place("docker-archive:half.tar"))).toMatchObject({ code: 1 });
  });
});
