/** The docker command line, compose and docker-py against our service. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiService, startApiService } from "../../harness/api-service.ts";
import { baseImage, buildBaseImage } from "../../harness/base-image.ts";
import { systemProgram } from "../../harness/binaries.ts";
import { patience } from "../../harness/eventually.ts";
import { type RegistryServer, startRegistry } from "../../harness/registry.ts";
import type { CommandOptions } from "../../harness/run-command.ts";
import { createWorld, type World } from "../../harness/world.ts";

const docker = systemProgram("docker");
const compose = systemProgram("docker-compose");

describe.skipIf(docker === undefined)("docker (skipped where there is no docker command)", () => {
  let world: World;
  let api: ApiService;
  let registry: RegistryServer | undefined;

  beforeAll(async () => {
    if (systemProgram("docker-registry") !== undefined) registry = await startRegistry();
    world = await createWorld({ insecure: registry === undefined ? [] : [registry.address] });
    await buildBaseImage(world);
    api = await startApiService(world);
  });
  afterAll(async () => {
    await api?.stop();
    await registry?.stop();
    await world?.destroy();
  });

  const run = (program: string, args: readonly string[], options: CommandOptions = {}) =>
    world.runProgram(program, args, { ...options, env: { DOCKER_HOST: `unix://${api.socket}`, DOCKER_BUILDKIT: "0", ...options.env } });
  const dockerRun = (...args: string[]) => run(docker ?? "", args);
  const ok = async (...args: string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await dockerRun(...args);
    expect({ args, exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ args, exitCode: 0, stderr: "" });
    return stdout;
  };

  it("runs containers and passes exit codes", async () => {
    expect(await ok("run", "--rm", "--network", "none", baseImage, "echo", "hello")).toBe("hello");
    const codes = await Promise.all(
      [["sh", "-c", "exit 7"], ["no-such-command"]].map((words) => dockerRun("run", "--rm", "--network", "none", baseImage, ...words)),
    );
    expect(codes.map(({ exitCode }) => exitCode)).toEqual([7, 127]);
    // A directory as command, several times: the monitor's clean-up must not take the container away before the client asks for its start.
    for (let time = 0; time < 4; time++)
      expect((await dockerRun("run", "--rm", "--network", "none", baseImage, "/etc")).exitCode).toBe(126);
    const echoed = await run(docker ?? "", ["run", "-i", "--rm", "--network", "none", baseImage, "cat"], { input: "typed" });
    expect(echoed.stdout).toBe("typed");
    expect(await ok("ps", "-aq")).toBe("");
  });

  it("lives with a container", async () => {
    await ok("run", "-d", "--name", "c", "--stop-timeout", "0", baseImage, "sh", "-c", "echo out; echo err >&2; exec sleep 100");
    expect(await ok("ps", "--format", "{{.Names}} {{.Image}} {{.State}}")).toBe(`c ${baseImage} running`);
    expect(await ok("exec", "c", "echo", "inside")).toBe("inside");
    expect((await dockerRun("exec", "c", "sh", "-c", "exit 5")).exitCode).toBe(5);
    expect((await dockerRun("exec", "c", "no-such-command")).exitCode).toBe(127);
    const logs = await dockerRun("logs", "c");
    expect([logs.stdout, logs.stderr]).toEqual(["out", "err"]);
    writeFileSync(join(world.directory, "tmp", "file"), "content");
    await ok("cp", join(world.directory, "tmp", "file"), "c:/tmp/copied");
    expect(await ok("exec", "c", "cat", "/tmp/copied")).toBe("content");
    await ok("cp", "c:/tmp/copied", join(world.directory, "tmp", "back"));
    expect(await ok("top", "c")).toContain("sleep 100");
    // A process that has ended counts until it is collected, and the machine's first process takes its time for orphans.
    await expect.poll(() => ok("stats", "--no-stream", "--format", "{{.PIDs}}", "c"), patience).toBe("1");
    expect(await ok("diff", "c")).toContain("A /tmp/copied");
    expect(await ok("inspect", "--format", "{{.State.Status}}", "c")).toBe("running");
    await ok("network", "create", "n");
    await ok("network", "connect", "n", "c");
    expect(await ok("network", "inspect", "--format", "{{range .Containers}}{{.Name}}{{end}}", "n")).toBe("c");
    await ok("network", "disconnect", "n", "c");
    await ok("network", "rm", "n");
    await ok("rename", "c", "d");
    await ok("commit", "d", "committed");
    await ok("kill", "d");
    expect(await ok("wait", "d")).toBe("137");
    await ok("rm", "d");
    await ok("rmi", "committed");
  });

  it("builds, tags, saves and loads images", async () => {
    const context = join(world.directory, "tmp", "context");
    mkdirSync(context);
    writeFileSync(join(context, "Dockerfile"), `FROM ${baseImage}\nARG X\nRUN echo $X > /x\nCMD ["cat", "/x"]\n`);
    expect(await ok("build", "--build-arg", "X=built", "-t", "b:1", context)).toContain("Successfully tagged b:1");
    expect(await ok("run", "--rm", "--network", "none", "b:1")).toBe("built");
    await ok("tag", "b:1", "b:2");
    const archive = join(world.directory, "tmp", "b.tar");
    await ok("save", "-o", archive, "b:1");
    await ok("rmi", "b:1", "b:2");
    expect(await ok("load", "-i", archive)).toContain("Loaded image: docker.io/library/b:1");
    expect(await ok("history", "--format", "{{.CreatedBy}}", "b:1")).toContain('CMD ["cat"');
    writeFileSync(join(context, "Dockerfile"), `FROM ${baseImage}\nRUN exit 3\n`);
    const failed = await dockerRun("build", context);
    expect(failed.exitCode).not.toBe(0);
    expect(failed.stderr).toContain("exit status 3");
    await ok("rmi", "b:1");
  });

  it.skipIf(systemProgram("docker-registry") === undefined)("pushes and pulls (skipped where there is no docker-registry)", async () => {
    const name = `${registry?.address}/pushed:1`;
    await ok("tag", baseImage, name);
    expect(await ok("push", name)).toMatch(/digest: sha256:[0-9a-f]{64} size: \d+/);
    await ok("rmi", name);
    expect(await ok("pull", name)).toContain(name);
    expect(await ok("images", "-q", name)).not.toBe("");
    await ok("rmi", name);
    const missing = await dockerRun("pull", `${registry?.address}/missing:1`);
    expect(missing.exitCode).toBe(1);
  });

  it.skipIf(compose === undefined)("composes services (skipped where there is no docker-compose)", async () => {
    const project = join(world.directory, "tmp", "project");
    mkdirSync(project);
    const service = (command: string, more: string): string =>
      `    image: ${baseImage}\n    stop_grace_period: 0s\n    command: sh -c '${command}'\n    networks: [back]\n    volumes: ["data:/data"]\n${more}`;
    writeFileSync(
      join(project, "docker-compose.yml"),
      `services:\n  db:\n${service("echo from-db > /var/www/index.html; httpd -f -p 8000 -h /var/www", "")}  web:\n${service("echo started; sleep 100", "    depends_on: [db]\n")}networks: {back: {}}\nvolumes: {data: {}}\n`,
    );
    const run2 = async (...args: string[]): Promise<string> => {
      const result = await run(compose ?? "", ["-f", join(project, "docker-compose.yml"), ...args]);
      expect({ args, exitCode: result.exitCode, stderr: result.exitCode === 0 ? "" : result.stderr }).toEqual({
        args,
        exitCode: 0,
        stderr: "",
      });
      return result.stdout;
    };
    await run2("up", "-d");
    expect((await run2("ps", "--services")).split("\n").sort()).toEqual(["db", "web"]);
    expect(await run2("logs", "web")).toContain("started");
    expect(await run2("exec", "-T", "web", "wget", "-qO-", "http://db:8000/index.html")).toBe("from-db");
    await run2("down", "-v");
    expect(await ok("ps", "-aq")).toBe("");
    expect(await ok("volume", "ls", "-q")).not.toContain("data");
  });
});
