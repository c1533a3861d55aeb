/** podman stats: columns, JSON, and what it refuses. */
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { limited } from "../harness/limits.ts";
import { createWorld, type World } from "../harness/world.ts";

const limits = limited("is a table of those that run");

describe("the use of the machine", () => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld();
    await buildBaseImage(world);
    await world.podman("run", "-d", "--name", "busy", "--network", "none", "-m", "64m", baseImage, "sleep", "100");
    await world.podman("create", "--name", "idle", "--network", "none", baseImage, "true");
  });
  afterAll(async () => {
    await world?.destroy();
  });

  it.skipIf(limits.skip)(limits.title, async () => {
    const [heading, row, ...more] = (await world.podman("stats", "--no-stream")).split("\n");
    const columns = ["ID", "NAME", "CPU %", "MEM USAGE / LIMIT", "MEM %", "NET IO", "BLOCK IO", "PIDS", "CPU TIME", "AVG CPU %"];
    expect(heading?.split(/\s{2,}/)).toEqual(columns);
    expect(row).toMatch(
      /^[0-9a-f]{12} {2}busy +\d+\.\d\d% +[\d.]+[kM]B \/ 67\.11MB +\d+\.\d\d% +0B \/ 0B +[\d.]+[kM]?B \/ [\d.]+[kM]?B +1 +[\d.]+m?s +\d+\.\d\d%$/,
    );
    expect(more).toEqual([]);
  });

  it("is JSON with the original's keys, and zero for one that does not run", async () => {
    const measured = JSON.parse(await world.podman("stats", "--no-stream", "-a", "--format", "json"));
    expect(measured.map(({ name }: { name: string }) => name)).toEqual(["busy", "idle"]);
    expect(measured[1]).toMatchObject({ cpu_time: "0s", cpu_percent: "0.00%", mem_usage: "0B / 0B", net_io: "0B / 0B", pids: "0" });
  });

  it("is refused where there is nothing to measure", async () => {
    expect(await world.run("podman", ["stats", "--no-stream", "nosuch"])).toMatchObject({
      exitCode: 125,
      stderr:
        'Error: unable to get list of containers: unable to look up container nosuch: no container with name or ID "nosuch" found: no such container',
    });
    expect((await world.run("podman", ["stats", "-a", "busy"])).stderr).toBe(
      "Error: --all, --latest and containers cannot be used together",
    );
  });

  it.skipIf(existsSync("/sys/fs/cgroup/cgroup.controllers"))("needs version 2 of control groups when rootless", async () => {
    const rootless = await createWorld({ rootless: true });
    const { exitCode, stderr } = await rootless.run("podman", ["stats", "--no-stream"]);
    await rootless.destroy();
    expect({ exitCode, stderr }).toEqual({ exitCode: 125, stderr: "Error: stats is not supported in rootless mode without cgroups v2" });
  });
});
