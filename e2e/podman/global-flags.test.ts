/** Flags that stand before the command, and what build makes of layers. */
import { mkdirSync, writeFileSync } from "node:fs";
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

  it("--pull-option is refused where it demands what is not there", async () => {
    expect(await world.podman("--pull-option", "convert_images=false", "--pull-option", "", "images", "-q")).not.toBe("");
    expect(await refusal("--pull-option", "convert_images=true", "images")).toContain("convert_images=true is not supported yet");
    expect(await refusal("--pull-option", "other", "images")).toContain("invalid pull option: other");
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
