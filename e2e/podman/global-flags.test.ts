/** Flags that stand before the command, and what build makes of layers. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { createWorld, type World } from "../harness/world.ts";

describe("global flags", () => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld();
    await buildBaseImage(world);
  });
  afterAll(async () => {
    await world?.destroy();
  });

  const refusal = async (...args: string[]): Promise<string> => {
    const { exitCode, stderr } = await world.run("podman", args);
    expect(exitCode).not.toBe(0);
    return stderr;
  };

  it("--config names the directory of docker's credentials", async () => {
    const directory = join(world.directory, "docker");
    mkdirSync(directory);
    writeFileSync(join(directory, "config.json"), JSON.stringify({ auths: { "reg.example": { auth: btoa("me:secret") } } }));
    expect(await world.podman("--config", directory, "login", "--get-login", "reg.example")).toBe("me");
    expect(await refusal("--config", join(directory, "config.json"), "ps")).toContain("is not a directory");
  });

  it("--registries-conf is read instead of the host's, and has to be there", async () => {
    const file = join(world.directory, "own-registries.conf");
    writeFileSync(file, 'unqualified-search-registries = ["only.example"]\n');
    expect(await world.podman("--registries-conf", file, "info", "--format", "{{.Registries.search}}")).toBe("[only.example]");
    expect(await refusal("--registries-conf", `${file}.gone`, "info")).toContain(
      `configuring runtime: locating specified registries.conf: faccessat ${file}.gone: no such file or directory`,
    );
  });

  it("hidden flags are taken where they ask for what there is, and refused where not", async () => {
    const fit = [
      "--network-backend=netavark",
      "--namespace=",
      "--trace",
      "--max-workers=3",
      "--cni-config-dir",
      join(world.directory, "nets"),
    ];
    expect(await world.podman(...fit, "network", "ls", "--quiet")).toBe("podman");
    expect(await refusal("--network-backend=cni", "ps")).toContain("only netavark");
    expect(await refusal("--namespace=mine", "ps")).toContain("namespaces are not supported");
    expect(await refusal("--max-workers=0", "ps")).toContain("maximum workers must be set to a positive number (got 0)");
    expect(await refusal("--cpu-profile=cpu", "ps")).toContain("--cpu-profile writes profiles of Go programs");
    expect(await world.podman("system", "locks")).toContain("No lock conflicts have been detected.");
    expect(await world.podman("builder", "inspect")).toMatch(/^Driver: podman$/m);
  });

  it("context is docker's word for connections", async () => {
    const env = { PODMAN_CONNECTIONS_CONF: join(world.directory, "contexts.json") };
    const context = async (...args: string[]) => (await world.run("podman", ["context", ...args], { env })).stdout.trim();
    await context("create", "--docker", "host=unix:///run/one.sock", "--description", "first", "one");
    await context("create", "--docker", "host=tcp://127.0.0.1:8080", "two");
    await context("use", "two");
    expect(await context("ls", "--quiet")).toBe("one\ntwo");
    expect(JSON.parse(await context("inspect", "two"))).toMatchObject([{ Name: "two", URI: "tcp://127.0.0.1:8080", Default: true }]);
    await context("rm", "--force", "two");
    expect(await context("ls", "--quiet")).toBe("one");
    const wrong = await world.run("podman", ["context", "create", "--docker", "ca=x", "three"], { env });
    expect(wrong).toMatchObject({ exitCode: 125, stderr: expect.stringContaining('"host" is required for --docker option') });
  });

  it("--pull-option is refused where it is none", async () => {
    expect(await world.podman("--pull-option", "convert_images=false", "--pull-option", "", "images", "-q")).not.toBe("");
    expect(await refusal("--pull-option", "other", "images")).toContain('pull option "other" has no value: use KEY=VALUE');
  });

  it("--module that is not there is told before the command is looked at", async () => {
    const path = join(world.directory, "none,such");
    const message = `Failed to obtain podman configuration: could not resolve module "${path}": faccessat ${path}: no such file or directory`;
    expect(await world.run("podman", [`--module=${path}`, "nosuchcommand"])).toMatchObject({ exitCode: 1, stderr: message });
  });

  it("help of push shows the compression of containers.conf", async () => {
    const file = join(world.directory, "push.conf");
    writeFileSync(file, '[engine]\ncompression_format = "zstd"\ncompression_level = 3\n');
    const { stdout } = await world.run("podman", ["push", "--help"], { env: { CONTAINERS_CONF: file } });
    expect(stdout).toMatch(/--compression-format string +compression format to use \(default "zstd"\)/);
    expect(stdout).toMatch(/--compression-level int +compression level to use \(default 3\)/);
  });

  it("compose --help goes on to its provider's", async () => {
    const provider = join(world.directory, "provider");
    writeFileSync(provider, '#!/bin/sh\necho "arguments: $*"\n', { mode: 0o644 });
    const env = { PODMAN_COMPOSE_PROVIDER: provider };
    const refused = await world.run("podman", ["compose", "--help"], { env });
    expect(refused).toMatchObject({ exitCode: 125, stdout: expect.stringContaining("Run compose workloads") });
    expect(refused.stderr).toContain(`executing ${provider} --help: fork/exec ${provider}: permission denied`);
    chmodSync(provider, 0o755);
    for (const args of [[], ["--help"]]) {
      const { exitCode, stdout } = await world.run("podman", ["compose", ...args], { env });
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringMatching(/^Run compose [^]*\narguments: --help$/) });
    }
  });

  it("--cdi-spec-dir and --network-cmd-path are looked at", async () => {
    const specs = join(world.directory, "cdi");
    mkdirSync(specs);
    const device = { name: "one", containerEdits: { env: ["FROM_CDI=yes"] } };
    writeFileSync(join(specs, "x.json"), JSON.stringify({ cdiVersion: "0.5.0", kind: "vendor.com/x", devices: [device] }));
    const run = ["run", "--rm", "--network", "none", "--device", "vendor.com/x=one", baseImage, "sh", "-c", "echo $FROM_CDI"];
    expect(await world.podman("--cdi-spec-dir", specs, ...run)).toBe("yes");
    expect(await refusal(...run)).toContain("unresolvable CDI devices vendor.com/x=one");
    const slirp = ["--network-cmd-path", "/nowhere/slirp4netns", "run", "--rm", "--network", "slirp4netns", baseImage, "true"];
    expect(await refusal(...slirp)).toContain("/nowhere/slirp4netns");
  });

  it("build --squash keeps the layers of the base image, --squash-all does not", async () => {
    const context = join(world.directory, "context");
    mkdirSync(context);
    writeFileSync(join(context, "Containerfile"), `FROM ${baseImage}\nCOPY Containerfile /one\nCOPY Containerfile /two\n`);
    const layers = async (...args: string[]): Promise<number> => {
      const id = await world.podman("build", "-q", ...args, context);
      return Number(await world.podman("image", "inspect", "--format", "{{len .RootFS.Layers}}", id));
    };
    const ofBase = Number(await world.podman("image", "inspect", "--format", "{{len .RootFS.Layers}}", baseImage));
    expect(await layers()).toBe(ofBase + 2);
    expect(await layers("--squash")).toBe(ofBase + 1);
    expect(await layers("--squash-all")).toBe(1);
    expect(await refusal("build", "--squash", "--squash-all", context)).toContain("cannot specify --squash-all with --squash");
  });
});
