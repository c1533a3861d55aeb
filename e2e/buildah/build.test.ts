/** Builds through the program, as a user calls it, as root and rootless; `podman build` is the same library. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildBaseImage } from "../harness/base-image.ts";
import { createWorld, type World } from "../harness/world.ts";

const asRoot = process.getuid?.() === 0;

describe.skipIf(!asRoot).each([{ rootless: false }, { rootless: true }])("build, rootless: $rootless (needs root)", ({ rootless }) => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
  });
  afterAll(() => world?.destroy());

  const context = (name: string, files: Readonly<Record<string, string>>): string => {
    const directory = join(world.directory, "tmp", name);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(directory, path, ".."), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    return directory;
  };

  it("builds several stages and runs the result", async () => {
    const directory = context("stages", {
      Containerfile:
        'FROM localhost/base AS made\nARG WORD=none\nRUN echo $WORD > /word\nFROM localhost/base\nCOPY --from=made /word /word\nUSER alice\nCMD ["cat", "/word"]\n',
    });
    const printed = await world.buildah("bud", "--build-arg", "WORD=built", "-t", "localhost/stages", directory);
    expect(printed).toContain("[2/2] COMMIT localhost/stages");
    expect(await world.podman("run", "--rm", "--network", "none", "localhost/stages")).toBe("built");
  });

  it("reaches the network from RUN", async () => {
    const directory = context("network", {
      Containerfile: "FROM localhost/base\nRUN cat /etc/resolv.conf > /dev/null && ip address | grep -q inet\n",
    });
    await world.buildah("bud", "-q", directory);
  });

  it("takes podman's builds from the cache", async () => {
    const directory = context("cache", {
      Containerfile: "FROM localhost/base\nCOPY file /\nRUN echo once > /once\n",
      file: "text",
      ".dockerignore": "Containerfile\n",
    });
    await world.podman("build", "-t", "localhost/cached", directory);
    const again = await world.podman("build", "-t", "localhost/cached", directory);
    expect(again.match(/Using cache/g)).toHaveLength(2);
    expect(await world.buildah("bud", "--layers", directory)).toContain("Using cache");
  });

  it("ends with the exit code of the command that failed", async () => {
    const directory = context("failing", { Containerfile: "FROM localhost/base\nRUN exit 9\n" });
    const result = await world.run("buildah", ["bud", directory]);
    expect(result.exitCode).toBe(9);
    expect(result.stderr).toContain('Error: building at STEP "RUN exit 9": while running runtime: exit status 9');
    expect((await world.run("buildah", ["bud", join(directory, "missing")])).exitCode).toBe(125);
    expect(await world.buildah("containers", "-q")).toBe("");
  });

  it("obeys --no-pivot, --log-level and --short-name-alias-conf, and refuses a manager of control groups that it has not", async () => {
    const container = await world.buildah("from", "localhost/base");
    expect(await world.buildah("run", "--no-pivot", "--network", "none", container, "echo", "moved")).toBe("moved");
    await world.buildah("rm", container);
    const aliases = join(context("aliases", { aliases: '[aliases]\n"short"="127.0.0.1:1/short"\n' }), "aliases");
    const pull = ["--short-name-alias-conf", aliases, "--log-level", "debug", "pull", "--retry", "0", "short"];
    const pulled = await world.run("buildah", pull);
    expect(pulled.exitCode).toBe(125);
    expect(pulled.stderr).toContain(`Resolved "short" as an alias (${aliases})`);
    expect(pulled.stderr).toContain('level=debug msg="Pulling image short (policy: missing)"');
    for (const flags of [
      ["--log-level", "loud"],
      ["--cgroup-manager", "systemd"],
    ])
      expect(await world.run("buildah", [...flags, "images"])).toMatchObject({ exitCode: 125, stdout: "" });
  });

  it("keeps names that are no UTF-8", async () => {
    const directory = context("raw-names", { Containerfile: "FROM localhost/base\nCOPY . /copied\n" });
    const name = Buffer.from("caf\xe9", "latin1");
    writeFileSync(Buffer.concat([Buffer.from(`${directory}/`), name]), "latin");
    await world.buildah("bud", "-q", "-t", "localhost/raw-names", directory);
    const archive = join(world.directory, "tmp", "raw-names.tar");
    await world.podman("save", "-q", "-o", archive, "localhost/raw-names");
    await world.podman("rmi", "localhost/raw-names");
    await world.podman("load", "-q", "-i", archive);
    const hex = await world.podman(
      "run",
      "--rm",
      "--network",
      "none",
      "localhost/raw-names",
      "sh",
      "-c",
      "echo -n /copied/caf* | hexdump -C",
    );
    expect(hex).toContain("63 61 66 e9 ");
    expect(await world.podman("run", "--rm", "--network", "none", "localhost/raw-names", "sh", "-c", "cat /copied/caf*")).toBe("latin");
  });

  it("lets scanners look at the files, and keeps what they find", async () => {
    const directory = context("scanned", { Containerfile: "FROM localhost/base\nCOPY file /\n", file: "text" });
    const component = (name: string) =>
      `sh -c 'echo "{\\"components\\":[{\\"name\\":\\"${name}\\",\\"purl\\":\\"pkg:${name}\\"}]}" > {OUTPUT}'`;
    const output = join(world.directory, "tmp", "purls.json");
    const flags = [
      ...["--sbom-scanner-image", "localhost/base", "--sbom-merge-strategy", "merge-cyclonedx-by-component-name-and-version"],
      ...["--sbom-scanner-command", `${component("files")} {ROOTFS}`, "--sbom-scanner-command", `${component("context")} {CONTEXT}`],
      ...["--sbom-image-output", "/info/sbom.json", "--sbom-purl-output", output],
    ];
    await world.buildah("bud", "-q", "--network", "none", "--layers", "-t", "localhost/scanned", ...flags, directory);
    expect(JSON.parse(readFileSync(output, "utf8"))).toEqual({ image_contents: { dependencies: ["pkg:context", "pkg:files"] } });
    const kept = await world.podman("run", "--rm", "--network", "none", "localhost/scanned", "cat", "/info/sbom.json");
    expect(JSON.parse(kept)).toMatchObject({ components: [{ name: "files" }, { name: "context" }] });
  });

  it("writes the image's id and a log where it is told", async () => {
    const directory = context("files", { Containerfile: "FROM localhost/base\nRUN echo in the log\n" });
    const [iidfile, logfile] = [join(world.directory, "tmp", "iid"), join(world.directory, "tmp", "log")];
    expect(await world.buildah("bud", "--iidfile", iidfile, "--logfile", logfile, directory)).toBe("");
    expect(readFileSync(iidfile, "utf8")).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(readFileSync(logfile, "utf8")).toContain("in the log");
  });

  it("goes on with a working container step by step", async () => {
    const container = await world.buildah("from", "localhost/base");
    await world.buildah("run", "--network", "none", container, "--", "sh", "-c", "echo kept > /kept");
    await world.buildah("copy", container, join(context("copied", { "a/b": "text" }), "a"), "/copied");
    await world.buildah("config", "--env", "X=1", "--cmd", "cat /kept /copied/b", container);
    await world.buildah("commit", "-q", "--rm", container, "localhost/stepwise");
    expect(await world.podman("run", "--rm", "--network", "none", "localhost/stepwise")).toBe("kept\ntext");
    expect(await world.buildah("inspect", "--type", "image", "--format", "{{index .OCIv1.Config.Env 1}}", "localhost/stepwise")).toBe(
      "X=1",
    );
    expect((await world.run("buildah", ["rm", container])).exitCode).toBe(125);
  });

  it("runs commands in a changed root, without a runtime", async () => {
    const directory = context("chroot", {
      Containerfile:
        "FROM localhost/base\nRUN --mount=type=bind,target=/m cat /m/file && ! touch /m/x && id -u > /id\nUSER alice\nRUN id -un\n",
      file: "in the context",
    });
    const printed = await world.buildah("bud", "--isolation", "chroot", "-t", "localhost/chroot", directory);
    expect(printed).toContain("in the context");
    expect(printed).toContain("alice");
    const failing = context("chroot-failing", { Containerfile: "FROM localhost/base\nRUN exit 9\n" });
    expect((await world.run("podman", ["build", "--isolation", "chroot", failing])).exitCode).toBe(9);
  });
});
