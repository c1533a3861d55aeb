/** `podman --remote`: our client against our service and the original's, and the original's client against ours. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { baseImage } from "../harness/base-image.ts";
import { systemProgram } from "../harness/binaries.ts";
import { type CommandOptions, type CommandResult, describeResult } from "../harness/run-command.ts";
import type { World } from "../harness/world.ts";
import { createRemoteWorld, endWaitingMonitors, type RunningService, remotePairs, startService } from "./service.ts";

describe.each(remotePairs)("$title", ({ client, service: program }) => {
  const able = client !== undefined && program !== undefined;
  let world: World;
  let service: RunningService;

  beforeAll(async () => {
    if (!able) return;
    world = await createRemoteWorld();
    service = await startService(world, program);
  });
  afterEach(async () => {
    if (able) await remote("rm", "-f", "-a", "-t", "0");
  });
  afterAll(async () => {
    if (!able) return;
    await remote("rm", "-f", "-a", "-t", "0");
    await service?.stop();
    endWaitingMonitors(world);
    await world?.destroy();
  });

  const run = (args: readonly string[], options?: CommandOptions): Promise<CommandResult> =>
    world.runProgram(client ?? "", ["--url", service.uri, ...args], options);
  const remote = (...args: string[]): Promise<CommandResult> => run(args);
  const ok = async (...args: string[]): Promise<string> => {
    const result = await remote(...args);
    if (result.exitCode !== 0) throw new Error(describeResult(result));
    return result.stdout;
  };

  it.skipIf(!able)("runs containers: output on its streams, input, exit codes", async () => {
    const both = await remote("run", "--rm", "--network", "none", baseImage, "sh", "-c", "echo out; echo err >&2; exit 7");
    expect(both).toMatchObject({ exitCode: 7, stdout: "out", stderr: "err" });
    const piped = await run(["run", "-i", "--rm", "--network", "none", baseImage, "wc", "-c"], { input: "x".repeat(100_000) });
    expect(piped.stdout.trim()).toBe("100000");
    expect((await remote("run", "--rm", "--network", "none", baseImage, "nosuch")).exitCode).toBe(127);
    expect(await ok("ps", "-aq")).toBe("");
  });

  it.skipIf(!able)("goes through a container's life", async () => {
    const id = await ok(
      "run",
      "-d",
      "--name",
      "one",
      "--network",
      "none",
      "-e",
      "A=b",
      "-m",
      "32m",
      "--label",
      "l=1",
      baseImage,
      "sleep",
      "100",
    );
    expect(await ok("ps", "--no-trunc", "--format", "{{.ID}} {{.Names}} {{.Command}} {{.State}}")).toBe(`${id} one sleep 100 running`);
    expect(await ok("inspect", "--format", "{{.State.Status}} {{.HostConfig.Memory}} {{.Config.Labels.l}}", "one")).toBe(
      "running 33554432 1",
    );
    expect(await ok("exec", "one", "sh", "-c", "echo $A")).toBe("b");
    expect((await remote("exec", "one", "sh", "-c", "exit 3")).exitCode).toBe(3);
    expect((await run(["exec", "-i", "one", "cat"], { input: "typed" })).stdout).toBe("typed");
    expect(await ok("top", "one", "args")).toContain("sleep 100");
    // Options of ps(1) are for the host's ps, which sees the container's processes alone.
    if (systemProgram("ps") !== undefined)
      expect(await ok("top", "one", "-eo", "pid,comm")).toMatch(/^ *PID +COMMAND\n *1 +sleep\n *\d+ +ps$/);
    await ok("pause", "one");
    expect(await ok("ps", "--all", "--format", "{{.State}}")).toBe("paused");
    await ok("unpause", "one");
    await ok("rename", "one", "two");
    await ok("stop", "-t", "0", "two");
    expect(await ok("wait", "two")).toBe("137");
    expect((await remote("rm", "two")).exitCode).toBe(0);
    expect((await remote("rm", "two")).exitCode).toBe(1);
    expect((await remote("container", "exists", "two")).exitCode).toBe(1);
  });

  it.skipIf(!able)("starts a container and stays with it; keeps its log", async () => {
    await ok("create", "--name", "said", "--network", "none", baseImage, "sh", "-c", "echo one; echo two; exit 4");
    const started = await remote("start", "-a", "said");
    expect(started).toMatchObject({ exitCode: 4, stdout: "one\ntwo" });
    expect(await ok("logs", "said")).toBe("one\ntwo");
    expect(await ok("logs", "--tail", "1", "said")).toBe("two");
    expect(await ok("diff", "said")).not.toContain("one");
  });

  it.skipIf(!able)("copies files both ways", async () => {
    const directory = join(world.directory, "tmp", "copied");
    mkdirSync(directory);
    writeFileSync(join(directory, "file"), "content");
    await ok("run", "-d", "--name", "files", "--network", "none", baseImage, "sleep", "100");
    await ok("cp", directory, "files:/tmp/under");
    expect(await ok("exec", "files", "cat", "/tmp/under/file")).toBe("content");
    await ok("cp", "files:/tmp/under/file", join(directory, "back"));
    expect(readFileSync(join(directory, "back"), "utf8")).toBe("content");
    await ok("cp", "files:/tmp/under", join(directory, "tree"));
    expect(readFileSync(join(directory, "tree", "file"), "utf8")).toBe("content");
    expect((await remote("cp", "files:/nosuch", directory)).stderr).toContain("could not be found on container");
  });

  it.skipIf(!able)("builds from a context, without what its ignore file names", async () => {
    const context = join(world.directory, "tmp", "context");
    mkdirSync(context);
    writeFileSync(join(context, "Containerfile"), `FROM ${baseImage}\nARG WORD\nCOPY . /ctx\nRUN echo $WORD > /word\n`);
    for (const name of ["kept", "left.txt"]) writeFileSync(join(context, name), name);
    writeFileSync(join(context, ".containerignore"), "*.txt\n");
    await ok("build", "--network", "host", "-t", "built", "--build-arg", "WORD=hello", context);
    expect(await ok("run", "--rm", "--network", "none", "built", "sh", "-c", "cat /word; ls /ctx")).toBe("hello\nContainerfile\nkept");
    const failed = await run(["build", "--network", "host", "-f", "-", context], { input: `FROM ${baseImage}\nRUN false\n` });
    expect(failed.exitCode).not.toBe(0);
    await ok("rmi", "built");
  });

  it.skipIf(!able)("sends further contexts and secrets along with a build", async () => {
    const context = join(world.directory, "tmp", "main-context");
    const more = join(world.directory, "tmp", "more-context");
    for (const directory of [context, more]) mkdirSync(directory);
    writeFileSync(join(more, "extra"), "from elsewhere");
    writeFileSync(join(world.directory, "tmp", "secret"), "whisper ");
    writeFileSync(
      join(context, "Containerfile"),
      `FROM ${baseImage}
COPY . /ctx
COPY --from=more extra /extra
RUN --mount=type=secret,id=one --mount=type=secret,id=two cat /run/secrets/one /run/secrets/two > /told
`,
    );
    const secrets = ["--secret", `id=one,src=${join(world.directory, "tmp", "secret")}`, "--secret", "id=two,env=TOLD"];
    const flags = ["--network", "host", "--shm-size", "1m", "--ulimit", "nofile=100:200", "--layer-label", "a=b", "--pid", "private"];
    const built = await run(["build", ...flags, ...secrets, "--build-context", `more=${more}`, "-t", "sent", context], {
      env: { TOLD: "word" },
    });
    expect(built, describeResult(built)).toMatchObject({ exitCode: 0 });
    expect(await ok("run", "--rm", "--network", "none", "sent", "sh", "-c", "cat /extra /told; ls -A /ctx")).toBe(
      "from elsewherewhisper wordContainerfile",
    );
    await ok("rmi", "sent");
  });

  it.skipIf(!able)("handles images", async () => {
    await ok("tag", baseImage, "localhost/second:1");
    expect(await ok("images", "--format", "{{.Repository}}:{{.Tag}}")).toContain("localhost/second:1");
    expect(await ok("image", "inspect", "--format", "{{.Os}}", "localhost/second:1")).toBe("linux");
    expect(await ok("history", "--format", "{{.CreatedBy}}", baseImage)).toContain("/bin/sh");
    const archive = join(world.directory, "tmp", "saved.tar");
    await ok("save", "-q", "-o", archive, "localhost/second:1");
    await ok("rmi", "localhost/second:1");
    expect((await remote("image", "exists", "localhost/second:1")).exitCode).toBe(1);
    expect(await ok("load", "-q", "-i", archive)).toContain("Loaded image: localhost/second:1");
    await ok("rmi", "localhost/second:1");
  });

  it.skipIf(!able)("handles volumes, networks and secrets", async () => {
    expect(await ok("volume", "create", "--label", "a=b", "vol")).toBe("vol");
    await ok("run", "--rm", "--network", "none", "-v", "vol:/v", baseImage, "touch", "/v/file");
    expect(await ok("volume", "inspect", "--format", "{{.Name}} {{.Labels.a}}", "vol")).toBe("vol b");
    expect((await remote("volume", "rm", "nosuch")).exitCode).toBe(1);
    await ok("volume", "rm", "vol");
    expect(await ok("network", "create", "net")).toBe("net");
    expect(await ok("network", "ls", "-q")).toContain("net");
    await ok("network", "rm", "net");
    const secret = await run(["secret", "create", "word", "-"], { input: "hidden" });
    expect(secret.exitCode).toBe(0);
    expect(await ok("run", "--rm", "--network", "none", "--secret", "word", baseImage, "cat", "/run/secrets/word")).toBe("hidden");
    await ok("secret", "rm", "word");
  });

  it.skipIf(!able)("handles pods", async () => {
    const id = await ok("pod", "create", "--name", "some", "--network", "none");
    await ok("run", "-d", "--pod", "some", "--name", "member", baseImage, "sleep", "100");
    expect(await ok("pod", "ps", "--no-trunc", "--format", "{{.ID}} {{.Name}} {{.Status}} {{.NumberOfContainers}}")).toBe(
      `${id} some Running 2`,
    );
    expect(await ok("pod", "stop", "-t", "1", "some")).toBe("some");
    await ok("pod", "rm", "-f", "some");
    expect((await remote("pod", "exists", "some")).exitCode).toBe(1);
  });

  it.skipIf(!able)("tells of the service, and what it uses", async () => {
    expect(await ok("info", "--format", "{{.Store.GraphRoot}}")).toBe(world.graphRoot);
    expect(await ok("version", "--format", "{{.Server.Os}}")).toBe("linux");
    expect(await ok("system", "df")).toContain("Images");
  });
});
