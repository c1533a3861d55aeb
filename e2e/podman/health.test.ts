/** Health checks: by hand, by the clock without systemd, what they do to the container, and where they are seen. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { eventually } from "../harness/eventually.ts";
import { createWorld, type World } from "../harness/world.ts";

describe.each([{ rootless: false }, { rootless: true }])("health checks, rootless: $rootless", ({ rootless }) => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
  });
  afterAll(async () => {
    await world?.destroy();
  });

  const start = (name: string, ...flags: string[]) =>
    world.podman(
      "run",
      "-d",
      "--replace",
      "--name",
      name,
      "--network",
      "none",
      "--stop-timeout",
      "0",
      ...flags,
      baseImage,
      "sleep",
      "1000",
    );
  const inspect = (name: string, format: string) => world.podman("inspect", "--type", "container", "--format", format, name);
  const check = (name: string, ...flags: string[]) => world.run("podman", ["healthcheck", "run", ...flags, name]);
  const byHand = ["--health-interval", "disable"];

  it("are made by hand, noted and told of", async () => {
    await start("h", ...byHand, "--health-retries", "2", "--health-cmd", "echo out; echo err >&2; test ! -e /bad");
    expect(await world.podman("ps", "--format", "{{.Status}}", "--filter", "health=starting")).toMatch(/^Up .* \(starting\)$/);
    expect(await inspect("h", "{{json .State.Health}} {{.State.Healthcheck.FailingStreak}} {{.Config.Healthcheck.Interval}}")).toBe(
      '{"Status":"starting","FailingStreak":0,"Log":null} 0 0s',
    );
    expect(await check("h")).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
    expect(await world.podman("ps", "--format", "{{.Status}}", "--filter", "health=healthy")).toMatch(/ \(healthy\)$/);
    await world.podman("exec", "h", "touch", "/bad");
    expect(await check("h")).toMatchObject({ exitCode: 1, stdout: "unhealthy" });
    expect(await inspect("h", "{{.State.Health.Status}} {{.State.Health.FailingStreak}}")).toBe("healthy 1");
    expect(await check("h", "--ignore-result")).toMatchObject({ exitCode: 0, stdout: "unhealthy" });
    const { Log, ...rest } = JSON.parse(await inspect("h", "{{json .State.Health}}"));
    expect(rest).toEqual({ Status: "unhealthy", FailingStreak: 2 });
    expect(Log.map(({ ExitCode, Output }: { ExitCode: number; Output: string }) => [ExitCode, Output])).toEqual([
      [0, "out\nerr\n"],
      [1, "out\nerr\n"],
      [1, "out\nerr\n"],
    ]);
    expect(Log[0].Start).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    const events = await world.podman("events", "--stream=false", "--filter", "container=h", "--filter", "event=health_status");
    expect(events.split("\n").map((line) => /health_status=.*$/.exec(line)?.[0])).toEqual(
      [
        "health_status=healthy, health_failing_streak=0, health_log=)",
        "health_status=healthy, health_failing_streak=1, health_log=)",
        "health_status=unhealthy, health_failing_streak=2, health_log=)",
      ].map((text) => expect.stringContaining(text.replace(")", ""))),
    );
    await world.podman("restart", "h");
    expect(await inspect("h", "{{.State.Health.Status}} {{.State.Health.FailingStreak}}")).toBe("starting 0");
  });

  it("tell why they cannot be made", async () => {
    expect((await check("nope")).stderr).toBe(
      'Error: unable to look up nope to perform a health check: no container with name or ID "nope" found: no such container',
    );
    const id = await start("plain");
    expect(await check("plain")).toMatchObject({ exitCode: 125, stderr: `Error: container ${id} has no defined healthcheck` });
    await world.podman("stop", "plain");
    expect(await check("plain")).toMatchObject({ exitCode: 125, stderr: `Error: container ${id} is not running` });
    expect((await world.run("podman", ["create", "--health-on-failure=kill", baseImage])).stderr).toBe(
      "Error: cannot set on-failure action to kill without a health check",
    );
    expect((await world.run("podman", ["create", "--health-startup-cmd=x", baseImage])).stderr).toBe(
      "Error: cannot set a startup healthcheck when there is no regular healthcheck: invalid argument",
    );
  });

  it("end what takes too long", async () => {
    await start("slow", ...byHand, "--health-cmd", "sleep 50", "--health-timeout", "1s");
    expect(await check("slow")).toMatchObject({ exitCode: 125, stderr: "Error: healthcheck command exceeded timeout of 1s" });
    expect(await world.podman("top", "slow", "args")).not.toContain("sleep 50");
    expect(await inspect("slow", "{{(index .State.Health.Log 0).ExitCode}}")).toBe("-1");
  });

  it("are made by the clock, and end with the container", async () => {
    await start("clock", "--health-cmd", "echo x >>/tmp/checks; test ! -e /bad", "--health-interval", "500ms", "--health-retries", "2");
    await world.podman("wait", "--condition", "healthy", "clock");
    await eventually(async () => (await world.podman("exec", "clock", "wc", "-l", "/tmp/checks")).startsWith("3"));
    await world.podman("exec", "clock", "touch", "/bad");
    await world.podman("wait", "--condition", "unhealthy", "clock");
    // An ordinary user's containers have no cgroup here that could be frozen.
    if (!rootless) {
      await world.podman("pause", "clock");
      expect((await check("clock")).stderr).toMatch(/is not running$/);
      await world.podman("unpause", "clock");
      expect(await inspect("clock", "{{.State.Health.Status}}")).toMatch(/reset|unhealthy/);
    }
    await world.podman("stop", "clock");
    expect(await world.run("podman", ["wait", "--condition", "healthy", "clock"])).toMatchObject({
      exitCode: 125,
      stderr: "Error: container is stopped",
    });
  });

  it.each(["kill", "stop"])("%s an unhealthy container", async (action) => {
    await start("act", ...byHand, "--health-cmd", "false", "--health-retries", "1", `--health-on-failure=${action}`);
    expect(await check("act")).toMatchObject({ exitCode: 1, stdout: "unhealthy" });
    expect(await inspect("act", "{{.State.Status}} {{.Config.HealthcheckOnFailureAction}}")).toBe(`exited ${action}`);
  });

  it("restart an unhealthy container, by hand and by the clock", async () => {
    const flags = ["--health-cmd", "test ! -e /tmp/bad", "--health-retries", "1", "--health-on-failure=restart", "--tmpfs", "/tmp"];
    await start("again", ...byHand, ...flags);
    await world.podman("exec", "again", "touch", "/tmp/bad");
    expect(await check("again")).toMatchObject({ exitCode: 1, stdout: "unhealthy" });
    expect(await inspect("again", "{{.State.Status}} {{.RestartCount}} {{.State.Health.FailingStreak}}")).toBe("running 1 0");
    await world.podman("stop", "again");
    expect(await inspect("again", "{{.State.Status}} {{.RestartCount}}")).toBe("exited 1");
    await start("again", "--health-interval", "500ms", ...flags);
    await world.podman("wait", "--condition", "healthy", "again");
    await world.podman("exec", "again", "touch", "/tmp/bad");
    await eventually(async () => (await inspect("again", "{{.RestartCount}}")) === "1");
    await world.podman("wait", "--condition", "healthy", "again");
  });

  it("begin with a start-up check", async () => {
    const startup = ["--health-startup-cmd", "test -e /ok", "--health-startup-success", "2", "--health-startup-retries", "2"];
    await start("up", ...byHand, "--health-cmd", "test ! -e /bad", "--health-retries", "1", ...startup);
    expect(await check("up")).toMatchObject({ exitCode: 1, stdout: "starting" });
    await world.podman("exec", "up", "touch", "/ok", "/bad");
    expect((await check("up")).exitCode).toBe(0);
    expect((await check("up")).exitCode).toBe(0);
    expect(await check("up")).toMatchObject({ exitCode: 1, stdout: "unhealthy" });
    const started = await inspect("up", "{{.State.StartedAt}}");
    await world.podman("restart", "up");
    await world.podman("exec", "up", "rm", "/ok");
    expect((await check("up")).stdout).toBe("starting");
    expect((await check("up")).stdout).toBe("starting");
    expect(await inspect("up", "{{.State.Status}}")).toBe("running");
    expect(await inspect("up", "{{.State.StartedAt}}")).not.toBe(started);
  });

  it("come with a Docker image, keep their log where it was asked for, and as much of it", async () => {
    const context = join(world.directory, "tmp");
    writeFileSync(join(context, "Containerfile.health"), `FROM ${baseImage}\nHEALTHCHECK --interval=7s CMD echo 0123456789\n`);
    await world.podman("build", "-q", "--format", "docker", "-t", "checked", "-f", join(context, "Containerfile.health"), context);
    await world.podman("create", "--name", "none", "--no-healthcheck", "checked", "true");
    expect(await inspect("none", "{{.Config.Healthcheck.Test}} {{.State.Health}}")).toBe("[NONE] <nil>");
    await world.podman(
      "run",
      "-d",
      "--name",
      "img",
      "--network",
      "none",
      "--stop-timeout",
      "0",
      "--health-log-destination",
      context,
      "--health-max-log-size",
      "4",
      "checked",
      "sleep",
      "100",
    );
    expect(await inspect("img", "{{json .Config.Healthcheck}}")).toBe(
      '{"Test":["CMD-SHELL","echo 0123456789"],"Interval":7000000000,"Timeout":30000000000,"Retries":3}',
    );
    expect((await check("img")).exitCode).toBe(0);
    const id = await inspect("img", "{{.Id}}");
    expect(JSON.parse(await Bun.file(join(context, `${id}-healthcheck.log`)).text())).toMatchObject({
      Status: "healthy",
      Log: expect.arrayContaining([expect.objectContaining({ Output: "0123" })]),
    });
  });

  it("note that the container ended meanwhile", async () => {
    await start("ends", ...byHand, "--health-cmd", "sleep 20; echo x");
    const running = check("ends");
    await eventually(async () => (await world.podman("top", "ends", "args")).includes("sleep 20"));
    await world.podman("stop", "ends");
    expect(await running).toMatchObject({ exitCode: 1, stdout: "stopped" });
    expect(await inspect("ends", "{{.State.Status}}--{{.State.Health.Status}}--{{.State.Health.FailingStreak}}")).toBe(
      "exited--stopped--0",
    );
  });
});
