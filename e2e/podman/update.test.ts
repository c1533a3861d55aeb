/** podman update: limits at once, the rest from the next start on. */
import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { patience } from "../harness/eventually.ts";
import { limited } from "../harness/limits.ts";
import { createWorld, type World } from "../harness/world.ts";

const limits = limited("limits a running container at once, and the next run of it");

const unified = existsSync("/sys/fs/cgroup/cgroup.controllers");

/** A limit of the container's process, as the kernel has it. */
function limitOf(pid: string, controller: string, file: string): string {
  const cgroups = readFileSync(`/proc/${pid}/cgroup`, "utf8");
  const path = (unified ? /^0::(.*)$/m : new RegExp(`^\\d+:(?:.*,)?${controller}(?:,.*)?:(.*)$`, "m")).exec(cgroups)?.[1] ?? "";
  const root = unified ? "/sys/fs/cgroup" : `/sys/fs/cgroup/${controller}`;
  // crun may put the processes one level below what it limits.
  const found = [`${root}${path}/${file}`, `${root}${path.replace(/\/container$/, "")}/${file}`].find((one) => existsSync(one)) ?? "";
  return readFileSync(found, "utf8").trim();
}

describe.each([{ rootless: false }, { rootless: true }])("update, rootless: $rootless", ({ rootless }) => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
  });
  afterAll(async () => {
    await world?.destroy();
  });

  const inspect = (name: string, format: string) => world.podman("inspect", "--type", "container", "--format", format, name);
  const refused = async (...args: string[]) => (await world.run("podman", ["update", ...args])).stderr;

  // An ordinary user's limits need cgroup v2 with delegation, which test machines seldom have.
  it.skipIf(rootless || limits.skip)(limits.title, async () => {
    await world.podman(
      "run",
      "-d",
      "--name",
      "limits",
      "--network",
      "none",
      "--pids-limit",
      "1024",
      "--stop-timeout",
      "0",
      baseImage,
      "sleep",
      "100",
    );
    const id = await inspect("limits", "{{.Id}}");
    expect(await world.podman("update", "--memory", "100m", "--cpu-shares", "512", "limits")).toBe(id);
    const memory = async () =>
      limitOf(await inspect("limits", "{{.State.Pid}}"), "memory", unified ? "memory.max" : "memory.limit_in_bytes");
    expect(await memory()).toBe("104857600");
    expect(limitOf(await inspect("limits", "{{.State.Pid}}"), "pids", "pids.max")).toBe("1024");
    expect(
      await inspect("limits", "{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.CpuShares}} {{.HostConfig.PidsLimit}}"),
    ).toBe("104857600 209715200 512 1024");
    await world.podman("restart", "limits");
    expect(await memory()).toBe("104857600");
    expect(await refused("--device-read-bps=/dev/zero:10mb", "limits")).toBe("Error: /dev/zero: not a block device");
    await world.podman("update", "--latest", "--cpus", "1.5");
    expect(await inspect("limits", "{{.HostConfig.NanoCpus}} {{.HostConfig.CpuQuota}}")).toBe("1500000000 150000");
  });

  it.skipIf(!rootless || unified)("tells an ordinary user on version 1 of control groups that there are no limits", async () => {
    const { stderr } = await world.run("podman", [
      ...["run", "-d", "--name", "nolimits", "--network", "none", "--stop-timeout", "0"],
      ...["--memory", "64m", "--pids-limit", "50", "--cpuset-cpus", "0", baseImage, "sleep", "100"],
    ]);
    expect(stderr.match(/msg="([^"]*limits[^"]*)"/)?.[1]).toBe(
      "Resource limits are not supported and ignored on cgroups V1 rootless systems",
    );
    expect(stderr.split("\n")).toHaveLength(1);
    expect(await inspect("nolimits", "{{.HostConfig.Memory}} {{.HostConfig.CpusetCpus}} {{.State.CgroupPath}}")).not.toContain("libpod");
    const update = await world.run("podman", ["update", "--memory", "128m", "nolimits"]);
    expect(update.exitCode, update.stderr).toBe(125);
    expect(await inspect("nolimits", "{{.HostConfig.Memory}}")).toBe("0");
    const pause = await world.run("podman", ["unpause", "nolimits"]);
    expect(pause.stderr).toBe("Error: unpause is not supported for cgroupv1 rootless containers");
    await world.podman("rm", "-f", "-t0", "nolimits");
  });

  it("changes environment, ulimits and restart policy", async () => {
    await world.podman("create", "--name", "env", "--network", "none", "-e", "A=1", baseImage, "sh", "-c", "echo $A-$B; ulimit -n; false");
    await world.podman("update", "-e", "B=2", "--unsetenv", "A", "--ulimit", "nofile=512:512", "--restart", "on-failure:2", "env");
    expect(await inspect("env", "{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount}}")).toBe("on-failure 2");
    expect((await world.run("podman", ["start", "-a", "env"])).stdout).toBe("-2\n512");
    await expect.poll(() => inspect("env", "{{.RestartCount}} {{.State.Status}}"), patience).toBe("2 exited");
    expect(await refused("--restart", "foo", "env")).toBe('Error: "foo" is not a valid restart policy: invalid argument');
    expect(await refused("--ulimit", "nofile:1", "env")).toContain("invalid ulimit argument");
    expect(await refused("nosuch")).toBe('Error: no container with name or ID "nosuch" found: no such container');
    expect(await refused()).toBe('Error: "podman update" requires a name, id, or the "--latest" flag');
  });

  it("changes checks, at once", async () => {
    await world.podman("run", "-d", "--name", "checked", "--network", "none", "--stop-timeout", "0", baseImage, "sleep", "100");
    expect(await refused("--health-interval", "1s", "checked")).toBe("Error: healthcheck command is not set");
    await world.podman("update", "--health-cmd", "echo x", "--health-interval", "disable", "checked");
    expect(await inspect("checked", "{{json .State.Health}} {{json .Config.Healthcheck}}")).toBe(
      '{"Status":"reset","FailingStreak":0,"Log":null} {"Test":["CMD-SHELL","echo x"],"Timeout":30000000000,"Retries":3}',
    );
    await world.podman("update", "--health-interval", "500ms", "checked");
    await world.podman("wait", "--condition", "healthy", "checked");
    await world.podman("update", "--health-cmd", "false", "--health-retries", "1", "checked");
    await world.podman("wait", "--condition", "unhealthy", "checked");
    await world.podman("update", "--no-healthcheck", "checked");
    expect(await world.podman("ps", "--filter", "name=checked", "--format", "{{.Status}}")).not.toContain("(");
    await world.podman("update", "--env", "A=1", "checked");
  });
});
