/** A name that several registries may mean: a menu on a terminal, the choice remembered; elsewhere as short-name-mode says. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyImage } from "@containers/image/copy/copy-image";
import { memoryReference } from "@containers/image/testing/memory-source";
import { randomImage } from "@containers/image/testing/random-image";
import { parseImageName } from "@containers/image/transports/register";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toolPath } from "../harness/binaries.ts";
import { freePort, type RegistryServer, startRegistry } from "../harness/registry.ts";
import { describeResult } from "../harness/run-command.ts";
import { createWorld, type World } from "../harness/world.ts";

// Rootless only: root's choices are remembered for the whole machine.
describe("short names", () => {
  let world: World;
  let registry: RegistryServer;
  let closed = "";
  const aliases = (): string => join(world.directory, "home", ".cache", "containers", "short-name-aliases.conf");

  function mode(name: string): void {
    const insecure = `[[registry]]\nlocation = "${registry.address}"\ninsecure = true\n[[registry]]\nlocation = "${closed}"\ninsecure = true\n`;
    writeFileSync(
      join(world.directory, "conf", "registries.conf"),
      `unqualified-search-registries = ["${closed}", "${registry.address}"]\nshort-name-mode = "${name}"\n${insecure}`,
    );
  }

  async function onTerminal(command: string, keys: readonly string[]) {
    const feeder = keys.map((key) => `sleep 0.3; printf '${key}'`).join("; ");
    return await world.runProgram("sh", [
      "-c",
      `(sleep 1; ${feeder}; sleep 2) | script -qfec "${toolPath("podman")} ${command}" /dev/null`,
    ]);
  }

  beforeAll(async () => {
    [world, registry] = await Promise.all([createWorld({ rootless: true }), startRegistry()]);
    closed = `127.0.0.1:${await freePort()}`;
    const access = { registry: { tlsVerify: false } };
    await copyImage(memoryReference([randomImage({ layers: 1 })]), parseImageName(`docker://${registry.address}/team/app:1`), {
      context: { destination: access },
    });
  });
  afterAll(async () => {
    await registry?.stop();
    await world?.destroy();
  });
  beforeEach(async () => {
    await world.podman("rmi", "-a", "-f");
    rmSync(aliases(), { force: true });
  });

  it("are refused without a terminal when a choice is enforced", async () => {
    mode("enforcing");
    const result = await world.run("podman", ["pull", "team/app:1"]);
    expect(result.exitCode).toBe(125);
    expect(result.stderr).toContain("short-name resolution enforced but cannot prompt without a TTY");
  });

  it.each(["permissive", "disabled"])("are tried in order without a terminal when %s", async (name) => {
    mode(name);
    const result = await world.run("podman", ["pull", "team/app:1"]);
    expect(result.exitCode, describeResult(result)).toBe(0);
    expect(await world.podman("images", "--format", "{{.Repository}}")).toBe(`${registry.address}/team/app`);
    expect(existsSync(aliases())).toBe(false);
  });

  it.each(["permissive", "enforcing"])("are asked about on a terminal when %s, and the choice is remembered", async (name) => {
    mode(name);
    const result = await onTerminal("pull team/app:1", ["\\033[B", "\\r"]);
    expect(result.stdout).toContain("Please select an image");
    expect(result.stdout).toContain(`✔ ${registry.address}/team/app:1`);
    expect(result.exitCode, describeResult(result)).toBe(0);
    expect(readFileSync(aliases(), "utf8")).toBe(`[aliases]\n  "team/app" = "${registry.address}/team/app"\n`);
    await world.podman("rmi", "-a", "-f");
    const again = await world.run("podman", ["pull", "team/app:1"]);
    expect(again.exitCode, describeResult(again)).toBe(0);
    expect(again.stderr).toContain('Resolved "team/app" as an alias');
  });

  it("are not remembered when the choice could not be pulled, and control-C chooses none", async () => {
    mode("enforcing");
    expect((await onTerminal("pull --retry 0 team/app:1", ["\\r"])).exitCode).toBe(125);
    expect((await onTerminal("pull team/app:1", ["\\003"])).exitCode).not.toBe(0);
    expect(existsSync(aliases())).toBe(false);
  });
});
