/** Bad input: one clear line on standard error, the original's exit code, nothing left behind. */
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { freePort, type RegistryServer, startRegistry } from "../harness/registry.ts";
import type { CommandResult } from "../harness/run-command.ts";
import { createWorld, type World } from "../harness/world.ts";

describe("bad input", () => {
  let world: World;
  let registry: RegistryServer;

  beforeAll(async () => {
    [world, registry] = await Promise.all([createWorld(), startRegistry()]);
    await buildBaseImage(world);
  });
  afterAll(async () => {
    await registry?.stop();
    await world?.destroy();
  });

  /** One line that starts with `Error:` (a usage hint may follow for flags and commands). */
  function expectOneLine(result: CommandResult, exitCode: number, text: RegExp): void {
    expect(result.exitCode, result.stderr).toBe(exitCode);
    const errors = result.stderr.split("\n").filter((line) => line.startsWith("Error:"));
    expect(errors, result.stderr).toHaveLength(1);
    expect(errors[0]).toMatch(text);
  }

  const podman = (...args: string[]) => world.run("podman", args);

  it("an image that the registry lacks", async () => {
    expectOneLine(await podman("pull", "-q", "--tls-verify=false", `${registry.address}/absent:1`), 125, /absent.*manifest unknown/);
    expectOneLine(await podman("run", "--rm", "localhost/absent", "true"), 125, /localhost\/absent/);
  });

  it("a registry that does not answer", async () => {
    expectOneLine(await podman("pull", "-q", "--tls-verify=false", `127.0.0.1:${await freePort()}/x:1`), 125, /refused/i);
  });

  it("an unknown flag, with a suggestion, and an unknown command", async () => {
    const flag = await podman("run", "--detatch", baseImage);
    expectOneLine(flag, 125, /unknown flag: --detatch/);
    expect(flag.stderr).toContain("--detach");
    const command = await podman("imagse");
    expectOneLine(command, 125, /imagse/);
    expect(command.stderr).toContain("images");
  });

  it("a port in use", async () => {
    const server = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", () => resolve()));
    expectOneLine(
      await podman("run", "-d", "--name", "clash", "-p", `127.0.0.1:${port}:80`, baseImage, "sleep", "9"),
      126,
      new RegExp(String(port)),
    );
    await new Promise((resolve) => server.close(resolve));
  });

  it("a host directory that does not exist", async () => {
    expectOneLine(await podman("run", "--rm", "-v", "/no/such/directory:/x", baseImage, "true"), 125, /\/no\/such\/directory/);
  });

  it("an archive that ends too early", async () => {
    const whole = join(world.directory, "tmp", "whole.tar");
    const cut = join(world.directory, "tmp", "cut.tar");
    await world.podman("save", "-q", "-o", whole, baseImage);
    const bytes = await Bun.file(whole).bytes();
    writeFileSync(cut, bytes.subarray(0, bytes.length >> 1));
    const before = await world.podman("images", "-a", "-q");
    expectOneLine(await podman("load", "-q", "-i", cut), 125, /cut\.tar|unexpected|truncated|end/i);
    expect(await world.podman("images", "-a", "-q")).toBe(before);
  });

  it("a runtime that is missing", async () => {
    expectOneLine(await podman("--runtime", "/no/such/crun", "run", "--rm", baseImage, "true"), 125, /crun/);
  });

  it("leaves no container behind", async () => {
    expect(await world.podman("ps", "-a", "--format", "{{.Names}}")).toMatch(/^(clash)?$/);
  });
});
