/** Bad input: one clear line on standard error, the original's exit code, nothing left behind. */
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { freePort, type RegistryServer, startRegistry } from "../harness/registry.ts";
import type { CommandResult } from "../harness/run-command.ts";
import { createWorld, type World } from "../harness/world.ts";

describe.each([{ rootless: false }, { rootless: true }])("bad input, rootless: $rootless", ({ rootless }) => {
  let world: World;
  let registry: RegistryServer;

  beforeAll(async () => {
    [world, registry] = await Promise.all([createWorld({ rootless }), startRegistry()]);
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
    const swapped = await podman("run", "--nmae", "x", baseImage);
    expectOneLine(swapped, 125, /unknown flag: --nmae/);
    expect(swapped.stderr).toContain("--name");
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

  it("a command that the image lacks, and one that is none", async () => {
    expectOneLine(await podman("run", "--rm", "--network", "none", baseImage, "/no/such/command"), 127, /\/no\/such\/command/);
    expectOneLine(await podman("run", "--rm", "--network", "none", baseImage, "/etc"), 126, /permission denied|not permitted/i);
  });

  it("a file that may not be read", async () => {
    const secret = join(world.directory, "tmp", "secret.tar");
    writeFileSync(secret, "", { mode: 0o000 });
    // Root may read everything; then the file is no archive.
    expectOneLine(await podman("load", "-q", "-i", secret), 125, rootless ? /permission denied/ : /secret\.tar|archive|format/);
  });

  it("a runtime that is missing", async () => {
    expectOneLine(await podman("--runtime", "/no/such/crun", "run", "--rm", baseImage, "true"), 125, /crun/);
  });

  it.skipIf(rootless)("a machine without any runtime: the package is named (needs root: hides the programs by mounts)", async () => {
    const hide = "for p in /usr/bin /usr/sbin /usr/local/bin /usr/local/sbin; do for r in crun runc; do";
    const script = `${hide} test ! -e $p/$r || mount --bind /dev/null $p/$r; done; done; exec podman run --rm --network none ${baseImage} true`;
    expectOneLine(await world.runProgram("unshare", ["--mount", "sh", "-c", script]), 125, /install the package crun/);
  });

  it("leaves no container behind", async () => {
    expect(await world.podman("ps", "-a", "--format", "{{.Names}}")).toMatch(/^(clash)?$/);
  });
});
