/** Real input made by others: a Debian root file system through every place an image can be, and run. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { originalPath } from "../harness/binaries.ts";
import { debianRootfsTar } from "../harness/debian-rootfs.ts";
import { type RegistryServer, startRegistry } from "../harness/registry.ts";
import { createWorld, type World } from "../harness/world.ts";

const originalSkopeo = originalPath("skopeo");
const originalPodman = originalPath("podman");

describe("a Debian root file system", () => {
  let world: World;
  let registry: RegistryServer;
  let remote: string;

  beforeAll(async () => {
    [world, registry] = await Promise.all([createWorld(), startRegistry()]);
    remote = `docker://${registry.address}/debian:bookworm`;
    await world.podman("import", "-q", await debianRootfsTar(), "localhost/debian:bookworm");
  }, 900_000);
  afterAll(async () => {
    await registry?.stop();
    await world?.destroy();
  });

  it("runs", async () => {
    expect(
      await world.podman("run", "--rm", "--network", "none", "localhost/debian:bookworm", "dpkg-query", "-f", "${Status}", "-W", "bash"),
    ).toBe("install ok installed");
  });

  it("keeps owners, modes, links and times", async () => {
    const listing =
      "find / -xdev -path /proc -prune -o -path /sys -prune -o -path /dev -prune -o -type f -printf '%m %U:%G %n %T@ %p\\n' | grep -vE ' /(run|etc/(hosts|hostname|resolv.conf|mtab))' | sort | sha256sum";
    const first = await world.podman("run", "--rm", "--network", "none", "localhost/debian:bookworm", "sh", "-c", listing);
    await world.podman("push", "-q", "--tls-verify=false", "localhost/debian:bookworm", remote);
    await world.podman("pull", "-q", "--tls-verify=false", remote.slice("docker://".length));
    await world.podman("save", "-q", "--format", "oci-archive", "-o", join(world.directory, "tmp/debian.tar"), "localhost/debian:bookworm");
    const elsewhere = ["--root", join(world.directory, "graph2"), "--runroot", join(world.directory, "run2")];
    await world.podman(...elsewhere, "load", "-q", "-i", join(world.directory, "tmp/debian.tar"));
    expect(await world.podman(...elsewhere, "run", "--rm", "--network", "none", "localhost/debian:bookworm", "sh", "-c", listing)).toBe(
      first,
    );
  });

  it("has the same digests in every transport", async () => {
    const digest = JSON.parse(await world.skopeo("inspect", "--tls-verify=false", remote)).Digest;
    for (const place of ["dir", "oci"]) {
      const target = `${place}:${join(world.directory, "tmp", place)}`;
      await world.skopeo("copy", "-q", "--src-tls-verify=false", remote, target);
      expect(JSON.parse(await world.skopeo("inspect", target)).Digest, place).toBe(digest);
    }
  });

  it.skipIf(originalSkopeo === undefined)("is read and written by the original skopeo with the same digests", async () => {
    const original = (...args: string[]) => world.runProgram(originalSkopeo ?? "", args);
    mkdirSync(join(world.directory, "tmp/exchange"));
    for (const transport of ["dir", "oci", "oci-archive", "docker-archive"]) {
      const theirs = `${transport}:${join(world.directory, "tmp/exchange", `theirs-${transport}`)}${transport === "docker-archive" ? ":localhost/debian:bookworm" : ""}`;
      const ours = `${transport}:${join(world.directory, "tmp/exchange", `ours-${transport}`)}${transport === "docker-archive" ? ":localhost/debian:bookworm" : ""}`;
      expect((await original("copy", "-q", "--src-tls-verify=false", remote, theirs)).exitCode, theirs).toBe(0);
      await world.skopeo("copy", "-q", "--src-tls-verify=false", remote, ours);
      const configs = await Promise.all([
        original("inspect", "--config", "--raw", ours),
        original("inspect", "--config", "--raw", theirs),
        world.run("skopeo", ["inspect", "--config", "--raw", theirs]),
      ]);
      expect(new Set(configs.map((result) => result.stdout)).size, transport).toBe(1);
    }
  });

  it.skipIf(originalPodman === undefined)("is pulled by the original into the same image", async () => {
    const theirs = ["--root", join(world.directory, "graph3"), "--runroot", join(world.directory, "run3")];
    const pulled = await world.runProgram(originalPodman ?? "", [
      ...theirs,
      "pull",
      "-q",
      "--tls-verify=false",
      remote.slice("docker://".length),
    ]);
    expect(pulled.stdout).toBe(await world.podman("pull", "-q", "--tls-verify=false", remote.slice("docker://".length)));
  });
});
